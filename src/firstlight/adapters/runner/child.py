"""Runs a runner as a child process on loopback; started again when it dies, dead with its parent.

- The parent listens and hands the socket over, so the address stays the same over restarts and
  requests that come in between wait in the queue of the socket.
- A fresh token goes through the child's standard input, never through arguments or environment;
  the end of that input (the parent closed it, or is dead) ends the child.
- The environment is made of the few names below: no secret of the parent is inherited.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from firstlight.adapters.runner.client import HttpRunner

_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_PAUSE_LEAST, _PAUSE_MOST = 0.1, 5.0
"""seconds before a dead child is started again; doubles while it keeps dying at once"""
_HEALTHY_SECONDS = 10.0
_END_SECONDS = 5.0


class Instructions(msgspec.Struct, frozen=True, kw_only=True):
    """What a child is told, as one line of JSON on its standard input."""

    token: str
    socket: int
    """descriptor of the listening socket"""
    cache_folder: str
    cache_bytes: int
    places: int


class RunnerChild:
    """A context manager: inside, `runner()` works; after it, no process is left."""

    def __init__(self, cache_folder: Path, *, cache_bytes: int = 8 << 30, places: int = 2) -> None:
        """`places` experiments at once."""
        self._cache_folder = cache_folder
        self._cache_bytes = cache_bytes
        self._places = places
        self._token = secrets.token_urlsafe(32)
        self._listen = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._keeper = threading.Thread(target=self._keep, name="runner-keeper", daemon=True)

    @property
    def url(self) -> str:
        """Where it listens, for as long as this object lives."""
        return f"http://127.0.0.1:{self._listen.getsockname()[1]}"

    @property
    def pid(self) -> int | None:
        """Of the present child; None between two."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def runner(self) -> HttpRunner:
        """A client of it."""
        return HttpRunner(self.url, self._token)

    def __enter__(self) -> Self:
        """Start the child; requests may be made at once."""
        with self._lock:
            self._child = self._start()
        self._keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the child."""
        self._closing.set()
        with self._lock:
            child = self._child
            if child is not None:
                _end(child)
        self._keeper.join(_END_SECONDS)
        self._listen.close()

    def _start(self) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-I", "-m", "firstlight.adapters.runner"],
            stdin=subprocess.PIPE,
            env=environment(os.environ),
            pass_fds=[self._listen.fileno()],
            cwd="/",
            # Ctrl-C in the parent's terminal is the parent's to handle.
            start_new_session=True,
        )
        told = Instructions(
            token=self._token,
            socket=self._listen.fileno(),
            cache_folder=os.fspath(self._cache_folder.absolute()),
            cache_bytes=self._cache_bytes,
            places=self._places,
        )
        if child.stdin is not None:
            try:
                child.stdin.write(msgspec.json.encode(told) + b"\n")
                child.stdin.flush()
            except BrokenPipeError:
                # It died at once; the keeper will see.
                return child
        return child

    def _keep(self) -> None:
        pause = _PAUSE_LEAST
        while not self._closing.is_set():
            child, began = self._child, time.monotonic()
            if child is not None:
                child.wait()
                _close(child)
            lived = time.monotonic() - began
            pause = _PAUSE_LEAST if lived > _HEALTHY_SECONDS else min(pause * 2, _PAUSE_MOST)
            if self._closing.wait(pause):
                return
            with self._lock:
                if not self._closing.is_set():
                    self._child = self._start()


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """The few variables that a runner needs; everything else stays with the parent."""
    return {name: given[name] for name in _INHERITED if name in given}


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        try:
            child.stdin.close()
        except BrokenPipeError:
            return


def _end(child: subprocess.Popen[bytes]) -> None:
    _close(child)
    try:
        child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
