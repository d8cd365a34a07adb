"""Bounds where control groups cannot be written: a watchdog outside and rlimits inside.

This is the degraded level. It is weaker in ways that `NOTES` names in every result: memory is
looked at every few milliseconds and can be overshot in between; processor share is not bounded.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from firstlight.adapters.sandbox.enclosure import Launch, Usage
from firstlight.usecases.ports.execution import ContainmentLevel, Limits, Stopped

NOTES = (
    "memory: watched every 20 ms from outside, not bounded by the kernel; files are not counted",
    "processes: RLIMIT_NPROC and a watchdog instead of a control group",
    "cpu share: not limited; CPU time of each process is",
)
_INTERVAL = 0.02
_OURS = 3
"""two processes of bubblewrap and the supervisor"""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MOST_LOOKED_AT = 4096
"""processes; more than any limit admits"""


def _family(root: int) -> list[int]:
    """Live descendants of a process, itself included."""
    found = [root]
    for pid in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                children = (task / "children").read_text("ascii")
                found += map(int, children.split())
        if len(found) > _MOST_LOOKED_AT:
            break
    return found


def _threads_and_memory(pid: int) -> tuple[int, int]:
    """Number of threads and bytes of anonymous memory; nothing for one that is gone."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        resident, shared = Path(f"/proc/{pid}/statm").read_text("ascii").split()[1:3]
        return len(list(Path(f"/proc/{pid}/task").iterdir())), (int(resident) - int(shared)) * _PAGE
    return 0, 0


class Watchdog:
    """See `Enclosure`."""

    level = ContainmentLevel.L1_DEGRADED
    notes: Sequence[str] = NOTES
    blocks = False
    interval: float | None = _INTERVAL

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # The kernel counts inside the sandbox's own user namespace; the supervisor is in there.
        self.rlimit_processes: int | None = limits.processes + _OURS
        self._root: int | None = None
        self._peak = 0
        self._hit: Stopped | None = None

    def start(self, launch: Launch) -> subprocess.Popen[bytes]:
        """See `Enclosure`."""
        process = launch()
        self._root = process.pid
        return process

    def admit(self, pids: Sequence[int]) -> None:
        """Nothing to do: the watchdog follows the family."""

    def over(self) -> Stopped | None:
        """See `Enclosure`."""
        if self._root is None:
            return None
        rows = [_threads_and_memory(pid) for pid in _family(self._root)]
        memory = sum(row[1] for row in rows)
        self._peak = max(self._peak, memory)
        if memory > self._limits.memory_bytes:
            self._hit = Stopped.MEMORY
        elif sum(row[0] for row in rows) > self._limits.processes + _OURS:
            self._hit = Stopped.PROCESSES
        return self._hit

    def usage(self) -> Usage:
        """See `Enclosure`."""
        return Usage(
            cpu_seconds=None,
            peak_memory_bytes=self._peak or None,
            memory_hit=self._hit is Stopped.MEMORY,
            processes_hit=self._hit is Stopped.PROCESSES,
        )

    def release(self) -> None:
        """Nothing is held: the process namespace died with its first process."""
