"""The gates: what must be true of every task before it is used.

1. its reference solution, carried out through the agent's own interface, is solved;
2. its no-op fails;
3. none of its known shortcuts is solved, and where a detector must see one, it does.

A gate that cannot be tried, because an environment is not to be had here, is a problem as well:
what was not checked is not said to hold.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from firstlight.adapters.bench.bench import LocalBench
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.measure.outcome import Failed, Outcome, Solved, not_measured
from firstlight.core.measure.task import Solution, Task

Progress = Callable[[str, str], None]
"""called with the task's identifier and what happens now"""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One solution and what came of it."""

    solution: str
    """its name"""
    outcome: Outcome
    """what the verifier says"""
    problem: str
    """why the gate does not hold; empty when it does"""


@dataclass(frozen=True, kw_only=True)
class Gated:
    """A task that was checked."""

    task: Task
    """which one"""
    gates: tuple[Gate, ...]
    """the reference first, then the no-op, then the shortcuts"""
    seconds: float
    """all of it"""

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each gate that does not hold."""
        return tuple(gate.problem for gate in self.gates if gate.problem)


def check(task: Task, bench: LocalBench, progress: Progress = lambda _task, _what: None) -> Gated:
    """Try every gate of a task."""
    begun = time.monotonic()
    progress(task.id, "checking")
    solutions = (task.reference, task.no_op, *task.shortcuts)
    gates = tuple(_gate(task, solution, bench) for solution in solutions)
    gated = Gated(task=task, gates=gates, seconds=time.monotonic() - begun)
    progress(task.id, "does not hold" if gated.problems else "holds")
    return gated


def check_all(
    tasks: Sequence[Task], bench: LocalBench, progress: Progress, *, jobs: int = 1
) -> tuple[Gated, ...]:
    """Check tasks, `jobs` at the same time; in the order of the tasks."""
    with ThreadPoolExecutor(jobs) as pool:
        return tuple(pool.map(lambda task: check(task, bench, progress), tasks))


def attempt(task: Task, solution: Solution, bench: LocalBench) -> Outcome:
    """Carry a solution out as an agent would, and judge it."""
    try:
        calls = bench.resolve(task, solution)
        sample = bench.open(task)
    except FirstlightError as error:
        return not_measured(error.message)
    for call in calls:
        sample.call(call)
    return bench.verify(task, sample.transcript())


def _gate(task: Task, solution: Solution, bench: LocalBench) -> Gate:
    outcome = attempt(task, solution, bench)
    said = f"{solution.name} is {outcome.kind}: {outcome.evidence.summary}"
    if solution is task.reference:
        good = isinstance(outcome, Solved)
    elif solution is task.no_op:
        good = isinstance(outcome, Failed)
    else:
        good = outcome.kind in {"failed", "invalid"}
        seen = {detection.trick for detection in outcome.evidence.detections}
        if good and solution.caught is not None and solution.caught not in seen:
            good, said = False, f"{solution.name} fails, but is not caught as {solution.caught}"
    return Gate(solution=solution.name, outcome=outcome, problem="" if good else said)
