"""Proofs: they hold in the real sandbox, and see everything that is planted where it is not."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from firstlight.adapters.bench.box import RunnerShell, Shell
from firstlight.adapters.bench.containment.leaks import Hole, LeakyShell
from firstlight.adapters.bench.containment.prover import Outside, Prover, empty_tree
from firstlight.adapters.machine import SystemClock
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.measure.containment import Proof, Way, When
from firstlight.usecases.ports import RunResult, Step, Stopped

pytestmark = pytest.mark.sandbox
_SECONDS = 2.0
_UNSHARE = ("unshare", "-rn", "--pid", "--fork", "--kill-child")
_NETWORK = """
set -e
ip link set lo up
ip address add 169.254.169.254/32 dev lo
ip address add 198.51.100.7/32 dev lo
ip -6 address add 2001:db8::7/128 dev lo nodad 2>/dev/null || true
perl -e 'use Socket; socket(my $s, AF_INET, SOCK_STREAM, 0);
    bind($s, pack_sockaddr_in(80, INADDR_ANY)) or die; listen($s, 16);
    socket(my $u, AF_INET, SOCK_DGRAM, 0); bind($u, pack_sockaddr_in(53, INADDR_ANY)) or die;
    if (fork) { while (my $from = recv($u, my $q, 512, 0)) { send($u, $q, 0, $from) } }
    else { while (accept(my $c, $s)) { close $c } }' </dev/null >/dev/null 2>&1 &
sleep 0.5
exec "$@"
"""
"""a network of its own in which addresses answer: what a leak would look like"""


def prove(shell: Shell, outside: Outside | None = None) -> Proof:
    """One proof."""
    return Prover(outside or Outside(), SystemClock()).prove(shell, "here", When.BEFORE)


def opened(proof: Proof) -> set[Way]:
    """The ways that got out."""
    return {probe.way for probe in proof.probes if not probe.held}


class _Bare:
    """A shell in a network of its own in which something answers; for the positive control."""

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """Run it with everything else of the host around it."""
        del inputs, collect
        done = subprocess.run(
            [*_UNSHARE, "sh", "-c", _NETWORK, "sh", *step.argv],
            capture_output=True,
            check=False,
            timeout=30,
        )
        return RunResult(
            exit_code=done.returncode,
            signal=None,
            stopped_by=Stopped.ITSELF,
            stdout=done.stdout,
            stderr=done.stderr,
            stdout_total=0,
            stderr_total=0,
            wall_seconds=0.0,
            cpu_seconds=None,
            peak_memory_bytes=None,
            level=ContainmentLevel.L0,
        )


class _Silent:
    """A shell that reports success and says something of its own."""

    def __init__(self, said: bytes) -> None:
        self._shell = LeakyShell(Hole.SILENCE, Path(tempfile.mkdtemp()))
        self._said = said

    def perform(self, step: Step, inputs: Mapping[str, bytes], collect: Sequence[str]) -> RunResult:
        """Nothing is run."""
        return replace(self._shell.perform(step, inputs, collect), stdout=self._said)


def test_the_sandbox_of_samples_holds(runner: LocalRunner) -> None:
    """From inside the very sandbox that samples get, nothing is reached, by any way."""
    proof = prove(RunnerShell(runner, empty_tree(), ()), Outside.of_this_machine())
    assert proof.failures() == []
    assert {probe.way for probe in proof.probes} == set(Way)


def test_a_proof_is_quick(runner: LocalRunner) -> None:
    """The best of three is made in less than two seconds."""
    shell = RunnerShell(runner, empty_tree(), ())
    prove(shell)
    times = []
    for _ in range(3):
        began = time.monotonic()
        prove(shell)
        times.append(time.monotonic() - began)
    assert min(times) < _SECONDS


@pytest.mark.usefixtures("rooted")
def test_an_arena_holds() -> None:
    """The same attempts from inside an arena reach nothing."""
    assert prove(Arena("none", "secret")).failures() == []


def test_what_is_there_is_seen() -> None:
    """In a network in which addresses answer, the same probes see each of them.

    This is what makes a quiet proof worth something.
    """
    if subprocess.run([*_UNSHARE, "ip", "link"], capture_output=True, check=False).returncode:
        pytest.skip("a network of one's own cannot be made here, or `ip` is missing")
    server = ("198.51.100.7", 53)
    outside = Outside(name_servers=[server], mirrors=["http://198.51.100.7/simple"])
    proof = prove(_Bare(), outside)
    seen = {probe.tried: probe.seen for probe in proof.probes if not probe.held}
    assert seen["TCP to 169.254.169.254"] == "reached: connected"
    assert seen["the name server 198.51.100.7"]
    assert seen["TCP to the mirror"] == "reached: connected"
    assert {Way.METADATA, Way.DNS, Way.MIRROR, Way.HOST_FILE, Way.HOST_PROCESS} <= opened(proof)
    assert Way.CONTROL not in opened(proof)


def test_what_arrives_outside_counts_whatever_the_probe_says() -> None:
    """A listener of the host that was reached is told from outside as well."""
    with tempfile.TemporaryDirectory() as name:
        proof = prove(LeakyShell(Hole.NETWORK, Path(name)))
    outside = {probe.way for probe in proof.probes if not probe.held and "outside" in probe.tried}
    assert {Way.IPV4, Way.DNS, Way.ABSTRACT_SOCKET} <= outside


@pytest.mark.parametrize(
    ("hole", "way"),
    [
        (Hole.NETWORK, Way.IPV4),
        (Hole.NETWORK, Way.DNS),
        (Hole.NETWORK, Way.ABSTRACT_SOCKET),
        (Hole.FILES, Way.UNIX_SOCKET),
        (Hole.FILES, Way.HOST_FILE),
        (Hole.PROCESSES, Way.HOST_PROCESS),
        (Hole.BOX, Way.LEFTOVER),
        (Hole.VARIABLES, Way.PROXY),
        (Hole.METADATA, Way.METADATA),
    ],
)
def test_a_missing_wall_is_seen(hole: Hole, way: Way, tmp_path: Path) -> None:
    """The real sandbox less one wall fails its proof, by the way that is open, and sees still."""
    found = opened(prove(LeakyShell(hole, tmp_path / "leak")))
    assert way in found
    assert Way.CONTROL not in found


@pytest.mark.parametrize(
    "said",
    [b"", b"held\n", b"end\t00000000000000000000000000000000\n", b"0\theld\t0\t\n" * 200],
)
def test_a_probe_that_does_not_speak_proves_nothing(said: bytes) -> None:
    """Silence, another run's answer, and answers without an end count as open throughout."""
    proof = prove(_Silent(said))
    assert not proof.held
    assert Way.CONTROL in opened(proof)
    assert not any(probe.held for probe in proof.probes if "outside" not in probe.tried)


def test_nothing_planted_is_left(runner: LocalRunner) -> None:
    """Listeners, files and processes of a proof are gone after it."""
    before = {entry.name for entry in Path(tempfile.gettempdir()).glob("firstlight-probe-*")}
    nonces: list[str] = []
    prover = Prover(Outside(), SystemClock(), announce=nonces.append)
    prover.prove(RunnerShell(runner, empty_tree(), ()), "here", When.BEFORE)
    after = {entry.name for entry in Path(tempfile.gettempdir()).glob("firstlight-probe-*")}
    assert after - before == set()
    (nonce,) = nonces
    lines = Path("/proc").glob("[0-9]*/cmdline")
    assert not any(nonce.encode() in _bytes(path) for path in lines)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_names_of_mirrors_are_tried_by_name_and_address(runner: LocalRunner) -> None:
    """A mirror that this machine resolves is tried by name and at each of its addresses."""
    with socket.create_server(("127.0.0.1", 0)) as mirror:
        url = f"http://localhost:{mirror.getsockname()[1]}/simple"
        proof = prove(RunnerShell(runner, empty_tree(), ()), Outside(mirrors=[url, "::bad::"]))
    tried = [probe.tried for probe in proof.probes if probe.way is Way.MIRROR]
    assert "resolve the mirror localhost" in tried
    assert "TCP to the mirror" in tried
    assert proof.held


def test_the_environment_of_the_host_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies that are set here are among what is tried."""
    monkeypatch.setenv("https_proxy", "http://192.0.2.9:3128")
    assert "http://192.0.2.9:3128" in Outside.of_this_machine().proxies
