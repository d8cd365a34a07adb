"""The drill: plays every planted escape and shows whether it was caught.

Everything is real: the sandbox, the watcher, the processes that are killed. An escape counts as
caught when the alarm that was expected sounded, after the run was stopped, and with evidence that
can be verified. Whatever else happens (another alarm, none, an error) is a miss.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from firstlight.adapters.bench.box import Box, RunnerShell, Shell
from firstlight.adapters.bench.containment.detectors import ALL, Detector
from firstlight.adapters.bench.containment.escapes import ESCAPES, Escape, Scene
from firstlight.adapters.bench.containment.evidence import NAME
from firstlight.adapters.bench.containment.leaks import LeakyShell
from firstlight.adapters.bench.containment.live import LiveContainment
from firstlight.adapters.bench.containment.prover import Outside, empty_tree
from firstlight.adapters.bench.containment.watch import RunWatch
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.measure.alarm import ContainmentBroken, Entry, verify_chain
from firstlight.core.measure.containment import Way
from firstlight.usecases.ports import Clock


@dataclass(frozen=True, kw_only=True)
class Played:
    """One escape, and how it went."""

    escape: Escape
    caught: bool
    seconds: float
    """from the beginning of the watched run to its end"""
    seen: str
    """what was noticed, or why it counts as missed"""
    skipped: str = ""
    """why it could not be played here; then it is neither caught nor missed"""


def drill(
    clock: Clock,
    *,
    armed: frozenset[Detector] = ALL,
    only: Sequence[str] = (),
    progress: Callable[[Played], None] | None = None,
) -> Sequence[Played]:
    """Play the escapes in this process, which must have no children of its own: they are killed.

    Args:
        clock: the time
        armed: which detectors are on; fewer show what is lost without them
        only: names of escapes; all when empty
        progress: hears of each when it is over

    Raises:
        SandboxUnavailable: nothing can be run here, so nothing can be drilled.
    """
    with tempfile.TemporaryDirectory(prefix="firstlight-drill-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        sandbox = BubblewrapSandbox()
        sandbox.level()
        real = RunnerShell(LocalRunner(sandbox, folder / "builds"), empty_tree(), ())
        found = []
        for escape in ESCAPES:
            if only and escape.name not in only:
                continue
            played = _play(escape, real, folder / escape.name, clock, armed)
            found.append(played)
            if progress is not None:
                progress(played)
        return found


def _play(
    escape: Escape, real: Shell, folder: Path, clock: Clock, armed: frozenset[Detector]
) -> Played:
    why = escape.possible()
    if why:
        return Played(escape=escape, caught=False, seconds=0.0, seen="", skipped=why)
    folder.mkdir()
    shell = LeakyShell(escape.hole, folder / "leak") if escape.hole else real
    began = time.monotonic()
    with _outside() as outside:
        containment = LiveContainment(
            shell,
            folder=folder,
            roots=lambda: [os.getpid()],
            outside=lambda: outside,
            clock=clock,
            armed=armed & {escape.detector},
        )
        try:
            seen = _watched(escape, containment, shell)
        except FirstlightError as error:
            seen = f"missed: {error.message}"
    return Played(
        escape=escape,
        caught=not seen.startswith("missed"),
        seconds=time.monotonic() - began,
        seen=seen,
    )


def _watched(escape: Escape, containment: LiveContainment, shell: Shell) -> str:
    watch: RunWatch | None = None
    try:
        with containment.watch("drill", replace(escape.bounds, leave_seconds=30.0)) as watching:
            if escape.play is not None and isinstance(watching, RunWatch):
                watch = watching
                box = Box(containment.guard(shell, "drill"), {})
                escape.play(Scene(watch=watch, box=box))
    except ContainmentBroken as broken:
        return _judged(escape, broken)
    return "missed: nobody noticed"


def _judged(escape: Escape, broken: ContainmentBroken) -> str:
    """What was noticed; begins with `missed` when it is not what had to be."""
    kind, seen = str(broken.details["kind"]), str(broken.details["seen"])
    folder = Path(str(broken.details["folder"]))
    if kind != escape.kind.value:
        return f"missed: another alarm, {kind}: {seen[:200]}"
    entries = verify_chain((folder / NAME).read_bytes())
    kinds = [entry.kind for entry in entries]
    if not {"alarm", "frozen", "stopped"} <= set(kinds) or not (folder / "incident.md").exists():
        return "missed: the alarm left no complete evidence"
    return seen[:200] if escape.way is None else _by_way(escape.way, entries)


def _by_way(way: Way, entries: Sequence[Entry]) -> str:
    """What the failed proof says of the way that was opened."""
    proof = [entry for entry in entries if entry.kind == "proof"][-1].facts["facts"]
    probes = proof["probes"] if isinstance(proof, Mapping) else ()
    for probe in probes if isinstance(probes, list) else ():
        if isinstance(probe, Mapping) and probe["way"] == way.value and not probe["held"]:
            return f"{probe['tried']}: {probe['seen']}"[:200]
    return "missed: the proof failed for other reasons"


@contextlib.contextmanager
def _outside() -> Iterator[Outside]:
    """A planted mirror, beside what this machine knows."""
    with socket.create_server(("127.0.0.1", 0)) as mirror:
        port = mirror.getsockname()[1]
        outside = Outside.of_this_machine(mirrors=[f"http://localhost:{port}/simple"])
        yield outside
