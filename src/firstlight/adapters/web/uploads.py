"""Files that people upload are held in memory, within the bound; none is written to a disk."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler


class OnlyInMemory(MemoryFileUploadHandler):
    """Django's own handler, alone: what it would leave to the one with temporary files is refused.

    By default a file above the bound goes into a temporary file, in clear and before any view has
    seen the request.
    """

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ANN401  # Django's signature
        META: dict[str, Any],  # noqa: N803  # likewise
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Refuse by the announced length, before a byte is read. Raises RequestDataTooBig."""
        super().handle_raw_input(input_data, META, content_length, boundary, encoding)
        if not self.activated:
            raise RequestDataTooBig(f"{content_length} bytes are more than are read at once")
