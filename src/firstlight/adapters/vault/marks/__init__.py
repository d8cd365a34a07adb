"""Marks that tell one reader's copy from another's, in PDF, plain text and Markdown.

Other types are refused: what cannot carry a mark is not handed out.
"""

from __future__ import annotations

from firstlight.adapters.vault.marks.pdf import NotMarkable, mark_pdf
from firstlight.adapters.vault.marks.reader import (
    BadLabel,
    ReaderMark,
    ReaderMarks,
    find_mark,
)
from firstlight.adapters.vault.marks.text import mark_markdown, mark_text

_MARKERS = {
    "application/pdf": mark_pdf,
    "text/plain": mark_text,
    "text/markdown": mark_markdown,
}
MEDIA_TYPES = frozenset(_MARKERS)

__all__ = [
    "MEDIA_TYPES",
    "BadLabel",
    "NotMarkable",
    "ReaderMark",
    "ReaderMarks",
    "check_markable",
    "find_mark",
    "mark",
]


def mark(content: bytes, media_type: str, reader_mark: ReaderMark) -> bytes:
    """A copy of the document that carries its reader's mark.

    Raises:
        NotMarkable: another type, or a document that cannot carry a mark.
        TooLarge: beyond the type's limit.
        BadEncoding: text that is not UTF-8.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind not in _MARKERS:
        raise NotMarkable(f"{kind[:60]!r} cannot carry a mark", media_types=sorted(MEDIA_TYPES))
    return _MARKERS[kind](content, reader_mark)


def check_markable(content: bytes, media_type: str) -> None:
    """Refuse a document at upload that could not be handed out later. Raises as `mark`."""
    mark(content, media_type, ReaderMark(label="nobody", code="FLM-0000-0000-0000-0000"))
