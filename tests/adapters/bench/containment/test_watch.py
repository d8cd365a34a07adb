"""A watched run: quiet when all is well, stopped for real when it is not, whoever hangs."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.adapters.bench.containment.stage import play, start

from firstlight.core.measure.alarm import Entry, verify_chain

pytestmark = pytest.mark.sandbox


def evidence(folder: Path, run: str = "r") -> list[Entry]:
    """The verified evidence of a run."""
    return list(verify_chain((folder / "runs" / run / "evidence.jsonl").read_bytes()))


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def runs_somewhere(words: str) -> bool:
    """Whether a process has these words on its command line; sandboxed ones are seen from here."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if line.startswith(b"perl\0") and words.encode() in line:
            return True
    return False


def alive(pid: int) -> bool:
    """Whether a process runs; a dead one that nobody has asked about does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_quiet_run_is_proved_three_times_and_left_alone(tmp_path: Path) -> None:
    """Harmless work goes through; proofs were made before, during and after, and all hold."""
    done = play(
        """
with contained.watch("r", Bounds(proof_seconds=0.5)) as watch:
    with watch.sample("one", 60):
        box.run("echo kept > note; env; ls -lR /opt; sleep 1")
    with watch.sample("two", 60):
        said = box.run("cat note").stdout.decode()
    time.sleep(0.6)
whens = {proof.when.value for proof in watch.proofs}
told(whens=sorted(whens), held=all(p.held for p in watch.proofs), said=said,
     head=watch.evidence_head)
""",
        tmp_path,
    )
    assert (done.code, done.stderr) == (0, "")
    (facts,) = done.lines
    assert facts["whens"] == ["after", "before", "during"]
    assert (facts["held"], facts["said"]) == (True, "kept\n")
    entries = evidence(tmp_path)
    assert entries[-1].hash == facts["head"]
    assert "alarm" not in {one.kind for one in entries}
    assert not (tmp_path / "runs" / "r" / "incident.md").exists()


def test_a_runner_that_dies_and_comes_back_is_no_escape(tmp_path: Path) -> None:
    """A runner that was killed is started again, and the watch goes on without an alarm."""
    done = play(
        """
with contained.watch("r") as watch:
    with watch.sample("one", 60):
        before = child.pid
        os.kill(before, signal.SIGKILL)
        while child.pid in (None, before):
            time.sleep(0.02)
        time.sleep(1.2)
        said = box.run("echo back").stdout.decode()
told(said=said)
""",
        tmp_path,
    )
    assert (done.code, done.lines) == (0, [{"said": "back\n"}]), done.stderr


def test_an_alarm_ends_the_block_whatever_else_was_raised(tmp_path: Path) -> None:
    """The alarm is what is raised; evidence and draft lie there, for their owner's eyes alone."""
    done = play(
        """
try:
    with contained.watch("r") as watch:
        with watch.sample("one", 60):
            token = next(iter(watch.decoys.credentials.values()))
            try:
                box.run(f"echo {token}; touch /box/done")
            except ContainmentBroken:
                raise KeyError("something else")
except ContainmentBroken as broken:
    told(kind=broken.details["kind"], left=child.pid is not None)
""",
        tmp_path,
    )
    assert (done.code, done.lines[0]["kind"]) == (0, "decoy-called"), done.stderr
    kinds = [one.kind for one in evidence(tmp_path)]
    assert kinds[-3:] == ["alarm", "frozen", "stopped"]
    draft = json.loads((tmp_path / "runs" / "r" / "incident.json").read_bytes())
    assert draft["alarm"]["sample"] == "one"
    assert draft["evidence"]["head"] == evidence(tmp_path)[-1].hash
    for name in ("incident.json", "incident.md", "evidence.jsonl"):
        mode = (tmp_path / "runs" / "r" / name).stat().st_mode & 0o777
        assert mode == 0o600


_HANGS = """
with contained.watch("r") as watch:
    with watch.sample("one", 60):
        thread = threading.Thread(target=box.run, args=(
            "perl -e 'use Socket; sleep 2; socket(my $s, AF_INET, SOCK_STREAM, 0);"
            " connect($s, pack_sockaddr_in(80, inet_aton(chr(49).q{92.0.2.1}))); sleep 60'",))
        thread.start()
        told(watcher=watch.watcher, runner=child.pid)
        time.sleep(60)
"""


def test_a_run_that_hangs_is_stopped_within_a_second(tmp_path: Path) -> None:
    """The run is stopped dead; something in its sandbox reaches out; all of it is killed for it.

    Measured from the alarm, as the watcher saw it, to the death of the run itself.
    """
    run = start(_HANGS, tmp_path)
    assert run.stdout is not None
    facts = json.loads(run.stdout.readline())
    assert within(20, lambda: runs_somewhere("inet_aton(chr(49)"))
    os.kill(run.pid, signal.SIGSTOP)
    assert run.wait(30) == -signal.SIGKILL
    ended = time.time()
    run.communicate()
    assert within(5, lambda: not alive(facts["runner"]) and not alive(facts["watcher"]))
    entries = {one.kind: one for one in evidence(tmp_path)}
    assert entries["alarm"].facts["kind"] == "egress"
    assert "did not answer" in str(entries["stopped"].facts["leader"])
    stopped = entries["stopped"].facts
    assert (stopped["survivors"], isinstance(stopped["dead_after_ms"], int)) == ([], True)
    assert int(str(stopped["dead_after_ms"])) < 1000
    alarmed = entries["alarm"].at.utc.timestamp()
    assert ended - alarmed < timedelta(seconds=2).total_seconds()


def test_a_watcher_that_is_killed_stops_the_run(tmp_path: Path) -> None:
    """Without a watcher nothing goes on: its death is an alarm, and the sandboxes die of it."""
    done = play(
        """
try:
    with contained.watch("r") as watch:
        with watch.sample("one", 60):
            threading.Timer(0.7, os.kill, (watch.watcher, signal.SIGKILL)).start()
            began = time.monotonic()
            box.run("sleep 30")
except ContainmentBroken as broken:
    told(kind=broken.details["kind"], seconds=time.monotonic() - began)
""",
        tmp_path,
    )
    assert done.code == 0, done.stderr
    (facts,) = done.lines
    assert facts["kind"] == "watcher"
    assert facts["seconds"] < 10


def test_a_run_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    """Kill -9 of the run: the watcher kills what was below it, and says so in the evidence."""
    run = start(_HANGS.replace("sleep 2;", "sleep 50;"), tmp_path)
    assert run.stdout is not None
    facts = json.loads(run.stdout.readline())
    time.sleep(1.0)
    run.kill()
    run.communicate()
    assert within(8, lambda: not alive(facts["runner"]) and not alive(facts["watcher"]))
    alarm = next(one for one in evidence(tmp_path) if one.kind == "alarm")
    assert "is gone" in str(alarm.facts["seen"])


def test_evidence_is_never_written_over(tmp_path: Path) -> None:
    """A second run of the same name is refused, and the first evidence stays as it is."""
    script = """
from firstlight.core.kernel.errors import FirstlightError
try:
    with contained.watch("r"):
        pass
    told(ok=True)
except FirstlightError as error:
    told(code=error.code)
"""
    assert play(script, tmp_path).lines == [{"ok": True}]
    before = (tmp_path / "runs" / "r" / "evidence.jsonl").read_bytes()
    assert play(script, tmp_path).lines == [{"code": "state.conflict"}]
    assert (tmp_path / "runs" / "r" / "evidence.jsonl").read_bytes() == before


def test_one_run_at_a_time(tmp_path: Path) -> None:
    """A bench watches one run; a second is told to wait, and the first goes on."""
    done = play(
        """
from firstlight.core.kernel.errors import Conflict, Invalid
with contained.watch("r") as watch:
    for name in ("s", "../s"):
        try:
            with contained.watch(name):
                pass
        except (Conflict, Invalid) as error:
            told(code=error.code)
    watch.check()
""",
        tmp_path,
    )
    codes = [line["code"] for line in done.lines]
    assert (done.code, codes) == (0, ["state.conflict", "input.invalid"]), done.stderr


def test_the_watcher_holds_no_secret(tmp_path: Path) -> None:
    """Nothing of the run's environment but a few harmless names reaches the watcher."""
    done = play(
        """
os.environ["FIRSTLIGHT_RUNNER_TOKEN"] = "x" * 40
with contained.watch("r") as watch:
    names = Path(f"/proc/{watch.watcher}/environ").read_bytes().split(b"\\0")
    told(names=sorted(one.partition(b"=")[0].decode() for one in names if one))
""",
        tmp_path,
    )
    assert set(done.lines[0]["names"]) <= {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ"}


def test_a_run_without_fresh_proofs_is_stopped(tmp_path: Path) -> None:
    """When no proof can be made any more, nobody knows whether it holds, and that ends the run."""
    done = play(
        """
from firstlight.core.kernel.errors import Unavailable
class Lost:
    def perform(self, *given):
        raise Unavailable("the runner is gone")
try:
    with contained.watch("r", Bounds(proof_seconds=0.5)) as watch:
        contained._shell = Lost()
        began = time.monotonic()
        while time.monotonic() - began < 20:
            watch.check()
            time.sleep(0.05)
except ContainmentBroken as broken:
    told(kind=broken.details["kind"], seconds=time.monotonic() - began)
""",
        tmp_path,
    )
    assert done.code == 0, done.stderr
    assert done.lines[0]["kind"] == "proof-missing"
    assert done.lines[0]["seconds"] < 10


def test_uncounted_attempts_are_noted(tmp_path: Path) -> None:
    """A call whose attempts could not be counted stops nothing; that they were not is kept."""
    done = play(
        """
from dataclasses import replace
class Uncounted:
    def __init__(self, shell):
        self._shell = shell
    def perform(self, *given):
        return replace(self._shell.perform(*given), departures=None)
shell = RunnerShell(child.runner(), empty_tree(), ())
box = Box(contained.guard(Uncounted(shell), "uncounted"), {})
with contained.watch("r") as watch:
    with watch.sample("one", 60):
        said = box.run("echo on").stdout.decode()
told(said=said)
""",
        tmp_path,
    )
    assert (done.code, done.lines) == (0, [{"said": "on\n"}]), done.stderr
    notes = [one.facts["text"] for one in evidence(tmp_path) if one.kind == "note"]
    assert notes == ["attempts were not counted"]
