"""Limits set from outside while the command waits, as control groups of version 2 need it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.cgroups import Version1, Version2
from firstlight.adapters.sandbox.enclosure import Enclosure
from firstlight.adapters.sandbox.identity import hand_over
from firstlight.adapters.sandbox.watchdog import Watchdog
from firstlight.core.kernel.errors import SandboxUnavailable
from firstlight.usecases.ports.execution import Command, ContainmentLevel, Limits, Stopped

pytestmark = pytest.mark.sandbox


class Gate(Watchdog):
    """Lets the command wait, and looks whether it really does."""

    blocks = True

    def __init__(self, limits: Limits, marker: Path, *, refuse: bool) -> None:
        super().__init__(limits)
        self._marker = marker
        self._refuse = refuse
        self.started_too_early = False
        self.names: list[str] = []

    def admit(self, pids: Sequence[int]) -> None:
        """Take a while, as the kernel does when it moves processes."""
        time.sleep(0.2)
        self.started_too_early = self._marker.exists()
        self.names = [Path(f"/proc/{pid}/comm").read_text().strip() for pid in pids]
        if self._refuse:
            raise OSError(28, "no room for another group")


class GatePool(Version2):
    """Gives one gate."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def take(self, limits: Limits) -> Enclosure:  # type: ignore[override]  # any enclosure will do
        """It."""
        del limits
        return self.gate


def run_behind(gate: Gate, sandbox: BubblewrapSandbox, box: Path) -> object:
    """One run that leaves a marker."""
    hand_over(box)
    machine = replace(sandbox._machine(), cgroups=GatePool(gate))
    return machine.run(Command(argv=["sh", "-c", "echo 1 > marker"], box=box)).exit_code


def test_the_command_waits_until_it_is_enclosed(sandbox: BubblewrapSandbox, tmp_path: Path) -> None:
    """Nothing of the command runs before both processes of bubblewrap are admitted."""
    gate = Gate(Limits(), tmp_path / "marker", refuse=False)
    assert run_behind(gate, sandbox, tmp_path) == 0
    assert (gate.started_too_early, gate.names) == (False, ["bwrap", "bwrap"])
    assert (tmp_path / "marker").exists()


def test_what_cannot_be_enclosed_does_not_run(sandbox: BubblewrapSandbox, tmp_path: Path) -> None:
    """A limit that cannot be set means no run, and is the sandbox's own failure."""
    gate = Gate(Limits(), tmp_path / "marker", refuse=True)
    with pytest.raises(SandboxUnavailable, match="no room"):
        run_behind(gate, sandbox, tmp_path)
    assert not (tmp_path / "marker").exists()


def test_the_watchdog_stops_what_grows(sandbox: BubblewrapSandbox) -> None:
    """Without control groups memory and processes are still ended, by name."""
    machine = replace(sandbox._machine(), cgroups=None)
    limits = Limits(memory_bytes=64 << 20, processes=16, wall_seconds=10)
    grow = machine.run(
        Command(argv=["perl", "-e", f"my $x = 'x' x {256 << 20}; sleep 9"], limits=limits)
    )
    assert Stopped.MEMORY is grow.stopped_by
    assert ContainmentLevel.L1_DEGRADED is grow.level
    assert {"memory", "processes", "cpu share"} == {note.partition(":")[0] for note in grow.notes}


class SlowWatchdog(Watchdog):
    """Looks for longer than the run may last, as on a machine without a free processor."""

    def over(self) -> Stopped | None:
        """Nothing found, very late."""
        time.sleep(0.6)
        return None


class SlowPool(Version2):
    """Gives slow watchdogs."""

    def __init__(self) -> None:
        pass

    def take(self, limits: Limits) -> Enclosure:  # type: ignore[override]  # any enclosure will do
        """One."""
        return SlowWatchdog(limits)


def test_a_slow_look_does_not_hide_the_time(sandbox: BubblewrapSandbox) -> None:
    """A run whose time passes while its memory is looked at was stopped by the clock."""
    machine = replace(sandbox._machine(), cgroups=SlowPool())
    result = machine.run(Command(argv=["sleep", "9"], limits=Limits(wall_seconds=0.3)))
    assert Stopped.WALL_TIME is result.stopped_by


def test_groups_of_a_killed_process_are_swept(sandbox: BubblewrapSandbox) -> None:
    """Groups whose maker is dead are removed by the next that starts; those of the living stay."""
    pool = sandbox._machine().cgroups
    if not isinstance(pool, Version1):
        # Version 2 makes and removes a group with each run; the degraded level makes none.
        assert sandbox.run(Command(argv=["true"])).exit_code == 0
        return
    parents = set(pool._parents.values())
    namespace = Path("/proc/self/ns/pid").stat().st_ino
    unused = next(pid for pid in range(300_000, 4_000_000) if not Path(f"/proc/{pid}").exists())
    dead = f"firstlight-{namespace}-{unused}-1"
    foreign = f"firstlight-1-{unused}-1"
    mine = f"firstlight-{namespace}-{os.getpid()}-*"
    for parent in parents:
        (parent / dead).mkdir()
        (parent / foreign).mkdir()
    living = {folder for parent in parents for folder in parent.glob(mine)}
    Version1(pool._parents)
    assert living
    assert all(folder.exists() for folder in living)
    for parent in parents:
        assert not (parent / dead).exists()
        # Of another process namespace: whether its maker lives cannot be told from here.
        (parent / foreign).rmdir()


def test_two_sandboxes_in_one_process_are_equal(sandbox: BubblewrapSandbox) -> None:
    """A second one is as strong as the first; their groups do not collide."""
    other = BubblewrapSandbox()
    assert sandbox.level() is other.level()
    assert other.run(Command(argv=["true"])).level is sandbox.level()


def test_a_fork_gets_a_sandbox_of_its_own(sandbox: BubblewrapSandbox) -> None:
    """A process forked from one that has run something can run too, and so can its parent after."""
    script = (
        "import os\n"
        "from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox as S\n"
        "from firstlight.usecases.ports.execution import Command\n"
        "s = S()\n"
        "run = lambda: print(s.run(Command(argv=['sh', '-c', 'exit 5'])).exit_code, flush=True)\n"
        "run()\n"
        "pid = os.fork()\n"
        "run()\n"
        "pid and print(os.waitpid(pid, 0)[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["5", "5", "5", "0"], done.stderr
    assert sandbox.level()
