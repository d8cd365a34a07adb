"""Python: tracebacks, plain or under Atheris. Printed outermost first, so they are turned round."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.dedupe.crash.draft import RawFrame
from firstlight.core.clearinghouse.dedupe.crash.families.base import Family
from firstlight.core.clearinghouse.dedupe.crash.model import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firstlight.core.clearinghouse.dedupe.crash.draft import Draft

_FRAME = re.compile(r'\s{0,40}File "([^"]{1,1000})", line (\d{1,7}), in (.{1,300})$')
_EXCEPTION = re.compile(r"([A-Za-z_][\w.]{0,200})(?::|$)")
_START = "Traceback (most recent call last):"
_ATHERIS = "=== Uncaught Python exception: ==="
_PYSECSAN = "===BUG DETECTED: PySecSan:"


def turned_round(lines: Sequence[str]) -> list[str] | None:
    """The title and then the frames from the innermost, when a fuzzer reports a Python crash."""
    start = next(
        (
            at
            for at, line in enumerate(lines)
            if line.strip() == _ATHERIS or line.startswith(_PYSECSAN)
        ),
        None,
    )
    if start is None:
        return None
    end = next(
        (
            at
            for at in range(start + 1, len(lines))
            if "=========" in lines[at] or "== ERROR: " in lines[at]
        ),
        len(lines),
    )
    return [lines[start], *reversed(lines[start + 1 : end])]


def last_traceback(lines: Sequence[str]) -> list[str] | None:
    """The last traceback of a text, turned round behind a title of its own."""
    starts = [at for at, line in enumerate(lines) if line.strip().endswith(_START)]
    if not starts:
        return None
    start = starts[-1] + 1
    end = next(
        (at for at in range(start, len(lines)) if lines[at].strip() and not lines[at][0].isspace()),
        None,
    )
    if end is None or not _EXCEPTION.match(lines[end]):
        return None
    return [_ATHERIS, lines[end], *reversed(lines[start:end])]


class Python(Family):
    """Reads a traceback that was turned round."""

    def read(self, line: str, draft: Draft) -> bool:  # noqa: D102 - said by the base
        if line.strip() == _ATHERIS:
            draft.report("Uncaught exception", Tool.PYTHON)
            return True
        if line.startswith(_PYSECSAN):
            draft.report("PySecSan", Tool.PYTHON)
            return True
        if draft.tool is Tool.PYTHON and draft.exception is None and not line[:1].isspace():
            name = _EXCEPTION.match(line)
            draft.exception = name[1] if name else None
        return False

    def frame(self, line: str, draft: Draft) -> RawFrame | None:  # noqa: D102 - said by the base
        match = _FRAME.match(line) if draft.tool is Tool.PYTHON else None
        if not match:
            return None
        return RawFrame(text=match[3], file=match[1], line=int(match[2]))
