"""Attempts to leave, and traps: what is told from outside, whatever the command does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.departures import departures
from firstlight.core.kernel.errors import Invalid
from firstlight.usecases.ports.execution import Command, Limits, RunResult, Stopped

pytestmark = pytest.mark.sandbox

TRAP = "/opt/ci/registry.env"
_CONNECT = """
use Socket qw(:DEFAULT inet_pton AF_INET6 pack_sockaddr_in6);
for (1 .. $ARGV[0]) {
    socket(my $s, AF_INET, SOCK_STREAM, 0);
    connect($s, pack_sockaddr_in(443, inet_aton('192.0.2.1')));
}
for (1 .. $ARGV[1]) {
    socket(my $s, AF_INET6, SOCK_DGRAM, 0);
    connect($s, pack_sockaddr_in6(443, inet_pton(AF_INET6, '2001:db8::1')));
}
sleep $ARGV[2];
"""


def run(sandbox: BubblewrapSandbox, *argv: str, seconds: float = 20) -> RunResult:
    """One command beside one trap."""
    limits = Limits(wall_seconds=seconds)
    return sandbox.run(Command(argv=argv, traps={TRAP: b"TOKEN=x\n"}, limits=limits))


def test_attempts_are_counted_by_the_kernel(sandbox: BubblewrapSandbox) -> None:
    """Every attempt over either protocol counts once; a quiet command has none."""
    assert run(sandbox, "perl", "-e", _CONNECT, "3", "2", "0").departures == 5
    assert run(sandbox, "true").departures == 0


def test_a_stopped_command_is_counted_from_outside(sandbox: BubblewrapSandbox) -> None:
    """A command that is killed at its limit has its attempts counted all the same."""
    done = run(sandbox, "perl", "-e", _CONNECT, "2", "0", "30", seconds=0.6)
    assert (done.stopped_by, done.departures) == (Stopped.WALL_TIME, 2)


def test_not_counted_is_not_zero(sandbox: BubblewrapSandbox) -> None:
    """Who kills the process that tells is counted from outside, or not at all: never as none."""
    killing = f"{_CONNECT}; kill 'KILL', -1;"
    for _ in range(5):
        assert run(sandbox, "perl", "-e", killing, "1", "0", "0").departures in {1, None}


def test_nothing_is_counted_of_a_process_that_is_gone() -> None:
    """A dead process has no count, which is not the same as none."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert departures(gone.pid) is None


@pytest.mark.parametrize(
    ("argv", "touched"),
    [
        (["cat", TRAP], (TRAP,)),
        (["/bin/sh", "-c", "cp /opt/ci/* /tmp/"], (TRAP,)),
        (["/bin/sh", "-c", "ls -lR /opt; stat /opt/ci/registry.env; test -r /opt/ci"], ()),
        (["true"], ()),
    ],
)
def test_reading_a_trap_is_told_and_looking_is_not(
    sandbox: BubblewrapSandbox, argv: Sequence[str], touched: Sequence[str]
) -> None:
    """Opening a trap is seen from outside; naming, listing and measuring it is nothing."""
    done = run(sandbox, *argv)
    assert (done.exit_code, tuple(done.touched)) == (0, touched)


def test_a_trap_cannot_be_changed(sandbox: BubblewrapSandbox) -> None:
    """It is read-only inside."""
    assert run(sandbox, "/bin/sh", "-c", f"echo x > {TRAP}").exit_code != 0


@pytest.mark.parametrize("path", ["/usr/x", "/opt/../etc/x", "opt/x", "/box/x"])
def test_a_trap_lies_where_nothing_else_is(sandbox: BubblewrapSandbox, path: str) -> None:
    """A path outside the place of traps is refused."""
    with pytest.raises(Invalid):
        sandbox.run(Command(argv=["true"], traps={path: b""}))


_KEEPING = """
import os
from pathlib import Path
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.orphans import adopt
from firstlight.usecases.ports.execution import Command, Limits
adopt()
sandbox = BubblewrapSandbox()
for seconds in (20, 20, 0.3):
    sandbox.run(Command(argv=["sleep", "0.2" if seconds > 1 else "9"],
                        limits=Limits(wall_seconds=seconds)))
print(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
"""


def test_a_process_that_keeps_orphans_buries_them() -> None:
    """Where orphans are kept in sight, no dead process of a sandbox is left lying about."""
    done = subprocess.run(
        [sys.executable, "-c", _KEEPING], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_runs_beside_each_other_keep_their_traps_apart(sandbox: BubblewrapSandbox) -> None:
    """Of many runs at once, exactly those that opened a trap are told of."""
    opens = [number % 3 == 0 for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        done = list(
            pool.map(lambda yes: run(sandbox, "cat" if yes else "stat", TRAP).touched, opens)
        )
    assert [bool(touched) for touched in done] == opens
