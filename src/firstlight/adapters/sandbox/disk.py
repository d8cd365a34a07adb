"""What folders bound writable hold: watched from outside, because a plain folder has no quota."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.25
"""seconds between two looks"""
_REST = 8
"""a look may take at most one part in this many of the time"""
_RESERVE = 256 << 20
"""bytes that stay free on the disk, whatever the limit"""
_ENTRIES = 400_000
"""files and folders; more would exhaust inodes before bytes"""


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How large a folder is."""

    size: int
    """bytes on the disk, holes not counted"""
    entries: int


def extent(folder: Path) -> Extent:
    """Measure a folder that may change meanwhile; links are not followed."""
    size = entries = 0
    todo = [os.fspath(folder)]
    while todo and entries <= _ENTRIES:
        try:
            with os.scandir(todo.pop()) as found:
                for entry in found:
                    entries += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
        except OSError:
            # Removed or closed to us while we looked; the next look sees the rest.
            continue
    return Extent(size=size, entries=entries)


class DiskWatch:
    """Tells when folders have outgrown their limit together."""

    def __init__(self, folders: Sequence[Path], limit: int) -> None:
        self._folders = folders
        self._limit = limit
        self._next = time.monotonic()

    def over(self) -> bool:
        """Whether the limit is passed; looks only when a look is due."""
        now = time.monotonic()
        if now < self._next:
            return False
        found = [extent(folder) for folder in self._folders]
        took = time.monotonic() - now
        self._next = now + max(INTERVAL, took * _REST)
        return (
            sum(each.size for each in found) > self._limit
            or sum(each.entries for each in found) > _ENTRIES
            or any(_free(folder) < _RESERVE for folder in self._folders)
        )


def _free(folder: Path) -> int:
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize
