"""The sandbox that Firstlight ships: bubblewrap, seccomp and control groups, without a daemon.

What it decides: the containment level of this machine, and how one run is put together, followed
and judged. The parts are beside it: what is visible (`arguments`), which system calls work
(`seccomp`), the group limits (`cgroups`, or `watchdog` where they cannot be written), the first
process inside (`supervisor`), the loop outside (`streams`).

What it does not do: hide the processor and its timing, or survive a hole in the kernel; for
programs that are expected to attack the kernel use a virtual machine (level L3).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from firstlight.adapters.sandbox import arguments, identity, seccomp, supervisor
from firstlight.adapters.sandbox.cgroups import CgroupsRefused, Version1, Version2, open_cgroups
from firstlight.adapters.sandbox.disk import INTERVAL as DISK_INTERVAL
from firstlight.adapters.sandbox.disk import DiskWatch
from firstlight.adapters.sandbox.enclosure import Enclosure, Usage
from firstlight.adapters.sandbox.streams import Conversation, Ends
from firstlight.adapters.sandbox.traps import Traps
from firstlight.adapters.sandbox.watchdog import Watchdog
from firstlight.core.kernel.errors import Invalid, SandboxUnavailable
from firstlight.usecases.ports.execution import (
    Command,
    ContainmentLevel,
    Limits,
    RunResult,
    Stopped,
)

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/box",
    "TMPDIR": "/tmp",  # noqa: S108  (a tmpfs of the sandbox's own)
    "LANG": "C.UTF-8",
}
_MEMORY_LEAST = 16 << 20
"""bytes; bubblewrap and the supervisor live inside the limit"""
_NOT_FOUND = 127
"""exit code of a command that could not be started, as in a shell"""

Cgroups = Version1 | Version2


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What `doctor` says about the sandbox of this machine."""

    level: ContainmentLevel
    bubblewrap: str
    """version line"""
    reasons: tuple[str, ...]
    """why the level is not higher, and how to lift it; empty at L1"""


class BubblewrapSandbox:
    """Implements `usecases.ports.Sandbox`."""

    def __init__(self, *, accept_degraded: bool = True) -> None:
        """Nothing is started yet. `accept_degraded` False refuses to run without cgroups."""
        self._accept_degraded = accept_degraded
        self._lock = threading.Lock()
        self._ready: _Machine | None = None
        self._pid = os.getpid()

    def level(self) -> ContainmentLevel:
        """See the port."""
        return self._machine().facts.level

    def facts(self) -> Facts:
        """The level and the reasons for it.

        Raises:
            SandboxUnavailable: nothing untrusted can be run here.
        """
        return self._machine().facts

    def run(self, command: Command) -> RunResult:
        """See the port.

        Raises:
            Invalid: the command names impossible limits, mounts or files.
            SandboxUnavailable: the sandbox itself could not be set up.
        """
        _check(command)
        return self._machine().run(command)

    def _machine(self) -> _Machine:
        with self._lock:
            # A fork has neither the threads nor the groups of its parent.
            if self._ready is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._ready = _Machine.examine(accept_degraded=self._accept_degraded)
            return self._ready


def _check(command: Command) -> None:
    limits = command.limits
    if not command.argv or not command.argv[0]:
        raise Invalid("A command needs at least the name of a program.")
    words = [*command.argv, command.cwd, *command.env, *command.env.values(), *command.collect]
    if any("\0" in word for word in words) or any("=" in name for name in command.env):
        raise Invalid("A command's words and variables may not hold NUL, nor a name `=`.")
    if limits.memory_bytes < _MEMORY_LEAST:
        raise Invalid("The memory limit is too small.", least=_MEMORY_LEAST)
    positive = (
        limits.wall_seconds,
        limits.cpu_seconds,
        limits.cpu_share,
        limits.processes,
        limits.file_bytes,
        limits.scratch_bytes,
        limits.box_bytes,
        limits.tree_bytes,
    )
    if min(positive) <= 0 or limits.output_bytes < 0:
        raise Invalid("Every limit must be more than zero.")


@dataclass(frozen=True, kw_only=True)
class _Machine:
    """What was found out once and holds for every run."""

    facts: Facts
    bwrap: str
    perl: str
    arch: seccomp.Architecture
    filters: Mapping[bool, bytes]
    """by whether ptrace is allowed"""
    system: Sequence[str]
    cgroups: Cgroups | None

    @classmethod
    def examine(cls, *, accept_degraded: bool) -> _Machine:
        """Find the parts and prove them with one run.

        Raises:
            SandboxUnavailable: a part is missing; says which and how to get it.
        """
        bwrap, version = _find_bubblewrap()
        arch = seccomp.architecture()
        level, cgroups, reasons = _open_enclosure(accept_degraded=accept_degraded)
        machine = cls(
            facts=Facts(level=level, bubblewrap=version, reasons=reasons),
            bwrap=bwrap,
            perl=supervisor.perl(),
            arch=arch,
            filters={yes: seccomp.program(arch, allow_ptrace=yes) for yes in (False, True)},
            system=arguments.system_mounts(),
            cgroups=cgroups,
        )
        proof = machine.run(Command(argv=["/usr/bin/true"]))
        if proof.exit_code != 0:
            raise SandboxUnavailable("A trivial command fails in the sandbox.", result=repr(proof))
        return machine

    def run(self, command: Command) -> RunResult:
        """See `BubblewrapSandbox.run`."""
        enclosure = self._enclose(command.limits)
        try:
            with contextlib.ExitStack() as stack:
                traps = stack.enter_context(Traps(command.traps))
                talk = self._start(command, enclosure, stack, traps)
                talk.follow(
                    interval=_interval(command, enclosure), over=_bounds(command, enclosure)
                )
                talk.end()
                return judge(talk, enclosure, traps.touched())
        finally:
            enclosure.release()

    def _enclose(self, limits: Limits) -> Enclosure:
        if self.cgroups is None:
            return Watchdog(limits)
        try:
            return self.cgroups.take(limits)
        except OSError as problem:
            raise SandboxUnavailable(
                f"A limit cannot be set: {problem.strerror} ({problem.filename})."
            ) from problem

    def _start(
        self, command: Command, enclosure: Enclosure, stack: ExitStack, traps: Traps
    ) -> Conversation:
        """Start bubblewrap with everything it inherits; `stack` gives our ends back."""
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            pipes = Pipes(theirs, ours)
            out, err, info = pipes.reading(), pipes.reading(), pipes.reading()
            report, report_inner = socket.socketpair()
            theirs.callback(report_inner.close)
            ours.callback(report.close)
            stdin = pipes.writing() if command.stdin else None
            gates = [pipes.writing() for _ in _gate_flags(enclosure)]
            argv = [self.bwrap, *self._flags(command, pipes, info.theirs, traps)]
            for flag, gate in zip(_gate_flags(enclosure), gates, strict=True):
                argv += [flag, str(pipes.inherit(gate.theirs))]
            argv.append("--")
            argv += supervisor.arguments(
                replace(command, env={**_ENVIRONMENT, **command.env}),
                interpreter=self.perl,
                fd=pipes.inherit(report_inner.fileno()),
                arch=self.arch,
                processes=enclosure.rlimit_processes,
            )

            def launch() -> subprocess.Popen[bytes]:
                return subprocess.Popen(
                    argv,
                    stdin=stdin.theirs if stdin else subprocess.DEVNULL,
                    stdout=out.theirs,
                    stderr=err.theirs,
                    env={},
                    cwd="/",
                    pass_fds=pipes.inherited,
                    start_new_session=True,
                )

            process = enclosure.start(launch)
            ends = Ends(
                stdout=out.ours,
                stderr=err.ours,
                stdin=stdin.ours if stdin else None,
                report=report,
                info=info.ours,
            )
            talk = Conversation(process, ends, command.stdin, command.limits)
            # From here on the conversation closes what is ours, gates apart.
            ours.pop_all()
            stack.callback(talk.close)
            for gate in gates:
                stack.callback(os.close, gate.ours)
        if gates:
            _admit(talk, enclosure, [gate.ours for gate in gates])
        return talk

    def _flags(self, command: Command, pipes: Pipes, info: int, traps: Traps) -> list[str]:
        flags = arguments.arguments(
            command, system=self.system, open_bytes=pipes.holding, more=traps.flags
        )
        flags += ["--seccomp", str(pipes.holding(self.filters[command.allow_ptrace]))]
        return [*flags, "--info-fd", str(pipes.inherit(info))]


def _gate_flags(enclosure: Enclosure) -> list[str]:
    """The places at which bubblewrap waits for us, in its order."""
    flags = ["--userns-block-fd"] if identity.must_drop() else []
    return [*flags, "--block-fd"] if enclosure.blocks else flags


def _admit(talk: Conversation, enclosure: Enclosure, gates: Sequence[int]) -> None:
    """Do from outside what must be done before the command may start, and open the gates."""
    try:
        inner = talk.wait_for_inner()
        if identity.must_drop():
            identity.write_maps(inner)
        enclosure.admit([talk.process.pid, inner])
        for gate in gates:
            os.write(gate, b"1")
    except (OSError, SandboxUnavailable) as problem:
        talk.end()
        hint = _hint(talk.complaint())
        raise SandboxUnavailable(f"The sandbox did not start: {problem}", hint=hint) from problem


class _Pipe(NamedTuple):
    ours: int
    theirs: int


class Pipes:
    """Descriptors for one start; each stack closes its side."""

    def __init__(self, theirs: ExitStack, ours: ExitStack) -> None:
        """`theirs` closes what the started process inherits, `ours` what we keep."""
        self._theirs = theirs
        self._ours = ours
        self.inherited: list[int] = []

    def inherit(self, fd: int) -> int:
        """Let the started process have a descriptor."""
        self.inherited.append(fd)
        return fd

    def reading(self) -> _Pipe:
        """A pipe of which we read."""
        ours, theirs = os.pipe()
        return self._closing(_Pipe(ours, theirs))

    def writing(self) -> _Pipe:
        """A pipe into which we write."""
        theirs, ours = os.pipe()
        return self._closing(_Pipe(ours, theirs))

    def _closing(self, pipe: _Pipe) -> _Pipe:
        self._ours.callback(os.close, pipe.ours)
        self._theirs.callback(os.close, pipe.theirs)
        return pipe

    def holding(self, content: bytes) -> int:
        """An inherited descriptor from which `content` can be read."""
        fd = os.memfd_create("sandbox")
        self._theirs.callback(os.close, fd)
        view = memoryview(content)
        while view:
            view = view[os.write(fd, view) :]
        os.lseek(fd, 0, os.SEEK_SET)
        return self.inherit(fd)


def _find_bubblewrap() -> tuple[str, str]:
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxUnavailable(
            "bubblewrap (the program bwrap) is not installed.",
            hint="Install it: `apt-get install bubblewrap` (or `dnf install bubblewrap`).",
        )
    done = subprocess.run([found, "--version"], capture_output=True, check=False, timeout=10)
    return found, done.stdout.decode("utf-8", "replace").strip()


def _open_enclosure(
    *, accept_degraded: bool
) -> tuple[ContainmentLevel, Cgroups | None, tuple[str, ...]]:
    try:
        return ContainmentLevel.L1, open_cgroups(), ()
    except CgroupsRefused as refused:
        if not accept_degraded:
            raise SandboxUnavailable(
                f"The limits of a run cannot all be enforced: {refused}.",
                hint="Delegate control groups to this process, or accept the level L1-degraded.",
            ) from refused
        return ContainmentLevel.L1_DEGRADED, None, (str(refused),)


def _interval(command: Command, enclosure: Enclosure) -> float | None:
    if enclosure.interval is None and _writable(command):
        return DISK_INTERVAL
    return enclosure.interval


def _writable(command: Command) -> list[Path]:
    folders = [mount.source for mount in command.mounts if mount.writable]
    return [*folders, command.box] if command.box is not None else folders


def _bounds(command: Command, enclosure: Enclosure) -> Callable[[], Stopped | None]:
    folders = _writable(command)
    if not folders:
        return enclosure.over
    disk = DiskWatch(folders, command.limits.tree_bytes)
    return lambda: Stopped.DISK if disk.over() else enclosure.over()


def judge(talk: Conversation, enclosure: Enclosure, touched: Sequence[str] = ()) -> RunResult:
    """Turn what was seen into a result, or into the sandbox's own failure."""
    report = talk.report
    if not report.started:
        raise SandboxUnavailable(
            f"The sandbox did not start: {talk.complaint()}.", hint=_hint(talk.complaint())
        )
    usage = enclosure.usage()
    stderr = bytes(talk.stderr.kept)
    exit_code: int | None = None
    ended_by: int | None = None
    if report.start_error is not None:
        exit_code = _NOT_FOUND
        stderr += f"cannot start: {os.strerror(report.start_error)}\n".encode()
    elif report.status is None:
        # Stopped by us, or the supervisor was killed inside: either way nobody exited by itself.
        ended_by = int(signal.SIGKILL)
    elif os.WIFSIGNALED(report.status):
        ended_by = os.WTERMSIG(report.status)
    else:
        exit_code = os.WEXITSTATUS(report.status)
    return RunResult(
        exit_code=exit_code,
        signal=ended_by,
        stopped_by=talk.stopped or _stopped(exit_code, ended_by, usage),
        stdout=bytes(talk.stdout.kept),
        stderr=stderr,
        stdout_total=talk.stdout.total,
        stderr_total=talk.stderr.total,
        wall_seconds=talk.wall_seconds,
        cpu_seconds=report.cpu_seconds if usage.cpu_seconds is None else usage.cpu_seconds,
        peak_memory_bytes=usage.peak_memory_bytes,
        level=enclosure.level,
        collected=report.collected,
        notes=tuple(enclosure.notes),
        departures=report.departures,
        touched=touched,
    )


def _stopped(exit_code: int | None, ended_by: int | None, usage: Usage) -> Stopped:
    if usage.memory_hit:
        return Stopped.MEMORY
    if ended_by == signal.SIGXCPU:
        return Stopped.CPU_TIME
    if ended_by == signal.SIGXFSZ:
        return Stopped.FILE_SIZE
    if usage.processes_hit and exit_code != 0:
        return Stopped.PROCESSES
    return Stopped.ITSELF


def _hint(complaint: str) -> str | None:
    refused = ("ermission denied", "not permitted", "No permissions")
    if any(word in complaint for word in refused):
        return (
            "User namespaces may be forbidden: set `kernel.unprivileged_userns_clone=1` (Debian)"
            " or `kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu) with sysctl."
        )
    return None
