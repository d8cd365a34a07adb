"""Marks in plain text and Markdown: a line at the top, at the end, and again and again between.

From one mark to the next there are at most `FARTHEST` characters of the document, so whoever
copies more than that and two marks' length copies a whole mark with it. Marks stand between
paragraphs where they can, else between lines, else between words, else anywhere.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from firstlight.adapters.vault.marks.reader import ReaderMark
from firstlight.core.kernel.errors import BadEncoding, TooLarge

MAX_TEXT_BYTES = 32 << 20
NEAREST, FARTHEST = 800, 1600
"""characters of the document between two marks"""
_BORDERS = (re.compile(r"\r?\n[ \t]*\r?\n"), re.compile(r"\n"), re.compile(r"\s"))
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)
_PUNCTUATION = re.compile(r"([!-,./:-@\[-`{-~])")
"""what Markdown may read as a sign; the hyphen means nothing within a line"""


def mark_text(content: bytes, mark: ReaderMark) -> bytes:
    """Plain text with marks.

    Raises:
        BadEncoding: it is not UTF-8.
        TooLarge: it is longer than 32 MiB.
    """
    return _marked(_decoded(content), mark.line, ()).encode()


def mark_markdown(content: bytes, mark: ReaderMark) -> bytes:
    """Markdown with marks that a renderer shows as text. Raises as `mark_text`."""
    text = _decoded(content)
    label = _PUNCTUATION.sub(r"\\\1", mark.label)
    return _marked(text, f"{mark.code} Copy for {label}", tuple(_fences(text))).encode()


def _decoded(content: bytes) -> str:
    if len(content) > MAX_TEXT_BYTES:
        raise TooLarge("the text is too long to be marked", limit=MAX_TEXT_BYTES)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadEncoding from None


def _marked(text: str, line: str, avoid: tuple[tuple[int, int], ...]) -> str:
    """The text with `line` at both ends and between; not within `avoid` while that can be."""
    end = "\r\n" if "\r\n" in text[:FARTHEST] else "\n"
    parts = [line, end, end]
    at = 0
    for cut in _cuts(text, avoid):
        parts += [text[at:cut], "" if text[cut - 1] == "\n" else end, line, end]
        if _ends_paragraph(text, cut):
            parts.append(end)
        at = cut
    parts += [text[at:], end, end, line, end]
    return "".join(parts)


def _cuts(text: str, avoid: tuple[tuple[int, int], ...]) -> Iterator[int]:
    at = 0
    starts = [start for start, _ in avoid]
    while len(text) - at > FARTHEST:
        at = _cut(text, at, avoid, starts)
        yield at


def _cut(text: str, at: int, avoid: tuple[tuple[int, int], ...], starts: list[int]) -> int:
    """The best place for the next mark."""
    lowest, highest = at + NEAREST, at + FARTHEST
    for border in _BORDERS:
        first = None
        for found in border.finditer(text, lowest, highest):
            index = bisect_right(starts, found.end()) - 1
            if index < 0 or found.end() >= avoid[index][1]:
                return found.end()
            first = first or found.end()
        if first and border is not _BORDERS[0]:
            return first
    return highest


def _ends_paragraph(text: str, cut: int) -> bool:
    return bool(re.search(r"\n[ \t]*\r?\n\Z", text[max(0, cut - 80) : cut]))


def _fences(text: str) -> Iterator[tuple[int, int]]:
    """Where blocks of code begin and end, as CommonMark 0.31 (section 4.5) tells them."""
    opened: tuple[int, str] | None = None
    for found in _FENCE.finditer(text):
        sign = found[1]
        if opened is None:
            if "`" not in found[2] or sign[0] == "~":
                opened = (found.start(), sign)
        elif sign.startswith(opened[1]) and not found[2].strip():
            yield opened[0], found.end() + 1
            opened = None
    if opened is not None:
        yield opened[0], len(text)
