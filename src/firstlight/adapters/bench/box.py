"""The folder an agent works in, carried from call to call and held by nobody in between.

Each tool call is a run of its own in a fresh sandbox. What the agent keeps is `/box`: an archive
of it goes into the sandbox with a call and comes out after it, made and unpacked inside alone. So

- a sample begins with nothing but what its task gives, by construction;
- no folder, process, socket or memory outlives a call, so none can carry a message to the next
  sample;
- the archive is the agent's own work and is never opened on the host.

A call that is stopped by a limit leaves the box as it was before; the reply says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from firstlight.core.kernel.errors import Unavailable
from firstlight.core.measure.tools import FILE_BYTES, OUTPUT_BYTES
from firstlight.usecases.ports import Experiment, Limits, Runner, RunResult, Step, Stopped, Trial

CALL_SECONDS = 60
"""of one command; then it is killed and the box is kept"""
BOX_BYTES = 128 << 20
"""of the folder during a call"""
_CARRY = ".firstlight"
"""folder below the box by which the archive travels; the agent never sees it filled"""
_CHUNK = 1_000_000
"""bytes of a piece of the archive: what one file of a run may be when it is read back"""
_CHUNKS = 7
"""pieces at most: what all files of a run together may be"""
_TOO_LARGE, _DAMAGED = 97, 98
"""exit codes of the script for a box that cannot be packed, or not be unpacked"""
_PIECE = re.compile(r"[0-9]{2}")
_SLACK_SECONDS = 30
"""for unpacking, packing and reading back"""
LIMITS = Limits(
    wall_seconds=CALL_SECONDS + _SLACK_SECONDS,
    cpu_seconds=CALL_SECONDS * 2,
    cpu_share=1.0,
    memory_bytes=1 << 30,
    processes=128,
    file_bytes=64 << 20,
    scratch_bytes=256 << 20,
    box_bytes=BOX_BYTES,
    output_bytes=OUTPUT_BYTES,
)
"""of one call"""
_SCRIPT = f"""\
umask 022
cd /box || exit {_DAMAGED}
if [ -e {_CARRY}/00 ]; then
    cat {_CARRY}/[0-9]? | tar -xzf - || {{ rm -rf {_CARRY}/*; exit {_DAMAGED}; }}
fi
rm -f {_CARRY}/[0-9]?
timeout -s KILL {CALL_SECONDS} /bin/sh -c "$1" sh "$2" </dev/null
code=$?
cd /box && rm -rf {_CARRY}/*
mkdir -p {_CARRY}
find . -mindepth 1 -maxdepth 1 ! -name {_CARRY} -print0 |
    tar -czf /tmp/.carried --null --warning=no-file-changed -T - 2>/dev/null
[ "$(stat -c %s /tmp/.carried)" -le {_CHUNK * _CHUNKS} ] || exit {_TOO_LARGE}
split -b {_CHUNK} -d -a 2 /tmp/.carried {_CARRY}/
exit "$code"
"""
_GIVEN = f"{_CARRY}/given"
_READ = f'head -c {FILE_BYTES + 1} -- "$1"'
_WRITE = "; ".join(
    (
        f"cp {_GIVEN} /tmp/given",
        'mkdir -p "$(dirname "./$1")" && rm -rf "./$1" && cp /tmp/given "./$1"',
    )
)


class Shell(Protocol):
    """Runs one step in a fresh sandbox that has the task's environment around `/box`."""

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """Run it.

        Raises:
            Unavailable: the sandbox, the runner or the environment does not hold.
        """
        ...


class RunnerShell:
    """A shell over a built tree on a runner. The tree is read-only and the same for every call."""

    def __init__(self, runner: Runner, tree: bytes, build: Sequence[Step]) -> None:
        """Nothing is built before the first call."""
        self._runner = runner
        self._tree = tree
        self._build = build

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """See the protocol."""
        trial = Trial(name="call", step=step, inputs=inputs, collect=collect)
        done = self._runner.perform(Experiment(tree=self._tree, build=self._build, trials=[trial]))
        if not done.built or not done.trials:
            log = done.build[-1].stderr[-400:].decode("utf-8", "replace") if done.build else ""
            raise Unavailable("The environment of the task could not be built.", log=log)
        return done.trials[0].result


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command in the box gave."""

    stdout: bytes
    """bounded"""
    stderr: bytes
    """bounded"""
    exit_code: int | None
    """None when a limit or a signal ended it"""
    kept: bool
    """False when the box is as it was before"""
    stopped: str = ""
    """the limit that ended it; empty when it ended by itself"""


class Box:
    """An agent's folder, from one call to the next."""

    def __init__(self, shell: Shell, files: Mapping[str, bytes]) -> None:
        """With these files alone, by path below the box; they are there from the first call on."""
        self._shell = shell
        self._given = dict(files)
        self._carried: dict[str, bytes] = {}

    def run(self, command: str) -> Done:
        """Run a shell command in the box. Raises Unavailable."""
        return self._perform(command, "", {})

    def read(self, path: str) -> Done:
        """The content of a file, one byte more than allowed where it is longer."""
        return self._perform(_READ, path, {}, output=FILE_BYTES + 1)

    def write(self, path: str, data: bytes) -> Done:
        """Put a file below the box."""
        return self._perform(_WRITE, path, {_GIVEN: data})

    def _perform(
        self, command: str, argument: str, files: Mapping[str, bytes], *, output: int = OUTPUT_BYTES
    ) -> Done:
        limits = replace(LIMITS, output_bytes=output)
        step = Step(
            argv=("/bin/sh", "-c", _SCRIPT, "box", command, argument), cwd="/box", limits=limits
        )
        inputs = {f"{_CARRY}/{name}": data for name, data in self._carried.items()}
        inputs |= self._given | dict(files)
        result = self._shell.perform(step, inputs, [f"{_CARRY}/??"])
        ended = result.stopped_by is Stopped.ITSELF
        pieces = {name.removeprefix(f"{_CARRY}/"): data for name, data in result.collected.items()}
        # Any other name was put there by the agent itself.
        kept = ended and bool(pieces) and all(_PIECE.fullmatch(name) for name in pieces)
        if kept:
            self._given = {}
            self._carried = pieces
        return Done(
            stdout=result.stdout,
            stderr=result.stderr,
            exit_code=result.exit_code,
            kept=kept,
            stopped="" if kept else _why(result),
        )


def _why(result: RunResult) -> str:
    if result.stopped_by is not Stopped.ITSELF:
        return result.stopped_by.value
    return {_TOO_LARGE: "box-size", _DAMAGED: "box-damaged"}.get(result.exit_code or 0, "box-lost")
