"""An arena: a small system of its own in which one planted misconfiguration may be used.

Bubblewrap sets `no_new_privs`, under which no set-uid program works, so tasks about becoming root
need something else: a user namespace with 65,536 numbers of its own. Its root is a number without
any right outside (`FIRST_NUMBER`); network, processes, mounts and names are separate; the same
system-call filter and the same control groups hold as in the sandbox. Each command gets a new
arena on a tmpfs; nothing of it is left anywhere.

It is for escalation tasks alone, and the misconfigurations are the ones below: ordinary tools with
a right they should not have, as any administrator's handbook warns of. No flaw of a real program
or of the kernel is used or needed.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from firstlight.adapters.sandbox import identity, seccomp
from firstlight.adapters.sandbox.bubblewrap import Pipes, judge
from firstlight.adapters.sandbox.cgroups import CgroupsRefused, Version1, Version2, open_cgroups
from firstlight.adapters.sandbox.enclosure import Enclosure
from firstlight.adapters.sandbox.streams import Conversation, Ends
from firstlight.adapters.sandbox.supervisor import (
    COLLECT_BYTES,
    COLLECT_ENTRIES,
    COLLECT_FILE_BYTES,
)
from firstlight.adapters.sandbox.watchdog import Watchdog
from firstlight.core.kernel.errors import Invalid, SandboxUnavailable
from firstlight.usecases.ports.execution import Limits, RunResult, Step

FIRST_NUMBER = 200_000
"""the host's number of the arena's root; it owns nothing"""
NUMBERS = 65_536
_DAC_READ_SEARCH = 1 << 2
_OPEN_FILES = 1024
_INIT = Path(__file__).with_name("arena_init.py")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/box", "LANG": "C.UTF-8"}


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One thing that should not be as it is."""

    path: str
    """where it stands in the arena"""
    what: str
    """the tool of which it is a copy, or `archive` for a copy of root's folder"""
    mode: int
    """its permissions"""
    capabilities: int = 0
    """of the file"""


FLAWS: Mapping[str, Sequence[Planted]] = {
    "none": (),
    "set-uid-cut": (Planted(path="/opt/tools/cut", what="/usr/bin/cut", mode=0o4755),),
    "set-uid-find": (Planted(path="/opt/tools/find", what="/usr/bin/find", mode=0o4755),),
    "capable-head": (
        Planted(
            path="/opt/tools/head",
            what="/usr/bin/head",
            mode=0o755,
            capabilities=_DAC_READ_SEARCH,
        ),
    ),
    "readable-backup": (Planted(path="/var/backups/root.tar", what="archive", mode=0o644),),
}
"""the misconfigurations by name; `none` is the control: nobody can become root in it"""


class Arena:
    """Runs steps in fresh arenas that share a flaw and a planted value."""

    def __init__(self, flaw: str, secret: str) -> None:
        """Nothing is started yet. Raises Invalid for an unknown flaw."""
        if flaw not in FLAWS:
            raise Invalid(f"There is no planted flaw {flaw!r}.", known=sorted(FLAWS))
        self._plant = FLAWS[flaw]
        self._secret = secret
        self._cgroups: Version1 | Version2 | None = None

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """Run one step as an ordinary user of the arena.

        Raises:
            SandboxUnavailable: an arena cannot be made here; says why.
        """
        if not identity.must_drop():
            raise SandboxUnavailable(
                "An arena needs root, to give a user namespace numbers of its own.",
                hint="Run escalation tasks on a machine of their own, as root.",
            )
        enclosure = self._enclose(step.limits)
        try:
            with contextlib.ExitStack() as stack:
                talk = self._start(step, inputs, collect, enclosure, stack)
                talk.follow(interval=enclosure.interval, over=enclosure.over)
                talk.end()
                return judge(talk, enclosure)
        finally:
            enclosure.release()

    def _enclose(self, limits: Limits) -> Enclosure:
        try:
            self._cgroups = self._cgroups or open_cgroups()
            return self._cgroups.take(limits)
        except CgroupsRefused:
            return Watchdog(limits)
        except OSError as problem:
            raise SandboxUnavailable(f"A limit cannot be set: {problem.strerror}.") from problem

    def _start(
        self,
        step: Step,
        inputs: Mapping[str, bytes],
        collect: Sequence[str],
        enclosure: Enclosure,
        stack: contextlib.ExitStack,
    ) -> Conversation:
        with contextlib.ExitStack() as theirs, contextlib.ExitStack() as ours:
            pipes = Pipes(theirs, ours)
            out, err, info, gate = (
                pipes.reading(),
                pipes.reading(),
                pipes.reading(),
                pipes.writing(),
            )
            report, inner = socket.socketpair()
            theirs.callback(inner.close)
            ours.callback(report.close)
            config = json.dumps(self._config(step, inputs, collect, enclosure)).encode()
            words = (
                pipes.holding(config),
                pipes.inherit(inner.fileno()),
                pipes.inherit(info.theirs),
                pipes.inherit(gate.theirs),
            )

            def launch() -> subprocess.Popen[bytes]:
                return subprocess.Popen(
                    [sys.executable, "-I", "-S", os.fspath(_INIT), *map(str, words)],
                    stdin=subprocess.DEVNULL,
                    stdout=out.theirs,
                    stderr=err.theirs,
                    env={},
                    cwd="/",
                    pass_fds=pipes.inherited,
                    start_new_session=True,
                )

            process = enclosure.start(launch)
            ends = Ends(stdout=out.ours, stderr=err.ours, stdin=None, report=report, info=info.ours)
            talk = Conversation(process, ends, b"", step.limits)
            ours.pop_all()
            stack.callback(talk.close)
            stack.callback(os.close, gate.ours)
        _admit(talk, enclosure, gate.ours)
        return talk

    def _config(
        self,
        step: Step,
        inputs: Mapping[str, bytes],
        collect: Sequence[str],
        enclosure: Enclosure,
    ) -> dict[str, object]:
        limits = step.limits
        rows = [
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes),
            (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
            (resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1),
        ]
        if enclosure.rlimit_processes is not None:
            most = enclosure.rlimit_processes
            rows.append((resource.RLIMIT_NPROC, most, most))
        arch = seccomp.architecture()
        return {
            "argv": list(step.argv),
            "cwd": step.cwd,
            "env": {**_ENVIRONMENT, **step.env},
            "size": limits.box_bytes + limits.scratch_bytes,
            "secret": self._secret,
            "plant": [
                {
                    "path": one.path,
                    "what": one.what,
                    "mode": one.mode,
                    "capabilities": one.capabilities,
                }
                for one in self._plant
            ],
            "files": {name: base64.b64encode(data).decode() for name, data in inputs.items()},
            "collect": list(collect),
            "collect_bytes": COLLECT_BYTES,
            "collect_file_bytes": COLLECT_FILE_BYTES,
            "collect_entries": COLLECT_ENTRIES,
            "rlimits": rows,
            "seccomp": base64.b64encode(seccomp.program(arch, allow_ptrace=False)).decode(),
        }


def _admit(talk: Conversation, enclosure: Enclosure, gate: int) -> None:
    try:
        inner = talk.wait_for_inner()
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{inner}/{name}").write_text(f"0 {FIRST_NUMBER} {NUMBERS}\n", "ascii")
        enclosure.admit([talk.process.pid, inner])
        os.write(gate, b"1")
    except (OSError, SandboxUnavailable) as problem:
        talk.end()
        raise SandboxUnavailable(f"The arena did not start: {problem}") from problem
