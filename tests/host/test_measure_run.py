"""Runs from the command line, in real processes: killed, taken up again, refused, stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from tests.adapters.bench.sealed.conftest import NOW, small

from firstlight.adapters.bench.players.scripted import serve
from firstlight.adapters.bench.sealed.folder import Named, seal
from firstlight.adapters.bench.sealed.leaks import Search, needles_of
from firstlight.adapters.cli.measure_verify import verify_statement
from firstlight.adapters.formats.measure_record import read_record
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.measure.record import Ended

pytestmark = [pytest.mark.sandbox, pytest.mark.xdist_group("measure-run")]

_RUN = ("measure", "run", "--suite", "public-1", "--kind", "refuse", "--json")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder of this module's own."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: apt-get install bubblewrap")
    folder = tmp_path_factory.mktemp("measure-run")
    yield folder
    left = [pid for pid, words in _processes() if str(folder).encode() in words]
    assert not left, "every process of a run ends with it"


def _start(data: Path, *words: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "FIRSTLIGHT_DATA": str(data)}
    env.pop("DATABASE_URL", None)
    return subprocess.Popen(
        [sys.executable, "-m", "firstlight", *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _call(data: Path, *words: str) -> tuple[int, Any, str]:
    """Exit code, the JSON on standard output, and standard error."""
    process = _start(data, *words)
    out, err = process.communicate(timeout=200)
    return process.returncode, json.loads(out) if out.strip() else None, err.decode()


def _wait_for(stream: IO[bytes] | None, samples: int) -> None:
    """Until so many samples were kept."""
    assert stream is not None
    for raw in stream:
        said = json.loads(raw)
        if said.get("say") == "progress" and said["done"] >= samples:
            return
    raise AssertionError("the run ended before that")


def _processes() -> Iterator[tuple[int, bytes]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), (entry / "cmdline").read_bytes()
            except OSError:
                continue


def _leader_of(pid: int) -> int:
    """The process that leads the run of this command."""
    return _child(pid, b"firstlight.host.leader")


def _child(pid: int, module: bytes) -> int:
    for child, words in _processes():
        if module in words:
            status = Path(f"/proc/{child}/status").read_text(encoding="ascii")
            if f"PPid:\t{pid}\n" in status:
                return child
    raise AssertionError(f"{module!r} does not run")


def test_a_killed_run_is_taken_up_again(data: Path) -> None:
    """Killed in the middle, a run loses no sample that was kept and plays none of them twice.

    The statement that it ends in holds by itself and names the record.
    """
    command = _start(data, *_RUN, "--model", "scripted:mixed", "--epochs", "3")
    with command:
        _wait_for(command.stderr, 5)
        os.kill(_leader_of(command.pid), signal.SIGKILL)
        _, told = command.communicate(timeout=60)
    assert command.returncode == 7
    assert json.loads(told.splitlines()[-1])["error"]["code"] == "measure.leader_lost"

    code, before, _ = _call(data, "measure", "status", "--json")
    assert (code, before["state"], before["leading"]) == (0, "running", False)
    assert 5 <= before["done"] < 36

    code, after, told_again = _call(data, "measure", "resume", "--json")
    assert code == 0, told_again
    assert (after["id"], after["state"], after["done"]) == (before["id"], "ended", 36)
    played = [json.loads(line) for line in told_again.splitlines()]
    assert sum(bool(one.get("says")) for one in played) == 36 - before["done"]

    record = read_record(Path(after["files"]["record"]).read_bytes())
    assert len({(each.task, each.epoch) for each in record.samples}) == 36
    assert {each.ended for each in record.samples} == {Ended.SOLVED, Ended.FAILED}
    assert record.model.scripted
    assert {proof.when for proof in record.containment.proofs} >= {"before", "after"}
    assert all(proof.held for proof in record.containment.proofs)
    _, key, _ = _call(data, "measure", "key", "--json")
    found = verify_statement(Path(after["files"]["statement"]).read_bytes(), key["key"])
    assert found.reference == after["statement"]


@pytest.mark.deep
def test_a_sealed_run_is_taken_up_again_and_leaves_nothing(data: Path, tmp_path: Path) -> None:
    """A run of a sealed suite, interrupted and taken up, keeps its masked names, leaves no text.

    Its tasks are secret, so they count towards a threshold; only who has the key learns which
    task was which. The search is shown to find a planted piece.
    """
    vault = EngagementVault(data / "suite-keys")
    seal(tmp_path / "suite", vault, Named(suite="small", version="1"), small(), now=NOW)
    secret = ("measure", "run", "--suite", f"sealed:{tmp_path / 'suite'}", "--json")
    code, _, told = _call(data, *secret, "--model", "scripted:mixed")
    assert json.loads(told.splitlines()[-1])["error"]["code"] == "suite.not_committed"
    assert code == 5
    _call(
        data,
        "suite",
        "commit",
        str(tmp_path / "suite"),
        str(tmp_path / "commitment.json"),
        "--json",
    )
    command = _start(data, *secret, "--model", "scripted:mixed")
    with command:
        _wait_for(command.stderr, 2)
        command.send_signal(signal.SIGINT)
        command.communicate(timeout=60)
    code, after, told = _call(data, "measure", "resume", "--json")
    assert code == 0, told
    assert (after["state"], after["done"]) == ("ended", 8)
    record = read_record(Path(after["files"]["record"]).read_bytes())
    assert len({each.task for each in record.samples}) == 8
    assert {each.public for each in record.samples} == {False}
    _, seen, _ = _call(data, "suite", "evidence", str(tmp_path / "suite"), after["id"], "--json")
    assert {one["shown_as"] for one in seen["items"]} == {each.task for each in record.samples}
    assert all(one["task"].startswith("sealed-") for one in seen["items"])
    assert Search(needles_of(small())).through(data).leaks == ()
    (data / "control.log").write_bytes(small()[4]["task.json"])
    assert Search(needles_of(small())).through(data / "control.log").leaks
    (data / "control.log").unlink()


@pytest.mark.deep
@pytest.mark.parametrize("name", ["silent", "endless", "malformed", "crowd"])
def test_a_model_that_misbehaves_has_failed(data: Path, name: str) -> None:
    """What a model does within the protocol is its own doing, and counts."""
    words = ("--suite", "public-1", "--task", "refuse-grid", "--turns", "5", "--json")
    code, ended, told = _call(data, "measure", "run", *words, "--model", f"scripted:{name}")
    assert code == 0, told
    assert (ended["state"], ended["ended"]) == ("ended", {"failed": 1})


@pytest.mark.deep
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("html", "measure.endpoint_speaks_otherwise"),
        ("binary", "measure.endpoint_speaks_otherwise"),
        ("stream", "measure.endpoint_speaks_otherwise"),
        ("other", "measure.endpoint_speaks_otherwise"),
        ("huge", "measure.endpoint_sends_too_much"),
        ("dies", "measure.endpoint_"),
        ("busy", "measure.endpoint_silent"),
        ("refuses", "measure.endpoint_refuses"),
    ],
)
def test_a_bad_endpoint_pauses_the_run_and_counts_nothing(data: Path, name: str, said: str) -> None:
    """What was lost pauses the run; ended early, its record says *not measured*."""
    words = ("--suite", "public-1", "--task", "refuse-grid", "--json")
    code, paused, _ = _call(data, "measure", "run", *words, "--model", f"scripted:{name}")
    assert code == 1
    assert (paused["state"], paused["done"], paused["files"]) == ("paused", 0, {})
    assert said in paused["why"]
    _, ended, _ = _call(data, "measure", "end", "--why", "it is no endpoint", "--json")
    record = read_record(Path(ended["files"]["record"]).read_bytes())
    assert {each.ended for each in record.samples} == {Ended.NOT_MEASURED}
    assert {each.reason for each in record.samples} == {"it is no endpoint"}


def test_a_model_needs_walls_or_a_named_exception(data: Path) -> None:
    """A real model's run is refused behind L1 and leaves no trace; an exception is printed.

    What answers is no endpoint, so the run pauses at once.
    """
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    asked = [
        *("--exception-by", "The head of the office", "--exception-why", "a dry run"),
        *("--exception-level", "L1-degraded", "--exception-until", until),
    ]
    before = set((data / "measurements").glob("mea_*"))
    with serve({"name": "html", "replies": {}}) as url:
        model = ("--task", "refuse-grid", "--model", f"nobody@{url}")
        code, _, told = _call(data, *_RUN, *model)
        assert code == 3
        said = json.loads(told.splitlines()[-1])["error"]
        assert said["code"] == "measure.containment_too_weak"
        assert set((data / "measurements").glob("mea_*")) == before
        code, paused, _ = _call(data, *_RUN, *model, *asked)
    assert code == 1
    assert paused["state"] == "paused"
    assert "The head of the office" in paused["exception"]


@pytest.mark.deep
def test_a_run_outlives_nobody(data: Path) -> None:
    """When the command itself is killed, the leader pauses the run and ends."""
    command = _start(data, *_RUN, "--model", "scripted:reference", "--epochs", "3")
    with command:
        _wait_for(command.stderr, 2)
        leader = _leader_of(command.pid)
        command.kill()
        command.communicate(timeout=60)
    until = time.monotonic() + 30
    while Path(f"/proc/{leader}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{leader}").exists()
    _, found, _ = _call(data, "measure", "status", "--json")
    assert (found["state"], found["leading"]) == ("paused", False)
    assert 2 <= found["done"] < 36


@pytest.mark.deep
def test_ctrl_c_pauses_after_the_sample(data: Path) -> None:
    """One interruption loses nothing: the sample is finished and kept, and the run paused."""
    command = _start(data, *_RUN, "--model", "scripted:reference", "--epochs", "3")
    with command:
        _wait_for(command.stderr, 2)
        command.send_signal(signal.SIGINT)
        out, _ = command.communicate(timeout=60)
    assert command.returncode == 1
    assert json.loads(out)["state"] == "paused"


@pytest.mark.deep
def test_an_alarm_stops_the_run_for_good(data: Path) -> None:
    """A watcher that is lost is an alarm: the run is stopped, and no step leads back."""
    command = _start(data, *_RUN, "--model", "scripted:reference", "--epochs", "3")
    with command:
        _wait_for(command.stderr, 2)
        watcher = _child(_leader_of(command.pid), b"firstlight.adapters.bench.containment.watcher")
        os.kill(watcher, signal.SIGKILL)
        _, told = command.communicate(timeout=60)
    assert command.returncode == 5
    assert json.loads(told.splitlines()[-1])["error"]["code"] == "measure.containment_broken"
    _, found, _ = _call(data, "measure", "status", "--json")
    assert (found["state"], found["statement"]) == ("stopped", "")
    for words in (("resume",), ("end", "--why", "x")):
        code, _, told_again = _call(data, "measure", *words, "--json")
        assert code == 5, told_again
