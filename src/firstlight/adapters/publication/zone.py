"""The folder of signed files. Each file appears whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from firstlight.core.kernel.errors import Invalid, Unavailable


class ZoneUnwritable(Unavailable):
    """The public zone's folder cannot be written."""

    code = "publication.zone_unwritable"
    next_step = "Check free space and the folder's owner; publication is tried again by itself."


class FolderZone:
    """Implements the `PublicZone` port on a folder."""

    def __init__(self, folder: Path) -> None:
        """The folder is created on first use, readable by everyone."""
        self._folder = folder

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write all files; writing the same again changes nothing.

        Raises:
            Invalid: a path is absolute or leaves the zone.
            ZoneUnwritable: the file system refuses.
        """
        for path, content in files.items():
            parts = PurePosixPath(path)
            if parts.is_absolute() or ".." in parts.parts or not parts.parts:
                raise Invalid(f"{path[:80]!r} is no path inside the public zone")
            try:
                _write(self._folder / parts, content)
            except OSError as error:
                raise ZoneUnwritable(f"{path}: {error.strerror}") from error


def _write(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name itself survives a power cut
    finally:
        os.close(folder)
