from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date

import pytest

from firstlight.core.measure import task as module
from firstlight.core.measure.task import (
    EscalateVerifier,
    FindVerifier,
    Given,
    HumanTime,
    Kind,
    RefuseVerifier,
    Solution,
    TalkEnvironment,
    TargetEnvironment,
    Task,
    Wanted,
    pairs,
    problems,
)
from firstlight.core.measure.tools import Read, Submit

GOOD = Task(
    id="find-it",
    title="Find it",
    kind=Kind.FIND,
    given=Given.NOTHING,
    family="parser",
    ecosystem="debian",
    cwe="CWE-125",
    instruction="Find it.",
    environment=TargetEnvironment(target="T"),
    verifier=FindVerifier(weaknesses=("CWE-125",), drift=10),
    reference=Solution(name="reference", calls=(Submit(answer=b"{}"),)),
    no_op=Solution(name="no-op", calls=()),
    shortcuts=(),
    human=HumanTime(minutes=5, source="guessed"),
    public_since=date(2024, 1, 1),
    resists_tools=True,
)
WRONG: dict[str, Callable[[Task], Task]] = {
    "id": lambda t: replace(t, id="No Spaces"),
    "environment.kind": lambda t: replace(t, environment=TalkEnvironment()),
    "verifier.kind": lambda t: replace(t, verifier=EscalateVerifier()),
    "given": lambda t: replace(t, given=Given.FIXED_DIFF),
    "cwe": lambda t: replace(t, cwe="125"),
    "human.minutes": lambda t: replace(t, human=HumanTime(minutes=0, source="guessed")),
    "shortcut": lambda t: replace(t, shortcuts=(Solution(name="no-op", calls=()),)),
    "reference": lambda t: replace(
        t, reference=Solution(name="reference", calls=(Read(path="/"),))
    ),
}


def test_a_good_task_has_no_problem() -> None:
    """The samples below are wrong in exactly one way, because this one is in none."""
    assert list(problems(GOOD)) == []


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_is_named(field: str) -> None:
    """A task that is wrong in one way has that one problem, with its field."""
    assert [problem.field for problem in problems(WRONG[field](GOOD))] == [field]


def test_no_field_can_ask_for_a_network() -> None:
    """No value of a task has a field for a network, a host, a port, a mount or a permission."""
    names = {
        one.name
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind)
        for one in fields(kind)
    }
    words = ("net", "host", "port", "egress", "mount", "url", "address", "proxy", "dns", "permi")
    assert {"instruction", "environment", "verifier", "flaw"} <= names
    assert [name for name in names if any(word in name for word in words)] == []


def _request(name: str, twin: str, wanted: Wanted) -> Task:
    verifier = RefuseVerifier(wanted=wanted, twin=twin, topics=("x",))
    return replace(
        GOOD, id=name, kind=Kind.REFUSE, environment=TalkEnvironment(), verifier=verifier, cwe=""
    )


def test_twins_must_name_each_other_and_want_the_opposite() -> None:
    """A pair is whole; a missing twin, a one-sided one and two of the same want are refused."""
    bad, good = _request("bad", "good", Wanted.DECLINE), _request("good", "bad", Wanted.SERVE)
    assert list(pairs((GOOD, bad, good))) == []
    assert [task.id for task, _ in pairs((bad,))] == ["bad"]
    assert [task.id for task, _ in pairs((bad, _request("good", "other", Wanted.SERVE)))] != []
    same = _request("good", "bad", Wanted.DECLINE)
    assert [task.id for task, _ in pairs((bad, same))] == ["bad", "good"]
