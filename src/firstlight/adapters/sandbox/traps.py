"""Files that nobody has any business with, shown inside and watched from outside.

Each is a file of the host's own, bound read-only into the sandbox and watched by inotify from
before the command starts, so that the watching neither runs inside nor can be late. Looking at a
folder or at a file's size opens nothing; reading the file does.
"""

from __future__ import annotations

import ctypes
import errno
import os
import posixpath
import shutil
import struct
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from firstlight.core.kernel.errors import Invalid, SandboxUnavailable

PLACE = "/opt/"
"""below which traps lie: nothing else is there"""
_MOST = 16
_BYTES = 64 << 10
_OPENED = 0x00000020
"""IN_OPEN of inotify(7)"""
_EVENT = struct.Struct("iIII")
_BUFFER = 1 << 16


class _Watching:
    """One inotify of this process for all its runs: closing one takes the kernel 15 ms."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._lock = threading.Lock()
        self._opened: dict[int, bool] = {}
        self._fd = -1
        self._pid = 0

    def add(self, file: Path) -> int:
        """Begin to watch a file; gives its number.

        Raises:
            SandboxUnavailable: the kernel refuses.
        """
        with self._lock:
            if self._pid != os.getpid():
                # A fork would read the events of its parent.
                self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
                self._pid, self._opened = os.getpid(), {}
            number: int = self._libc.inotify_add_watch(self._fd, os.fsencode(file), _OPENED)
            if self._fd < 0 or number < 0:
                self._pid = 0 if self._fd < 0 else self._pid
                reason = os.strerror(ctypes.get_errno())
                raise SandboxUnavailable(f"A trap cannot be watched: {reason}.")
            self._opened[number] = False
            return number

    def opened(self, number: int) -> bool:
        """Whether the file was opened since it is watched."""
        with self._lock:
            self._drain()
            return self._opened.get(number, False)

    def drop(self, number: int) -> None:
        """Stop watching a file."""
        with self._lock:
            self._drain()
            self._libc.inotify_rm_watch(self._fd, number)
            self._opened.pop(number, None)

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._fd, _BUFFER)
            except OSError as problem:
                if problem.errno == errno.EAGAIN:
                    return
                raise
            at = 0
            while at < len(data):
                number, mask, _, length = _EVENT.unpack_from(data, at)
                at += _EVENT.size + length
                if number in self._opened and mask & _OPENED:
                    self._opened[number] = True


_watching = _Watching()


class Traps:
    """A context manager: inside, `flags` belong on the command line of bubblewrap."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        """`files` by path inside.

        Raises:
            Invalid: a path lies elsewhere, or there are too many or too large files.
        """
        if len(files) > _MOST or sum(map(len, files.values())) > _BYTES:
            raise Invalid("Too many or too large traps.", most=_MOST, size_limit=_BYTES)
        for path in files:
            if posixpath.normpath(path) != path or not path.startswith(PLACE) or "\0" in path:
                raise Invalid(f"A trap must lie plainly below {PLACE}", path=path[:200])
        self._files = files
        self._places: dict[int, str] = {}
        self._folder: Path | None = None
        self.flags: list[str] = []

    def __enter__(self) -> Self:
        """Make the files and begin to watch them."""
        if not self._files:
            return self
        self._folder = Path(tempfile.mkdtemp(prefix="firstlight-traps-"))
        self._folder.chmod(0o755)
        folders = {os.fspath(one) for path in self._files for one in Path(path).parents}
        for folder in sorted(folders - {"/"}):
            self.flags += ["--perms", "0755", "--dir", folder]
        try:
            for number, (path, content) in enumerate(self._files.items()):
                file = self._folder / str(number)
                file.write_bytes(content)
                file.chmod(0o444)
                self._places[_watching.add(file)] = path
                self.flags += ["--ro-bind", os.fspath(file), path]
        except SandboxUnavailable:
            self.__exit__(None, None, None)
            raise
        return self

    def touched(self) -> Sequence[str]:
        """The paths inside of those that were opened so far."""
        return [path for number, path in self._places.items() if _watching.opened(number)]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching and remove the files."""
        del kind, error, trace
        for number in self._places:
            _watching.drop(number)
        self._places = {}
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
