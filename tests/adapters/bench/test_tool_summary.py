"""The committed results of tools: what they say agrees with the tasks, and with what tools do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.adapters.bench.conftest import SUITE

from firstlight.adapters.bench.baselines.kits import KITS, version_of
from firstlight.adapters.bench.baselines.player import ToolPlayer
from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.formats.measure_tools import NAME, read_summary, write_summary
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.baselines import Summary
from firstlight.core.measure.record import Ended, Sample
from firstlight.core.measure.task import Kind, Suite, TargetEnvironment, Task
from firstlight.usecases.ports.players import Allowance


@pytest.fixture(scope="module")
def summary() -> Summary:
    """As it lies beside the suite."""
    return read_summary((SUITE / NAME).read_bytes())


def _target(task: Task) -> str:
    environment = task.environment
    return environment.target if isinstance(environment, TargetEnvironment) else task.id


def test_floor_items_are_what_a_tool_solved(suite: Suite, summary: Summary) -> None:
    """A task does not resist tools just where a tool solved it, or another variant of it.

    A tool reads no instruction, so it cannot tell the variants of a task apart.
    """
    by_id = {task.id: task for task in suite.tasks}
    solved = {(_target(by_id[name]), by_id[name].kind) for _, name in summary.solved_by()}
    expected = {task.id for task in suite.tasks if (_target(task), task.kind) in solved}
    assert expected == {task.id for task in suite.tasks if not task.resists_tools}


def test_the_summary_is_of_this_suite_and_of_every_tool(
    suite: Suite, summary: Summary, bench: LocalBench
) -> None:
    """Each tool was tried on just the tasks that it does not decline."""
    assert (summary.suite, summary.version) == (suite.id, str(suite.version))
    assert {tool.name for tool in summary.tools} == set(KITS)
    for tool in summary.tools:
        player = ToolPlayer(
            KITS[tool.name], "1", cpu_seconds=1.0, target=bench.target, tick=time.monotonic
        )
        wanted = {task.id for task in suite.tasks if not player.declines(task)}
        assert {one.task for one in tool.tried} == wanted
        assert all(one.kind is KITS[tool.name].kind for one in tool.tried)


def test_a_summary_is_read_as_it_was_written(summary: Summary) -> None:
    """The file is the one that its summary gives; another form is refused."""
    content = (SUITE / NAME).read_bytes()
    assert write_summary(summary) == content
    with pytest.raises(Invalid, match="summary of tools"):
        read_summary(content.replace(b"firstlight-tools-1", b"firstlight-tools-9"))
    tool = summary.tools[0]
    doubled = replace(tool, tried=(*tool.tried, tool.tried[0]))
    with pytest.raises(Invalid, match="twice"):
        replace(summary, tools=(doubled,))


def _sample(task: str, kind: Kind, ended: Ended) -> Sample:
    return Sample(
        task=task,
        family="any",
        kind=kind,
        epoch=1,
        ended=ended,
        tokens=0,
        cost=0,
        milliseconds=0,
        public=True,
        reason="" if ended.counts else "away",
    )


def test_like_is_compared_with_like(summary: Summary) -> None:
    """Beside a run stand its own tasks alone, and of these what counts on both sides.

    A tool does not stand beside itself.
    """
    ours = (
        _sample("reproduce-libcue", Kind.REPRODUCE, Ended.FAILED),
        _sample("reproduce-libxml2", Kind.REPRODUCE, Ended.SOLVED),
        _sample("reproduce-cjson", Kind.REPRODUCE, Ended.NOT_MEASURED),
        _sample("reproduce-jinja2-attr", Kind.REPRODUCE, Ended.SOLVED),
    )
    rows = {row.tool: row for row in summary.beside("a model", ours)}
    assert set(rows) == {"libfuzzer", "afl"}
    row = rows["libfuzzer"]
    assert (row.solved, row.tasks) == (1, 2)
    assert (row.ours_solved, row.ours_valid, row.budget) == (1, 2, summary.cpu_seconds)
    assert {row.tool for row in summary.beside("tool:afl", ours)} == {"libfuzzer"}
    assert summary.beside("a model", ours[2:]) == ()


@pytest.mark.deep
@pytest.mark.sandbox
@pytest.mark.network
@pytest.mark.parametrize("name", ["libfuzzer", "afl", "cppcheck"])
def test_some_of_it_is_measured_again(
    name: str, bench: LocalBench, tasks: Mapping[str, Task], summary: Summary
) -> None:
    """On libcue each tool does again what the summary says, with twice the budget for chance."""
    kit = KITS[name]
    if kit.missing():
        pytest.skip(f"apt-get install {' '.join(kit.missing())}")
    task = tasks[f"{kit.kind}-libcue"]
    cpu = summary.cpu_seconds * 2.0
    player = ToolPlayer(
        kit, version_of(kit), cpu_seconds=cpu, target=bench.target, tick=time.monotonic
    )
    sample = bench.open(task)
    player.play(task, sample, Allowance(seconds=250.0, cpu_seconds=cpu), lambda: None)
    outcome = bench.verify(task, sample.transcript())
    assert (outcome.kind == "solved") == ((name, task.id) in summary.solved_by())
