"""One sample cannot leave a message for the next; the suite that says so can be failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests.adapters.bench.empty import empty_tree

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.box import Box, RunnerShell
from firstlight.adapters.bench.conformance import WAYS, check
from firstlight.adapters.bench.sample import BoxSample
from firstlight.adapters.runner.child import RunnerChild
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.measure.task import Task
from firstlight.usecases.ports.bench import Sample

pytestmark = pytest.mark.sandbox


def failed(open_sample: Callable[[], Sample]) -> list[str]:
    """The names of the checks that did not pass."""
    return [one.name for one in check(open_sample) if not one.passed]


def test_in_a_sandbox(runner: LocalRunner) -> None:
    """No way is open over a runner in this process."""
    shell = RunnerShell(runner, empty_tree(), ())
    assert failed(lambda: BoxSample("", Box(shell, {}), token="t" * 32)) == []


def _in_arena() -> Sample:
    return BoxSample("", Box(Arena("set-uid-find", "s" * 32), {}), token="t" * 32)


@pytest.mark.deep
def test_over_http(tmp_path: Path) -> None:
    """No way is open over a runner that is a process of its own."""
    with RunnerChild(tmp_path / "builds", places=1) as child:
        shell = RunnerShell(child.runner(), empty_tree(), ())
        assert failed(lambda: BoxSample("", Box(shell, {}), token="t" * 32)) == []


@pytest.mark.deep
@pytest.mark.usefixtures("rooted")
def test_in_an_arena() -> None:
    """No way is open between arenas either."""
    assert failed(_in_arena) == []


@pytest.mark.deep
@pytest.mark.network
def test_in_the_tree_of_a_target(bench: LocalBench, tasks: Mapping[str, Task]) -> None:
    """No way is open in a real task, whose built tree all samples share."""
    assert failed(lambda: bench.open(tasks["reproduce-minimist"])) == []


def test_a_shared_box_is_noticed(runner: LocalRunner) -> None:
    """The suite can be failed: where samples share one box, every way through it is reported."""
    shared = Box(RunnerShell(runner, empty_tree(), ()), {})
    found = failed(lambda: BoxSample("", shared, token="t" * 32))
    assert found == [way.name for way in WAYS[:2]]
