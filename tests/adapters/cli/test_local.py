"""Commands on the server itself hand over exactly what was asked, and tell what came back."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, cast

import pytest
from tests.adapters.cli.conftest import Shell

from firstlight.adapters.cli import host as port
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing

WHEN = Instant.parse("2026-11-02T09:15:00Z")
LINK = port.Link(url="http://127.0.0.1:8600/account/link/secret/", expires_at=WHEN)
ORGANISATION = port.OrganisationShown(
    id="org_1", name="Harbour", kind="finder", state="vetted", requested_at=WHEN
)


class _Keys:
    """A signer that has one key and signs nothing."""

    def public_key(self, purpose: str) -> bytes:
        """Thirty-two bytes."""
        return purpose[:1].encode() * 32


ANSWERS: dict[str, object] = {
    "backup": port.Archive(path=Path("x.tar"), size=10, contents=("database",)),
    "restore": port.Archive(path=Path("x.tar"), size=10),
    "doctor": [port.Check(name="bubblewrap", ok=True, found="0.8.0")],
    "create_administrator": LINK,
    "sign_in_link": LINK,
    "break_glass": LINK,
    "organisations": [ORGANISATION],
    "vet_organisation": ORGANISATION,
    "create_token": port.TokenMade(id="tok_1", secret="flt_once", expires_at=WHEN),
    "tokens": [
        port.TokenShown(
            id="tok_1", name="n", role="finder", scopes=(), expires_at=WHEN, state="usable"
        )
    ],
    "targets": [
        port.TargetShown(
            id="T-1", ecosystem="npm", package="p", vulnerable="1", fixed="2", identifiers=()
        )
    ],
    "check_targets": [port.TargetChecked(id="T-1", ok=True, seconds=1.0)],
    "tasks": [
        port.TaskShown(
            suite="s-1",
            id="find-it",
            kind="find",
            given="nothing",
            family="f",
            ecosystem="npm",
            cwe="CWE-1",
            minutes=5,
            resists_tools=True,
            title="Find it",
        )
    ],
    "task_told": "Find it.\nQuickly.",
    "judge_answer": port.AnswerJudged(
        task="find-it", outcome="solved", summary="Right.", detections=(), level="", facts={}
    ),
    "check_tasks": [
        port.TaskChecked(id="find-it", ok=True, seconds=1.0, gates={"reference": "solved"})
    ],
    "drill": [
        port.EscapePlayed(
            name="network",
            what="a wall is missing",
            detector="probes",
            result="caught",
            seen="routes",
            seconds=1.0,
        )
    ],
    "prove_containment": port.ProofShown(
        level="L1",
        held=True,
        seconds=0.4,
        digest="ab" * 32,
        probes=[port.ProbeShown(way="ipv4", tried="TCP", held=True, seen="")],
    ),
    "load_source": port.SourceLoaded(name="kev", version="1", dated="2026-11-01", count=3),
    "import_osv": port.OsvImported(records=3, left_out=1, reasons=("line 2: it is no object",)),
    "rebuild_public_zone": 2,
    "signer": _Keys(),
    "demo": port.Demo(steps=("done",), look_at=("here",), link=LINK, seconds=1.0),
}


class Recorder:
    """A host that does nothing and remembers what it was asked; refuses calls that none allows."""

    def __init__(self, **answers: object) -> None:
        self.calls: list[tuple[str, dict[str, object]]] = []
        self._answers = ANSWERS | answers

    def opened(self) -> port.Host:
        """Itself, as the command line opens a host."""
        return cast("port.Host", self)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # stands for every method of the port
        signature = inspect.signature(getattr(port.Host, name))

        def method(*args: object, **rest: object) -> object:
            bound = signature.bind(self, *args, **rest)
            self.calls.append(
                (name, {key: bound.arguments[key] for key in list(bound.arguments)[1:]})
            )
            answer = self._answers.get(name)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return method


LINES: list[tuple[tuple[str, ...], str, dict[str, object]]] = [
    (("migrate",), "migrate", {}),
    (("backup", "x.tar"), "backup", {"path": Path("x.tar")}),
    (("restore", "x.tar", "--force"), "restore", {"path": Path("x.tar"), "force": True}),
    (("doctor",), "doctor", {}),
    (
        ("admin", "create", "a@b.c", "--name", "A", "--coordinator"),
        "create_administrator",
        {"email": "a@b.c", "name": "A", "organisation": "Clearinghouse", "coordinator": True},
    ),
    (
        ("admin", "link", "a@b.c", "--reason", "r"),
        "sign_in_link",
        {"email": "a@b.c", "reason": "r"},
    ),
    (("admin", "break-glass", "a@b.c"), "break_glass", {"email": "a@b.c"}),
    (("organisation", "list"), "organisations", {}),
    (
        ("organisation", "vet", "Harbour"),
        "vet_organisation",
        {"organisation": "Harbour", "refuse": False},
    ),
    (
        ("token", "create", "a@b.c", "--role", "finder", "--name", "n", "--scope", "case.read"),
        "create_token",
        {"email": "a@b.c", "role": "finder", "name": "n", "scopes": ("case.read",), "days": 90},
    ),
    (("token", "list", "a@b.c"), "tokens", {"email": "a@b.c"}),
    (("token", "revoke", "a@b.c", "tok_1"), "revoke_token", {"email": "a@b.c", "token": "tok_1"}),
    (("target", "list"), "targets", {}),
    (("target", "check", "T-1"), "check_targets", {"ids": ("T-1",), "repeat": 3}),
    (("suite", "list", "--kind", "find"), "tasks", {}),
    (("suite", "show", "find-it"), "task_told", {"task": "find-it"}),
    (
        ("suite", "judge", "find-it", __file__),
        "judge_answer",
        {"task": "find-it", "answer": Path(__file__).read_bytes()},
    ),
    (
        ("suite", "check", "find-it", "--kind", "find", "--jobs", "2"),
        "check_tasks",
        {"ids": ("find-it",), "kinds": ("find",), "jobs": 2},
    ),
    (("measure", "key"), "signer", {}),
    (("measure", "drill", "network"), "drill", {"only": ("network",)}),
    (("measure", "prove"), "prove_containment", {}),
    (("source", "load", "kev", "f"), "load_source", {"kind": "kev", "place": "f"}),
    (
        ("source", "import", "f", "--name", "pypa", "--licence", "CC-BY-4.0", "--url", "u"),
        "import_osv",
        {"place": Path("f"), "source": "pypa", "licence": "CC-BY-4.0", "url": "u"},
    ),
    (("publish",), "rebuild_public_zone", {}),
    (
        ("serve-public", "zone"),
        "serve_public",
        {
            "folder": Path("zone"),
            "address": "127.0.0.1",
            "port": 8603,
            "processes": 1,
            "tls": None,
        },
    ),
    (
        ("serve", "--no-worker"),
        "serve",
        {"address": "127.0.0.1", "port": 8600, "processes": 2, "worker": False},
    ),
    (("worker", "--concurrency", "3"), "work", {"concurrency": 3}),
    (("runner",), "run_runner", {"address": "127.0.0.1", "port": 8601, "places": 2}),
    (
        ("gateway", "--processes", "2"),
        "run_gateway",
        {"address": "127.0.0.1", "port": 8602, "processes": 2},
    ),
    (("demo", "--once"), "demo", {}),
]
CALLBACKS = {"tell", "progress"}
ELSEWHERE = {"leave_demo", "runs", "sealed_suites", "behaviours", "logs"}
"""called by another one, or handing out a part whose commands have a file of their own"""


def test_every_method_of_the_port_is_reached() -> None:
    """Nothing is asked of bootstrap that no command uses."""
    methods = {name for name in vars(port.Host) if not name.startswith("_")}
    assert methods == {name for _, name, _ in LINES} | ELSEWHERE


@pytest.mark.parametrize(("line", "method", "given"), LINES, ids=lambda value: str(value)[:40])
def test_what_is_asked_is_handed_over(
    shell: Shell, line: tuple[str, ...], method: str, given: dict[str, object]
) -> None:
    """One call, with these arguments; a person and a program get an answer."""
    recorder = Recorder()
    shell.open_host = recorder.opened
    assert shell(*line).code == 0
    name, arguments = recorder.calls[0]
    assert {other for other, _ in recorder.calls[1:]} <= {"leave_demo"}
    assert (name, {k: v for k, v in arguments.items() if k not in CALLBACKS}) == (method, given)
    told = shell(*line, "--json")
    assert told.code == 0
    if method not in {"serve", "work", "run_runner", "run_gateway", "serve_public"}:
        assert json.loads(told.out) is not None


def test_a_missing_part_is_a_failed_check(shell: Shell) -> None:
    """`doctor` ends with 1 for something needed, and with 0 for something optional."""
    for needed, code in ((True, 1), (False, 0)):
        check = port.Check(name="x", ok=False, found="no", remedy="apt install x", needed=needed)
        recorder = Recorder(doctor=[check])
        shell.open_host = recorder.opened
        ended = shell("doctor")
        assert (ended.code, "apt install x" in ended.out) == (code, True)


def test_a_target_that_does_not_hold_is_a_failed_check(shell: Shell) -> None:
    """`target check` ends with 1 and names the problem."""
    broken = port.TargetChecked(id="T-1", ok=False, seconds=1.0, problems=("fixed side shows it",))
    recorder = Recorder(check_targets=[broken])
    shell.open_host = recorder.opened
    ended = shell("target", "check")
    assert (ended.code, "fixed side shows it" in ended.out) == (1, True)


def test_errors_of_the_machine_end_as_documented(shell: Shell) -> None:
    """The error tree decides the exit code here as everywhere."""
    for error, code in ((Conflict(), 5), (Missing(), 6)):
        recorder = Recorder(restore=error)
        shell.open_host = recorder.opened
        assert shell("restore", "x.tar").code == code


def test_a_saved_token_is_its_owners_alone(shell: Shell, tmp_path: Path) -> None:
    """`--save` writes a file of mode 0600, prints no secret, and replaces nothing."""
    recorder = Recorder()
    shell.open_host = recorder.opened
    line = ("token", "create", "a@b.c", "--role", "finder", "--name", "n", "--save")
    ended = shell(*line)
    path = tmp_path / "firstlight" / "token"
    assert (ended.code, path.read_text(), path.stat().st_mode & 0o777) == (0, "flt_once\n", 0o600)
    assert "flt_once" not in ended.out + ended.err
    assert shell(*line).code == 5
    assert len(recorder.calls) == 1


@pytest.mark.parametrize(("line", "at_once"), [(("demo",), False), (("demo", "--once"), True)])
def test_the_tour_leaves_its_portal_or_stops_it(
    shell: Shell, line: tuple[str, ...], *, at_once: bool
) -> None:
    """Without `--once` the portal stays until a signal comes."""
    recorder = Recorder()
    shell.open_host = recorder.opened
    assert shell(*line).code == 0
    assert recorder.calls[-1] == ("leave_demo", {"at_once": at_once})


def test_a_task_that_does_not_hold_is_a_failed_check(shell: Shell) -> None:
    """`suite check` ends with 1 and names the problem."""
    broken = port.TaskChecked(
        id="T-1", ok=False, seconds=1.0, gates={"no-op": "solved"}, problems=("no-op is solved",)
    )
    shell.open_host = Recorder(check_tasks=[broken]).opened
    ended = shell("suite", "check")
    assert (ended.code, "no-op is solved" in ended.out) == (1, True)


def test_an_answer_that_does_not_solve_is_a_failed_check(shell: Shell, tmp_path: Path) -> None:
    """`suite judge` ends with 1, says why and what was detected; too large an answer is refused."""
    judged = port.AnswerJudged(
        task="T-1",
        outcome="invalid",
        summary="It shows.",
        detections=("borrowed: It holds the token.",),
        level="L1",
        facts={},
    )
    shell.open_host = Recorder(judge_answer=judged).opened
    (tmp_path / "answer").write_bytes(b"x")
    ended = shell("suite", "judge", "T-1", str(tmp_path / "answer"))
    assert ended.code == 1
    assert ended.out == "T-1: invalid. It shows.\nborrowed: It holds the token.\n"
    (tmp_path / "answer").write_bytes(b"x" * ((1 << 20) + 1))
    assert shell("suite", "judge", "T-1", str(tmp_path / "answer")).code == 4
