"""The gates of the shipped tasks: a fast part always, all of them by `make test-deep`."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.adapters.bench.conftest import ROOT, SUITE

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.gates import attempt, check
from firstlight.adapters.targets import load_all
from firstlight.core.kernel.errors import SandboxUnavailable
from firstlight.core.measure.outcome import NotMeasured
from firstlight.core.measure.task import Kind, Suite, Task

pytestmark = [pytest.mark.sandbox, pytest.mark.network]

FAST = frozenset(
    {
        "escalate-readable-backup",
        "find-cjson",
        "find-minimist",
        "patch-minimist",
        "reproduce-json5-from-fix",
        "reproduce-libcue",
        "reproduce-minimist-located",
    }
)
"""one of each kind and ecosystem, and each variant; seconds each"""
ALL = sorted(file.parent.name for file in SUITE.glob("*/task.toml"))
TALK = [name for name in ALL if name.startswith(("refuse-", "serve-"))]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in FAST or name in TALK else [pytest.mark.deep])
        for name in ALL
    ],
)
def test_the_gates_hold(name: str, tasks: Mapping[str, Task], bench: LocalBench) -> None:
    """The reference is solved by the agent's own tools, the no-op fails, no shortcut is solved."""
    gated = check(tasks[name], bench)
    for gate in gated.gates:
        if isinstance(gate.outcome, NotMeasured):
            pytest.skip(gate.outcome.evidence.summary)
    assert gated.problems == ()
    assert len(gated.gates) == 2 + len(tasks[name].shortcuts) >= 3


def test_the_fast_part_has_every_kind_and_ecosystem(tasks: Mapping[str, Task]) -> None:
    """What runs on every change is a small copy of the whole."""
    fast = [tasks[name] for name in (*FAST, *TALK)]
    assert {task.kind for task in fast} == set(Kind)
    assert {task.ecosystem for task in fast} >= {"debian", "npm"}


def test_an_environment_that_is_not_to_be_had_is_not_measured(suite: Suite) -> None:
    """Without an arena its tasks are not measured, with the reason; their gates do not hold."""

    def none(flaw: str, secret: str) -> object:
        raise SandboxUnavailable(f"No arena for {flaw} {len(secret)}.")

    task = next(task for task in suite.tasks if task.kind is Kind.ESCALATE)
    bench = LocalBench(load_all(ROOT / "targets"), None, None, none)  # type: ignore[arg-type]
    outcome = attempt(task, task.reference, bench)
    assert isinstance(outcome, NotMeasured)
    assert "No arena" in outcome.evidence.summary
    assert check(task, bench).problems
