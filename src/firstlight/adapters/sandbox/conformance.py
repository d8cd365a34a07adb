"""Proves, or refutes, that a sandbox on this machine holds what its port promises.

Any implementation may be passed in; `firstlight doctor` and the tests do. Every check
is made by a real attempt from inside (`probes`), with a real listener, file or process outside to
be found. A check that could not be made counts as failed.

Not checked: side channels through the processor, and holes in the kernel that nobody knows.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from firstlight.adapters.sandbox import seccomp
from firstlight.adapters.sandbox.probes import PROBES
from firstlight.core.kernel.errors import SandboxUnavailable
from firstlight.usecases.ports.execution import (
    Command,
    ContainmentLevel,
    Limits,
    RunResult,
    Sandbox,
    Stopped,
)

_MEBIBYTE = 1 << 20
_CALLS = (
    "ptrace",
    "process_vm_writev",
    "bpf",
    "keyctl",
    "add_key",
    "io_uring_setup",
    "mount",
    "pivot_root",
    "move_mount",
    "fsopen",
    "setns",
    "perf_event_open",
    "userfaultfd",
    "open_by_handle_at",
    "init_module",
    "kexec_load",
)
_LATE_SECONDS = 4.0
"""after which a wall limit of half a second was not kept"""
_ENVIRONMENT = {"PERL_BADLANG": "0"}
"""so that Perl is silent about a system without locales"""
_NAME_SERVER = "192.0.2.53"
"""asked when the host names none; of the range reserved for documentation"""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise and whether it held."""

    name: str
    passed: bool
    detail: str
    """what was seen; empty when it held"""


def check(sandbox: Sandbox) -> Sequence[Check]:
    """Try everything; takes about twenty seconds and leaves nothing behind.

    Raises:
        SandboxUnavailable: nothing can be run at all.
    """
    sandbox.level()
    checks: list[Check] = []
    for make in (_network, _files, _processes, _limits, _kernel, _results):
        checks += make(sandbox)
    return checks


def _run(sandbox: Sandbox, probe: str, *words: object, limits: Limits | None = None) -> RunResult:
    argv = ["perl", "-e", PROBES[probe], "--", *map(str, words)]
    limits = limits or Limits(wall_seconds=20)
    return sandbox.run(Command(argv=argv, env=_ENVIRONMENT, limits=limits))


def _try(
    sandbox: Sandbox,
    probe: str,
    *words: object,
    limits: Limits | None = None,
    judge: Callable[[RunResult], str] | None = None,
) -> Check:
    """Run a probe; `judge` gives what is wrong, by default anything but `held`."""
    try:
        wrong = (judge or _said_held)(_run(sandbox, probe, *words, limits=limits))
    except SandboxUnavailable as problem:
        wrong = f"not tried: {problem.message}"
    return Check(name=probe, passed=not wrong, detail=wrong)


def _said_held(result: RunResult) -> str:
    return "" if result.stdout == b"held" else _describe(result)


def _describe(result: RunResult) -> str:
    said = (result.stdout + b" " + result.stderr)[:300].decode("utf-8", "replace").strip()
    ended = f"exit {result.exit_code}, signal {result.signal}, stopped by {result.stopped_by}"
    return f"{said or 'silent'} ({ended})"


def _stopped_by(*reasons: Stopped) -> Callable[[RunResult], str]:
    return lambda result: "" if result.stopped_by in reasons else _describe(result)


def _network(sandbox: Sandbox) -> Iterator[Check]:
    with contextlib.ExitStack() as stack:
        listen = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        yield _try(sandbox, "network.tcp", listen.getsockname()[1])
        with contextlib.suppress(OSError):
            # A host without IPv6 has nothing to be reached by it.
            six = stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))
            yield _try(sandbox, "network.tcp6", six.getsockname()[1])
        yield _udp(sandbox, stack)
        yield _try(sandbox, "network.route")
        yield _try(sandbox, "network.dns", *_name_servers())
        name = f"firstlight-{secrets.token_hex(8)}"
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{name}")
        abstract.listen()
        yield _try(sandbox, "network.abstract_socket", name)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        named = stack.enter_context(socket.socket(socket.AF_UNIX))
        named.bind(f"{folder}/s")
        named.listen()
        yield _try(sandbox, "network.socket_file", f"{folder}/s")
    yield _try(sandbox, "network.families")


def _udp(sandbox: Sandbox, stack: contextlib.ExitStack) -> Check:
    server = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    server.bind(("127.0.0.1", 0))
    server.settimeout(0.2)
    made = _try(sandbox, "network.udp", server.getsockname()[1])
    with contextlib.suppress(TimeoutError):
        server.recv(16)
        return Check(name=made.name, passed=False, detail="a datagram arrived at the host")
    return made


def _name_servers() -> Sequence[str]:
    with contextlib.suppress(OSError):
        text = Path("/etc/resolv.conf").read_text("utf-8")
        if found := re.findall(r"^nameserver\s+([\d.]+)\s*$", text, re.MULTILINE):
            return found
    return [_NAME_SERVER]


def _files(sandbox: Sandbox) -> Iterator[Check]:
    token = secrets.token_hex(8)
    yield _try(sandbox, "files.system_is_read_only", token)
    with tempfile.NamedTemporaryFile() as secret:
        yield _try(sandbox, "files.host_is_invisible", secret.name)
    yield _try(sandbox, "files.kernel_switches")
    yield _try(sandbox, "files.devices")
    small = Limits(scratch_bytes=4 * _MEBIBYTE, box_bytes=4 * _MEBIBYTE, wall_seconds=20)
    yield _try(
        sandbox,
        "files.scratch_is_bounded",
        small.scratch_bytes,
        "/tmp",  # noqa: S108  (inside the sandbox)
        "/dev/shm",  # noqa: S108  (likewise)
        ".",
        limits=small,
    )
    yield _try(sandbox, "files.write_marks", token)
    yield _try(sandbox, "files.nothing_stays", token)


def _processes(sandbox: Sandbox) -> Iterator[Check]:
    yield _try(sandbox, "processes.host_is_invisible")
    token = f"firstlight-{secrets.token_hex(8)}"
    made = _try(sandbox, "processes.daemon", token)
    survivors = _with_word(token)
    for pid in survivors:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if survivors:
        made = Check(name=made.name, passed=False, detail=f"{len(survivors)} processes survived")
    yield made
    yield _try(sandbox, "environment.is_empty", *os.environ)


def _with_word(word: str) -> Sequence[int]:
    """Processes of this machine that carry a word in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if word.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


def _limits(sandbox: Sandbox) -> Iterator[Check]:
    began = time.monotonic()
    yield _try(
        sandbox,
        "limits.wall_time",
        limits=Limits(wall_seconds=0.5),
        judge=lambda result: (
            _stopped_by(Stopped.WALL_TIME)(result)
            or ("" if time.monotonic() - began < _LATE_SECONDS else "far too late")
        ),
    )
    yield _try(
        sandbox,
        "limits.cpu_time",
        limits=Limits(cpu_seconds=1, wall_seconds=20),
        judge=_stopped_by(Stopped.CPU_TIME),
    )
    memory = Limits(memory_bytes=64 * _MEBIBYTE, wall_seconds=20)
    yield _try(
        sandbox,
        "limits.memory",
        256 * _MEBIBYTE,
        limits=memory,
        judge=_stopped_by(Stopped.MEMORY),
    )
    few = Limits(processes=16, wall_seconds=20)
    yield _try(sandbox, "limits.processes", few.processes, limits=few, judge=_few_processes)
    small = Limits(file_bytes=_MEBIBYTE, wall_seconds=20)
    yield _try(sandbox, "limits.file_size", small.file_bytes, limits=small)
    quiet = Limits(output_bytes=1000, wall_seconds=20)
    yield _try(sandbox, "limits.output", 64, limits=quiet, judge=_flood(quiet))
    if sandbox.level() is not ContainmentLevel.L1_DEGRADED:
        half = Limits(cpu_share=0.5, wall_seconds=20)
        yield _try(sandbox, "limits.cpu_share", limits=half, judge=_half)


def _few_processes(result: RunResult) -> str:
    """Either forks were refused, or the run was stopped for them."""
    return "" if result.stopped_by is Stopped.PROCESSES else _said_held(result)


def _flood(limits: Limits) -> Callable[[RunResult], str]:
    def judge(result: RunResult) -> str:
        if len(result.stdout) > limits.output_bytes or result.stdout_total < 2 * len(result.stdout):
            return f"{len(result.stdout)} bytes were kept of {result.stdout_total}"
        return "" if result.stopped_by is Stopped.OUTPUT else f"stopped by {result.stopped_by}"

    return judge


def _half(result: RunResult) -> str:
    if result.cpu_seconds is None:
        return "CPU time was not measured"
    share = result.cpu_seconds / result.wall_seconds
    return "" if share < 0.75 else f"it had {share:.2f} of a core"  # noqa: PLR2004  (of 0.5)


def _kernel(sandbox: Sandbox) -> Iterator[Check]:
    arch = seccomp.architecture()
    yield _try(sandbox, "privileges.none")
    yield _try(sandbox, "kernel.nested_user_namespace", seccomp.number("unshare", arch), arch.clone)
    calls = [f"{name}:{seccomp.number(name, arch)}" for name in _CALLS]
    yield _try(sandbox, "kernel.calls_are_denied", *calls)
    yield _try(sandbox, "kernel.terminal_input")


def _results(sandbox: Sandbox) -> Iterator[Check]:
    """Whether the witness tells the truth about how a command ended."""
    truths: Sequence[tuple[str, str, int | None, int | None]] = (
        ("results.exit_0", "exit 0", 0, None),
        ("results.exit_1", "exit 1", 1, None),
        ("results.exit_139_is_no_signal", "exit 139", 139, None),
        ("results.signal_11", "kill 'SEGV', $$; sleep 5", None, 11),
        ("results.signal_9", "kill 'KILL', $$; sleep 5", None, 9),
    )
    for name, script, code, number in truths:
        result = sandbox.run(Command(argv=["perl", "-e", script]))
        right = (result.exit_code, result.signal) == (code, number)
        yield Check(name=name, passed=right, detail="" if right else _describe(result))
    script = "print <STDIN>; print STDERR 'aside'"
    said = b"a\n" * 9999
    echo = sandbox.run(Command(argv=["perl", "-e", script], env=_ENVIRONMENT, stdin=said))
    heard = (echo.stdout, echo.stderr) == (said, b"aside")
    yield Check(name="results.streams", passed=heard, detail="" if heard else _describe(echo)[:200])
