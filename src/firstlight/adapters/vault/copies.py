"""Marked copies: what the `Marker` port needs, over marks and their key."""

from __future__ import annotations

import re
from pathlib import Path

from firstlight.adapters.vault.marks import ReaderMarks, check_markable, mark
from firstlight.core.review.documents import Download

_CODE = re.compile(r"FLM(?:-[0-9A-HJKMNP-TV-Z]{4}){4}")


class MarkedCopies:
    """Implements the `Marker` port."""

    def __init__(self, key_file: Path) -> None:
        """The key of marks, made on first use; it outlives engagements."""
        self._marks = ReaderMarks(key_file)

    def check(self, content: bytes, media_type: str) -> None:
        """Raises NotMarkable, TooLarge, BadEncoding, MarkerUnavailable."""
        check_markable(content, media_type)

    def mark(self, content: bytes, media_type: str, download: Download) -> bytes:
        """Raises as `check`, and BadLabel."""
        issued = self._marks.issue(
            engagement=str(download.engagement),
            document_id=str(download.document),
            reader=download.reader,
            occasion=str(download.id),
        )
        return mark(content, media_type, issued)

    def is_of(self, code: str, download: Download) -> bool:
        """Whether a code that was found stands in the copy of this download."""
        if not _CODE.fullmatch(code):
            return False
        return self._marks.recognises(
            code,
            engagement=str(download.engagement),
            document_id=str(download.document),
            reader=download.reader,
            occasion=str(download.id),
        )
