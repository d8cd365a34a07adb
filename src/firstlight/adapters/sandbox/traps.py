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
        self._touched: dict[str, None] = {}
        self._folder: Path | None = None
        self._fd = -1
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
        libc = ctypes.CDLL(None, use_errno=True)
        self._fd = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for number, (path, content) in enumerate(self._files.items()):
            file = self._folder / str(number)
            file.write_bytes(content)
            file.chmod(0o444)
            watch = libc.inotify_add_watch(self._fd, os.fsencode(file), _OPENED)
            if self._fd < 0 or watch < 0:
                reason = os.strerror(ctypes.get_errno())
                self.__exit__(None, None, None)
                raise SandboxUnavailable(f"A trap cannot be watched: {reason}.")
            self._places[watch] = path
            self.flags += ["--ro-bind", os.fspath(file), path]
        return self

    def touched(self) -> Sequence[str]:
        """The paths inside of those that were opened so far."""
        while self._fd >= 0:
            try:
                data = os.read(self._fd, _BUFFER)
            except OSError as problem:
                if problem.errno == errno.EAGAIN:
                    break
                raise
            at = 0
            while at < len(data):
                watch, _, _, length = _EVENT.unpack_from(data, at)
                at += _EVENT.size + length
                if watch in self._places:
                    self._touched[self._places[watch]] = None
        return tuple(self._touched)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop watching and remove the files."""
        del kind, error, trace
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
