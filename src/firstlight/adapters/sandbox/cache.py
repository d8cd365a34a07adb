"""Built trees, kept by what went into them; safe for several processes, bounded in size.

Rules:
- an entry appears by one rename, complete or not at all;
- whoever builds or uses an entry holds a lock on it: exclusive to build, shared to use; so two
  processes never build the same tree at once, and nothing in use is removed;
- over the limit, the entries longest unused go first;
- what a killed process left half-built is removed by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from firstlight.adapters.sandbox.disk import extent
from firstlight.adapters.sandbox.tree import remove

DEFAULT_BYTES = 8 << 30
"""of all entries together"""


@contextlib.contextmanager
def _locked(path: Path, kind: int) -> Iterator[int]:
    """Hold a lock on a file; raises BlockingIOError with LOCK_NB."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, kind)
            # Between opening and locking, the file may have been removed with its entry.
            with contextlib.suppress(FileNotFoundError):
                if os.fstat(fd).st_ino == path.stat().st_ino:
                    yield fd
                    return
        finally:
            os.close(fd)


class BuildCache:
    """Folders by key."""

    def __init__(self, folder: Path, limit_bytes: int = DEFAULT_BYTES) -> None:
        self._entries = folder / "builds"
        self._locks = folder / "locks"
        self._work = folder / "work"
        self._limit = limit_bytes
        for each in (self._entries, self._locks, self._work):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sweep()

    def _sweep(self) -> None:
        """Remove what killed processes left half-done."""
        for lock in self._work.glob("*.lock"):
            with (
                contextlib.suppress(BlockingIOError, FileNotFoundError),
                _locked(lock, fcntl.LOCK_EX | fcntl.LOCK_NB),
            ):
                remove(lock.with_suffix(""))
                lock.unlink()

    @contextlib.contextmanager
    def work(self) -> Iterator[Path]:
        """A fresh folder, removed at the end if it is still there."""
        folder = self._work / secrets.token_hex(8)
        lock = self._work / f"{folder.name}.lock"
        with _locked(lock, fcntl.LOCK_EX):
            folder.mkdir(mode=0o700)
            try:
                yield folder
            finally:
                if folder.exists():
                    remove(folder)
                lock.unlink()

    @contextlib.contextmanager
    def building(self, key: str) -> Iterator[None]:
        """Alone with this key; nobody else builds or removes it."""
        with _locked(self._locks / key, fcntl.LOCK_EX):
            yield

    @contextlib.contextmanager
    def using(self, key: str) -> Iterator[Path | None]:
        """The entry, which stays while it is used; None when there is none."""
        with _locked(self._locks / key, fcntl.LOCK_SH):
            entry = self._entries / key
            if entry.is_dir():
                os.utime(entry)
                yield entry
            else:
                yield None

    def holds(self, key: str) -> bool:
        """Whether there is an entry now."""
        return (self._entries / key).is_dir()

    def keep(self, key: str, folder: Path) -> None:
        """Make a folder the entry of `key`; call inside `building`."""
        (folder / "size").write_text(str(extent(folder).size), "ascii")
        folder.rename(self._entries / key)

    def trim(self) -> None:
        """Remove entries, longest unused first, until the rest is within the limit."""
        found = []
        for entry in self._entries.iterdir():
            with contextlib.suppress(OSError, ValueError):
                size = int((entry / "size").read_text("ascii"))
                found.append((entry.stat().st_mtime, size, entry))
        total = sum(size for _, size, _ in found)
        for _, size, entry in sorted(found):
            if total <= self._limit:
                return
            lock = self._locks / entry.name
            with contextlib.suppress(BlockingIOError), _locked(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
                self._drop(entry)
                lock.unlink()
                total -= size

    def _drop(self, entry: Path) -> None:
        # First out of the way, so that a kill between leaves no half entry.
        gone = self._work / secrets.token_hex(8)
        (self._work / f"{gone.name}.lock").touch(mode=0o600)
        entry.rename(gone)
        remove(gone)
        (self._work / f"{gone.name}.lock").unlink(missing_ok=True)
