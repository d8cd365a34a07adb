"""A folder that is in memory alone: where a runner builds and runs sealed tasks.

1. It lies on a tmpfs, which is asked of the kernel and not of the name; programs may be run there.
2. It is removed at the end. What a killed process left is removed by the next one that comes.
3. This process writes no core file while it holds one.

What is not prevented: pages of a tmpfs can be swapped out. Encrypt the swap, or have none.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path

from firstlight.adapters.sandbox.tree import remove
from firstlight.core.kernel.errors import Unavailable

MEMORY_BYTES = 256 << 20
"""of built programs; over it, those longest unused go"""
_PREFIX = "firstlight-sealed-"


class NoMemoryFolder(Unavailable):
    """There is no folder in memory on which sealed tasks could be built."""

    code = "suite.no_memory_folder"
    next_step = (
        "Mount a tmpfs from which programs may be run, and name it in FIRSTLIGHT_MEMORY_FOLDER."
    )


@contextlib.contextmanager
def memory_folder(below: Path) -> Iterator[Path]:
    """A private folder in memory while the block lasts.

    Raises:
        NoMemoryFolder: `below` is not a tmpfs, or nothing may be run or written there.
    """
    kind, options = _mounted(below)
    why = unfit(kind, options)
    if why:
        raise NoMemoryFolder(f"{below} {why}")
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    _sweep(below)
    folder = below / f"{_PREFIX}{secrets.token_hex(8)}"
    lock = folder.with_suffix(".lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise NoMemoryFolder(f"{below}: {error.strerror}") from None
    try:
        yield folder
    finally:
        remove(folder)
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def unfit(kind: str, options: Sequence[str]) -> str:
    """Why a mount cannot hold sealed tasks, as the rest of a sentence; nothing when it can."""
    if kind != "tmpfs":
        return f"is on {kind or 'nothing known'}, not on a tmpfs"
    if "noexec" in options or "ro" in options:
        return "is mounted so that nothing can be built and run there"
    return ""


def _sweep(below: Path) -> None:
    """Remove what killed processes left: their locks are free."""
    for lock in below.glob(f"{_PREFIX}*.lock"):
        with contextlib.suppress(OSError):
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(lock.with_suffix(""))
                lock.unlink(missing_ok=True)
            finally:
                os.close(descriptor)


def _mounted(path: Path) -> tuple[str, tuple[str, ...]]:
    """The kind of file system at a path and its mount's options, from the kernel's own list."""
    with contextlib.suppress(OSError):
        real = path.resolve(strict=True)
        best: tuple[int, str, tuple[str, ...]] = (-1, "", ())
        for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
            fields, _, rest = line.partition(" - ")
            place, options = fields.split()[4:6]
            if real == Path(place) or Path(place) in real.parents:
                # A later line of the same place lies over an earlier one.
                found = (len(place), rest.split()[0], tuple(options.split(",")))
                best = found if found[0] >= best[0] else best
        return best[1:]
    return "", ()
