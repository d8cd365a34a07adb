"""Files kept by the digest of their content, so that a second run needs no network."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from firstlight.adapters.outgoing import OutgoingDigestMismatch


class DownloadCache:
    """A folder of files named `algorithm/digest`. What is read is verified each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, algorithm: str, digest: str, fetch: Callable[[], bytes]) -> bytes:
        """The content with this digest (hexadecimal), from the folder or from `fetch`.

        Raises:
            OutgoingDigestMismatch: what was fetched is not the pinned content; it is not kept.
        """
        path = self._folder / algorithm / digest
        if path.is_file():
            kept = path.read_bytes()
            if hashlib.new(algorithm, kept).hexdigest() == digest:
                return kept
        data = fetch()
        found = hashlib.new(algorithm, data).hexdigest()
        if found != digest:
            raise OutgoingDigestMismatch(
                "The registry's file is not the pinned one.", expected=digest, found=found
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{digest}.{secrets.token_hex(4)}")
        part.write_bytes(data)
        os.replace(part, path)  # noqa: PTH105  # the atomic rename, named as what it is
        return data
