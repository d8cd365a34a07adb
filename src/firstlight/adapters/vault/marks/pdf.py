"""Marks in PDF documents, made by a child process with hard limits.

A PDF is a hostile format: it can make its reader loop, recurse and swell. So it is read in a
process of its own, which sets its limits (processor time, memory, no files) before the first byte
and gets the document through a pipe; no plain text touches a disk. That child dying is an answer.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from firstlight.adapters.vault.marks.reader import ReaderMark
from firstlight.adapters.vault.marks.refusal import SENTENCES, Refusal
from firstlight.core.kernel.errors import Invalid, TooLarge, Unavailable

MAX_PDF_BYTES = 64 << 20
MAX_PAGES = 5000
CPU_SECONDS = 20
WALL_SECONDS = 60
"""more than the processor time, for a busy machine"""
MEMORY_BYTES = 1536 << 20
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
_CHILD = "firstlight.adapters.vault.marks.pdf_child"


class NotMarkable(Invalid):
    """The document cannot carry a reader's mark, so it is not handed out."""

    code = "vault.not_markable"
    next_step = "Upload it as a plain PDF (printed anew, unencrypted), as text or as Markdown."


class MarkerUnavailable(Unavailable):
    """The process that marks PDF documents cannot be started."""

    code = "vault.marker_unavailable"


def mark_pdf(content: bytes, mark: ReaderMark) -> bytes:
    """The PDF with the mark as text at the top and the bottom of each page.

    Raises:
        TooLarge: more than 64 MiB.
        NotMarkable: encrypted, damaged, with attachments, or beyond a limit.
        MarkerUnavailable: no child process.
    """
    if len(content) > MAX_PDF_BYTES:
        raise TooLarge("the PDF is too large to be marked", limit=MAX_PDF_BYTES)
    limits = {"pages": MAX_PAGES, "cpu_seconds": CPU_SECONDS, "memory_bytes": MEMORY_BYTES}
    order = json.dumps({"line": mark.line, "code": mark.code, **limits}).encode()
    try:
        finished = subprocess.run(
            [sys.executable, "-I", "-m", _CHILD],
            input=order + b"\n" + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what a parser says about a sealed document stays here
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotMarkable("reading the PDF takes too long", seconds=WALL_SECONDS) from None
    except OSError as error:
        raise MarkerUnavailable(f"no child process: {error.strerror}") from error
    if finished.returncode == 0:
        return finished.stdout
    raise NotMarkable(_reason(finished.returncode))


def _reason(code: int) -> str:
    if code < 0:
        return "reading the PDF takes too long or too much"
    if code in set(Refusal):
        return SENTENCES[Refusal(code)]
    return "the PDF is damaged"
