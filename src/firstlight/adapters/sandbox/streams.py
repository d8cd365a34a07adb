"""One loop over everything a run can say: its output, its report, its end, and the clock.

Output is capped while it is read; what is over is counted and dropped, and a flood far over the
limit ends the run. Nothing here waits without a bound.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from firstlight.adapters.sandbox.departures import departures
from firstlight.adapters.sandbox.supervisor import Report
from firstlight.core.kernel.errors import SandboxUnavailable
from firstlight.usecases.ports.execution import Limits, Stopped

_CHUNK = 1 << 16
_FLOOD_FACTOR = 64
_FLOOD_LEAST = 8 << 20
"""bytes; printing less than this never ends a run"""
_COLLECT_SECONDS = 10.0
"""for reading files back after the command's end"""
_END_SECONDS = 5.0
"""for the kernel to end everything after SIGKILL"""


@dataclass(kw_only=True)
class Output:
    """What came out of one stream."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    total: int = 0

    def take(self, chunk: bytes) -> None:
        """Keep what fits, count the rest."""
        self.total += len(chunk)
        self.kept += chunk[: max(0, self.limit - len(self.kept))]

    @property
    def flood(self) -> bool:
        """Far over the limit."""
        return self.total > max(_FLOOD_LEAST, self.limit * _FLOOD_FACTOR)


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Our ends of the pipes; closed by `Conversation.close`."""

    stdout: int
    stderr: int
    stdin: int | None
    report: socket.socket
    info: int
    """bubblewrap writes the number of its inner process here"""


class Conversation:
    """Follows one process from its start to the death of everything it started."""

    def __init__(
        self, process: subprocess.Popen[bytes], ends: Ends, stdin: bytes, limits: Limits
    ) -> None:
        self.process = process
        self.stdout = Output(limit=limits.output_bytes)
        self.stderr = Output(limit=limits.output_bytes)
        self.report = Report()
        self.stopped: Stopped | None = None
        self._ends = ends
        self._stdin = memoryview(stdin)
        self._info = bytearray()
        self.inner_pid: int | None = None
        self._inner: int | None = None
        """pidfd of the first process of the inner process namespace"""
        self._outer = os.pidfd_open(process.pid)
        self._deadline = time.monotonic() + limits.wall_seconds
        self._began: float | None = None
        self._ended: float | None = None
        self._selector = selectors.DefaultSelector()
        for fd, handler in self._handlers().items():
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ, handler)
        if ends.stdin is not None:
            os.set_blocking(ends.stdin, False)
            self._selector.register(ends.stdin, selectors.EVENT_WRITE, self._give)

    def _handlers(self) -> dict[int, Callable[[int], None]]:
        return {
            self._ends.stdout: lambda fd: self._read(fd, self.stdout.take),
            self._ends.stderr: lambda fd: self._read(fd, self.stderr.take),
            self._ends.report.fileno(): lambda fd: self._read(fd, self._hear),
            self._ends.info: lambda fd: self._read(fd, self._learn),
        }

    def _read(self, fd: int, take: Callable[[bytes], None]) -> None:
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return
        except ConnectionResetError:
            chunk = b""
        if chunk:
            take(chunk)
        else:
            self._selector.unregister(fd)

    def _hear(self, chunk: bytes) -> None:
        self.report.feed(chunk)
        now = time.monotonic()
        if self.report.started and self._began is None:
            self._began = now
        if self.report.status is not None and self._ended is None:
            self._ended = now
            self._deadline = now + _COLLECT_SECONDS

    def _learn(self, chunk: bytes) -> None:
        self._info += chunk
        with contextlib.suppress(ValueError):
            pid = json.loads(self._info)["child-pid"]
            self.inner_pid = int(pid)
            with contextlib.suppress(ProcessLookupError):
                self._inner = os.pidfd_open(self.inner_pid)

    def _give(self, fd: int) -> None:
        try:
            self._stdin = self._stdin[os.write(fd, self._stdin[:_CHUNK]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._stdin = self._stdin[:0]
        if not self._stdin:
            self._selector.unregister(fd)
            os.close(fd)

    def wait_for_inner(self) -> int:
        """The number of bubblewrap's inner process.

        Raises:
            SandboxUnavailable: it ended before it had one.
        """
        while self.inner_pid is None:
            if not self._selector.get_map().get(self._ends.info):
                raise SandboxUnavailable(f"bubblewrap did not start: {self.complaint()}")
            self._step(self._deadline)
            if time.monotonic() > self._deadline:
                raise SandboxUnavailable("bubblewrap did not start in time.")
        return self.inner_pid

    @property
    def wall_seconds(self) -> float:
        """How long the command itself ran; asked after `end`."""
        ended = self._ended or time.monotonic()
        return max(0.0, ended - (self._began or ended))

    def complaint(self) -> str:
        """What bubblewrap itself printed, for the operator."""
        return (
            bytes(self.stderr.kept[:2000]).decode("utf-8", "replace").strip() or "no reason given"
        )

    def _step(self, until: float) -> list[int]:
        ready = self._selector.select(max(0.0, until - time.monotonic()))
        for key, _ in ready:
            if key.data is not None:
                key.data(key.fd)
        return [key.fd for key, _ in ready]

    def follow(self, *, interval: float | None, over: Callable[[], Stopped | None]) -> None:
        """Until the run ends or passes a bound; `over` is asked every `interval` seconds."""
        self._selector.register(self._outer, selectors.EVENT_READ, None)
        due = time.monotonic() + interval if interval is not None else math.inf
        while self.stopped is None and time.monotonic() < self._deadline:
            if self._outer in self._step(min(self._deadline, due)):
                break
            now = time.monotonic()
            if self._ended is not None:
                # What was to be bounded is over; reading its files back has a deadline of its own.
                due = math.inf
                continue
            if self.stdout.flood or self.stderr.flood:
                self.stopped = Stopped.OUTPUT
            elif interval is not None and now >= due:
                due = now + interval
                self.stopped = over()
        else:
            # Left by its condition: a bound was passed, or the time was while nobody looked.
            if self.stopped is None and self._ended is None:
                self.stopped = Stopped.WALL_TIME
        self._selector.unregister(self._outer)

    def end(self) -> None:
        """Kill what is left, wait until all of it is dead, take the last output.

        Raises:
            SandboxUnavailable: something outlived SIGKILL; the machine needs a look.
        """
        if self.report.departures is None and self.inner_pid is not None:
            # Stopped before its supervisor could tell.
            self.report.departures = departures(self.inner_pid)
        self.process.kill()
        self.process.wait()
        if self._inner is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._inner, signal.SIGKILL)
            # The first process of a namespace is dead only after all others in it are.
            with selectors.DefaultSelector() as last:
                last.register(self._inner, selectors.EVENT_READ)
                if not last.select(_END_SECONDS):
                    raise SandboxUnavailable("A sandboxed process outlived SIGKILL.")
            # Ours to bury where we keep orphans in sight; elsewhere it is another's child.
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_PIDFD, self._inner, os.WEXITED | os.WNOHANG)
        # All writers are dead, so this ends; the bound is for a kernel that disagrees.
        until = time.monotonic() + _END_SECONDS
        while self._handlers().keys() & self._selector.get_map().keys():
            if not self._step(until):
                break

    def close(self) -> None:
        """Give back every descriptor."""
        if self._ends.stdin is not None and self._ends.stdin in self._selector.get_map():
            os.close(self._ends.stdin)
        self._selector.close()
        for fd in (self._ends.stdout, self._ends.stderr, self._ends.info, self._outer):
            os.close(fd)
        self._ends.report.close()
        if self._inner is not None:
            os.close(self._inner)
