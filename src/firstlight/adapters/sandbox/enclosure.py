"""What bounds a whole run from outside: the port between the sandbox and cgroups or a watchdog."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.usecases.ports.execution import ContainmentLevel, Stopped

Launch = Callable[[], "subprocess.Popen[bytes]"]


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a run used, and which bounds it ran into."""

    cpu_seconds: float | None
    peak_memory_bytes: int | None
    memory_hit: bool
    """a process was killed for want of memory"""
    processes_hit: bool
    """a fork was refused"""


class Enclosure(Protocol):
    """The bounds of one run on memory, processes and processor, as a group."""

    level: ContainmentLevel
    notes: Sequence[str]
    """bounds that are weaker than asked for, by name"""
    blocks: bool
    """the command must wait until `admit` has been called"""
    interval: float | None
    """seconds between two calls of `over`; None when the kernel watches"""
    rlimit_processes: int | None
    """RLIMIT_NPROC for the command, where nothing else counts processes"""

    def start(self, launch: Launch) -> subprocess.Popen[bytes]:
        """Call `launch` so that what it starts is enclosed."""
        ...

    def admit(self, pids: Sequence[int]) -> None:
        """Enclose processes that are already there, while the command still waits."""
        ...

    def over(self) -> Stopped | None:
        """The bound that the run has passed, if it is one the kernel does not enforce."""
        ...

    def usage(self) -> Usage:
        """What was used; after the end of the run."""
        ...

    def release(self) -> None:
        """Kill what is left and give the enclosure back."""
        ...
