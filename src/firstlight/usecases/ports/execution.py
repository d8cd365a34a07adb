"""Running what is not trusted: the sandbox, and experiments on a runner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from firstlight.core.kernel.containment import ContainmentLevel as ContainmentLevel  # noqa: PLC0414  (said again here for those who run things)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds of one sandboxed run. Every one is enforced or the run is refused."""

    wall_seconds: float = 30.0
    """an outside timer sends SIGKILL after this"""
    cpu_seconds: int = 60
    """CPU time of one process"""
    cpu_share: float = 1.0
    """cores the whole run may use"""
    memory_bytes: int = 512 << 20
    """of the whole run, swap included"""
    processes: int = 64
    """processes and threads together"""
    file_bytes: int = 64 << 20
    """the largest file a process may write"""
    scratch_bytes: int = 64 << 20
    """size of /tmp (a tmpfs)"""
    box_bytes: int = 64 << 20
    """size of /box when no folder is bound to it (a tmpfs)"""
    tree_bytes: int = 2 << 30
    """what all folders bound writable may hold together; watched, as a disk has no quota"""
    output_bytes: int = 1 << 20
    """kept of stdout and of stderr each; the rest is drained and counted, not stored"""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A host folder shown inside the sandbox."""

    source: Path
    target: str
    """absolute path inside"""
    writable: bool = False
    """only a build may write, and only to the tree it builds"""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command to run in a sandbox."""

    argv: Sequence[str]
    box: Path | None = None
    """host folder bound writable at /box; None gives an empty tmpfs that vanishes with the run"""
    mounts: Sequence[Mount] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """placed in /box before the run, by relative path"""
    collect: Sequence[str] = ()
    """glob patterns below /box whose files are read back after the run, bounded"""
    cwd: str = "/box"
    limits: Limits = field(default_factory=Limits)
    allow_ptrace: bool = False
    """LeakSanitizer needs it; belongs to the target's file and is printed in the evidence"""
    traps: Mapping[str, bytes] = field(default_factory=dict)
    """files below /opt that nobody has any business with; opening one is told in the result"""


class Stopped(StrEnum):
    """Who ended a run."""

    ITSELF = "itself"
    """it exited or died from a signal of its own"""
    WALL_TIME = "wall-time"
    CPU_TIME = "cpu-time"
    MEMORY = "memory"
    PROCESSES = "processes"
    FILE_SIZE = "file-size"
    DISK = "disk"
    """the folders bound writable outgrew `tree_bytes`"""
    OUTPUT = "output"
    """it printed far more than the limit and was stopped for it"""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a sandboxed run did."""

    exit_code: int | None
    """None when it died from a signal"""
    signal: int | None
    """the signal that ended the command itself, None when it exited"""
    stopped_by: Stopped
    stdout: bytes
    stderr: bytes
    stdout_total: int
    """bytes printed, those not kept included"""
    stderr_total: int
    wall_seconds: float
    cpu_seconds: float | None
    peak_memory_bytes: int | None
    level: ContainmentLevel
    collected: Mapping[str, bytes] = field(default_factory=dict)
    """files read back, by path below /box; regular files only, links never followed"""
    notes: Sequence[str] = ()
    """limits that were weaker than asked for, each by name; empty at full strength"""
    departures: int | None = None
    """attempts to reach an address for which there was no way, as the kernel counted them; None
    where they were not counted, because the run killed what asks"""
    touched: Sequence[str] = ()
    """traps that were opened"""


class Sandbox(Protocol):
    """Runs one command where it can reach and change nothing but its own folder."""

    def level(self) -> ContainmentLevel:
        """The containment that runs get on this machine.

        Raises:
            SandboxUnavailable: nothing untrusted can be run here; says why and how to mend it.
        """
        ...

    def run(self, command: Command) -> RunResult:
        """Run `command` to its end or to a limit.

        Raises:
            SandboxUnavailable: the sandbox itself could not be set up; never the target's result.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command of an experiment; the tree is at /target, the working folder is /box."""

    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "/target"
    stdin: bytes = b""
    limits: Limits = field(default_factory=Limits)
    allow_ptrace: bool = False
    traps: Mapping[str, bytes] = field(default_factory=dict)
    """as those of a command"""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run of the built tree (read-only) over its own fresh /box."""

    name: str
    """unique within the experiment"""
    step: Step
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    """files placed in /box before the run, by relative path"""
    collect: Sequence[str] = ()
    """glob patterns below /box whose files are returned, each and together bounded"""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Build a tree without network, then run trials on it, each from a clean state."""

    tree: bytes
    """an uncompressed tar of regular files, folders and inner links; becomes /target"""
    build: Sequence[Step]
    """run in order with /target writable; the first that fails ends the experiment"""
    trials: Sequence[Trial]


@dataclass(frozen=True, kw_only=True)
class TrialRun:
    """A trial and what it left behind."""

    name: str
    result: RunResult
    collected: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class ExperimentResult:
    """What an experiment showed. `built` False means that no trial ran."""

    built: bool
    build: Sequence[RunResult]
    """one per build step that ran; a cached build repeats the results of the first"""
    cached: bool
    """True when the build was taken from the runner's cache"""
    trials: Sequence[TrialRun]
    environment: Mapping[str, str]
    """tools as resolved where it ran: name -> version line"""
    level: ContainmentLevel


class Runner(Protocol):
    """Performs experiments, here or on another machine. Holds neither database nor secrets."""

    def perform(self, experiment: Experiment) -> ExperimentResult:
        """Build and run.

        Raises:
            SandboxUnavailable: nothing untrusted can be run there.
            RunnerLost: the runner died or cannot be reached; the caller's job runs again.
            Invalid: the experiment itself is malformed or hostile (HostileArchive, TooLarge).
        """
        ...
