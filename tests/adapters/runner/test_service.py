"""The service at its door: who may come in, how much, how many, and what a death looks like."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.adapters.runner.test_runner import experiment, fresh, sh

from firstlight.adapters.runner import wire
from firstlight.adapters.runner.child import RunnerChild, environment
from firstlight.adapters.runner.client import HttpRunner
from firstlight.adapters.runner.service import RunnerServer
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.core.kernel.errors import (
    Invalid,
    NotSignedIn,
    RunnerLost,
    SandboxUnavailable,
)
from firstlight.usecases.ports.execution import (
    Command,
    ContainmentLevel,
    Experiment,
    ExperimentResult,
    Limits,
    Runner,
    RunResult,
    Sandbox,
    Trial,
)

pytestmark = pytest.mark.sandbox
TOKEN = "t" * 32


class SlowRunner:
    """Performs nothing until it may."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.may = threading.Event()

    def perform(self, experiment: Experiment) -> ExperimentResult:
        """Wait."""
        del experiment
        self.started.set()
        assert self.may.wait(20)
        return ExperimentResult(
            built=True, build=(), cached=False, trials=(), environment={}, level=ContainmentLevel.L0
        )


class Broken:
    """A runner and sandbox of a machine that cannot contain anything."""

    def level(self) -> ContainmentLevel:
        """None."""
        raise SandboxUnavailable("no user namespaces", hint="turn them on", kernel="old")

    def run(self, command: Command) -> RunResult:
        """Nothing."""
        raise NotImplementedError

    def perform(self, experiment: Experiment) -> ExperimentResult:
        """Nothing."""
        del experiment
        raise SandboxUnavailable("no user namespaces", hint="turn them on", kernel="old")


@contextmanager
def serving(runner: Runner, sandbox: Sandbox, *, places: int = 1) -> Iterator[str]:
    """A real server in a thread."""
    server = RunnerServer(
        socket.create_server(("127.0.0.1", 0)), runner, sandbox, token=TOKEN, places=places
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(
    url: str, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One plain request."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, dict(reply.headers), reply.read()
    finally:
        connection.close()


def bearer(token: str) -> dict[str, str]:
    """The header."""
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer(""),
        bearer("wrong"),
        bearer(TOKEN + "x"),
        bearer("é" * 32),
        {"Authorization": TOKEN},
    ],
    ids=["none", "empty", "wrong", "longer", "not-ascii", "no-scheme"],
)
def test_without_the_token_nothing_is_done(headers: dict[str, str]) -> None:
    """Every other token is refused before the body is looked at."""
    with serving(SlowRunner(), BubblewrapSandbox()) as url:
        status, _, body = ask(url, "POST", wire.EXPERIMENTS, body=b"junk", headers=headers)
    assert (status, wire.problem_of(body).code) == (401, "access.not_signed_in")


def test_a_wrong_token_is_told_as_such() -> None:
    """The client raises the class that the service raised."""
    with serving(SlowRunner(), BubblewrapSandbox()) as url, pytest.raises(NotSignedIn):
        HttpRunner(url, "x" * 32).perform(experiment())


def test_a_short_token_is_refused_at_start() -> None:
    """A runner does not start behind a token that could be guessed."""
    listen = socket.create_server(("127.0.0.1", 0))
    with pytest.raises(Invalid):
        RunnerServer(listen, SlowRunner(), BubblewrapSandbox(), token="short", places=1)
    listen.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(wire.REQUEST_BYTES + 1)}, 413),
        ({"Content-Length": "-1"}, 422),
        ({"Content-Length": "1e3"}, 422),
        ({"Transfer-Encoding": "chunked"}, 422),
    ],
    ids=["too-large", "negative", "not-a-number", "no-length"],
)
def test_the_size_is_checked_before_the_body(headers: dict[str, str], status: int) -> None:
    """A body that is too large or of unknown size is refused unread."""
    with serving(SlowRunner(), BubblewrapSandbox()) as url:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        connection.putrequest("POST", wire.EXPERIMENTS)
        for name, value in {**bearer(TOKEN), **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert status == connection.getresponse().status
        connection.close()


@pytest.mark.parametrize(
    "body",
    [b"", b"junk", b"\x80", wire.encode({"tree": 1}), b"\x91" * 100_000],
    ids=["empty", "junk", "no-fields", "wrong-type", "nested"],
)
def test_a_malformed_experiment_is_invalid(body: bytes) -> None:
    """Bytes that are no experiment are told as the asker's error, nested ones too."""
    with serving(SlowRunner(), BubblewrapSandbox()) as url:
        status, _, reply = ask(url, "POST", wire.EXPERIMENTS, body=body, headers=bearer(TOKEN))
    assert (status, wire.problem_of(reply).code) == (422, "input.invalid")


@pytest.mark.parametrize("path", ["/", "/v1/experiment", "/v1/experiments/", "/v1/experiments?x"])
def test_other_paths_do_not_exist(path: str) -> None:
    """There are two addresses and no more."""
    with serving(SlowRunner(), BubblewrapSandbox()) as url:
        assert ask(url, "POST", path, headers=bearer(TOKEN))[0] == 404
        assert ask(url, "GET", path)[0] == 404


def test_health_tells_the_level() -> None:
    """Health needs no token and says what containment runs get."""
    sandbox = BubblewrapSandbox()
    with serving(SlowRunner(), sandbox) as url:
        status, _, body = ask(url, "GET", wire.HEALTH)
    assert (200, {"status": "ok", "level": sandbox.level()}) == (status, json.loads(body))


def test_a_machine_without_sandbox_says_so() -> None:
    """Health is 503 with the remedy, and an experiment raises the same class over the wire."""
    with serving(Broken(), Broken()) as url:
        status, _, body = ask(url, "GET", wire.HEALTH)
        assert (status, json.loads(body)["next"]) == (503, "turn them on")
        with pytest.raises(SandboxUnavailable, match="no user namespaces") as caught:
            HttpRunner(url, TOKEN).perform(experiment())
    assert (caught.value.hint, caught.value.details) == ("turn them on", {"kernel": "old"})


def test_a_full_runner_says_when_to_come_back() -> None:
    """The one too many is turned away at once with Retry-After, and served when there is room."""
    slow = SlowRunner()
    with serving(slow, BubblewrapSandbox()) as url:
        first = threading.Thread(target=HttpRunner(url, TOKEN).perform, args=(experiment(),))
        first.start()
        assert slow.started.wait(10)
        body = wire.encode(experiment())
        status, headers, reply = ask(
            url, "POST", wire.EXPERIMENTS, body=body, headers=bearer(TOKEN)
        )
        assert (status, wire.problem_of(reply).code) == (503, "runner.busy")
        assert int(headers["Retry-After"]) > 0
        with pytest.raises(RunnerLost):
            HttpRunner(url, TOKEN, busy_seconds=0.5).perform(experiment())
        threading.Timer(0.5, slow.may.set).start()
        assert HttpRunner(url, TOKEN).perform(experiment()).built
        first.join()


def test_nobody_there_is_lost() -> None:
    """An address where nobody listens is a lost runner."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(RunnerLost):
        HttpRunner(f"http://127.0.0.1:{port}", TOKEN).perform(experiment())


@pytest.mark.parametrize("address", ["ftp://a", "127.0.0.1:80", "", "http://"])
def test_a_senseless_address_is_refused(address: str) -> None:
    """Only http and https name a runner."""
    with pytest.raises(Invalid):
        HttpRunner(address, TOKEN)


def test_kill_9_is_lost_then_healed(runner_child: RunnerChild) -> None:
    """A runner killed in the middle is told as lost; another serves at the same address."""
    runner = runner_child.runner()
    runner.perform(experiment(salt="warm"))
    before = runner_child.pid
    assert before is not None
    marker = fresh()
    slow = Trial(name="t", step=sh(f"sleep 30; echo {marker}", limits=Limits(wall_seconds=40)))
    killer = threading.Timer(1.0, os.kill, (before, signal.SIGKILL))
    killer.start()
    with pytest.raises(RunnerLost):
        runner.perform(experiment(slow, salt="warm"))
    killer.join()
    done = runner.perform(experiment(Trial(name="t", step=sh("echo again")), salt="warm"))
    assert done.trials[0].result.stdout == b"again\n"
    assert runner_child.pid not in {None, before}
    assert _with_word(marker) == []


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    """A parent killed by SIGKILL takes its runner, and what runs in it, along."""
    marker = fresh()
    script = f"""
import sys, threading
from pathlib import Path
from firstlight.adapters.runner.child import RunnerChild
from tests.adapters.runner.test_runner import experiment, sh
from firstlight.usecases.ports.execution import Trial
with RunnerChild(Path(sys.argv[1])) as child:
    child.runner().perform(experiment())
    asked = experiment(Trial(name="t", step=sh("sleep 25; echo {marker}")))
    threading.Thread(target=child.runner().perform, args=(asked,), daemon=True).start()
    print(child.pid, flush=True)
    threading.Event().wait(30)
"""
    root = Path(__file__).parents[3]
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    _until(lambda: bool(_with_word(marker)))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _until(lambda: not _alive(pid) and not _with_word(marker))


@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.5])
def test_an_early_end_is_an_ordinary_one(
    seconds: float, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A child that is ended while it starts says nothing; nobody reads a traceback for it."""
    with RunnerChild(tmp_path / "cache"):
        time.sleep(seconds)
    assert capfd.readouterr().err == ""


def test_it_inherits_no_secret(runner_child: RunnerChild) -> None:
    """The child has a few harmless variables, and its token in neither them nor its arguments."""
    given = {"PATH": "/bin", "DATABASE_URL": "x", "FIRSTLIGHT_SECRET_KEY": "x", "LANG": "C"}
    assert environment(given) == {"PATH": "/bin", "LANG": "C"}
    runner_child.runner().perform(experiment(salt="warm"))
    folder = Path(f"/proc/{runner_child.pid}")
    names = {
        line.partition(b"=")[0].decode()
        for line in (folder / "environ").read_bytes().split(b"\0")
        if line
    }
    assert names <= {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ"}
    told = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
    assert runner_child._token.encode() not in told


def test_it_holds_no_database() -> None:
    """A runner's process imports neither Django nor storage."""
    script = (
        "import sys, firstlight.adapters.runner.__main__ as m\n"
        "print([n for n in sys.modules if n.startswith(('django', 'psycopg', 'sqlite3',"
        " 'firstlight.adapters.storage', 'firstlight.adapters.identity'))])"
    )
    told = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert told == "[]\n"


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def _with_word(word: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if word.encode() in (entry / "cmdline").read_bytes().partition(b"import sys")[0]:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.05)
