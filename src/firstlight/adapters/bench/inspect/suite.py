"""Our tasks as one task of Inspect's, our verifier as its scorer.

For those who lead their evaluations with Inspect. Tool calls and verdicts come from the same bench
as in a run of ours, and the same rules of containment hold: who opens the bench gives an `Admit`,
which is asked with the model before its first sample, and a watch, under which each sample goes.
Samples go one after the other, because the watch looks at one.

What a log holds for `reading`: how each sample ended in our words, and its environment as it was
resolved. Only *solved* and *failed* get a score; Inspect leaves the others out of its metrics. No
clustered metric is shown: Inspect cancels a run that shows one live.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread
import inspect_ai
from inspect_ai.agent import as_solver
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as Asked
from inspect_ai.model import get_model
from inspect_ai.scorer import CORRECT, INCORRECT, Score, accuracy, scorer
from inspect_ai.solver import solver

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.inspect.loop import Attempt, without_downloads
from firstlight.core.kernel.canonical import Json
from firstlight.core.measure.outcome import Outcome
from firstlight.core.measure.record import Ended
from firstlight.core.measure.task import TalkEnvironment, Task
from firstlight.usecases.ports.bench import Sample
from firstlight.usecases.ports.containment import Watch
from firstlight.usecases.ports.players import Allowance

MARK = "firstlight"
"""key of our part in the metadata of logs and scores"""
MOCK = "mockllm/"
"""Inspect's own script"""
_JUDGING_SECONDS = 3000.0

Admit = Callable[[bool], str]
"""from whether a script drives the agent: the level of containment; raises where it is too low"""


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A suite, or a part of it, for Inspect."""

    suite: str
    version: str
    root: str
    """of the commitment to the whole suite"""
    tasks: Sequence[Task]
    bench: LocalBench
    watch: Watch
    admit: Admit
    allowance: Allowance


def inspect_task(offered: Offered) -> Any:  # noqa: ANN401  # a type of the extra
    """The task that Inspect evaluates.

    Raises:
        FirstlightError: what an agent is told cannot be made, because a release cannot be fetched.
    """
    running = _Running(offered)

    # Inspect registers plain functions alone, not bound methods.
    async def solve(state: Any, generate: Any) -> Any:  # noqa: ANN401  # of the extra
        return await running.solve(state, generate)

    async def judge(state: Any, target: Any) -> Any:  # noqa: ANN401  # of the extra
        return await running.score(state, target)

    return inspect_ai.Task(
        name=offered.suite,
        version=offered.version,
        dataset=MemoryDataset(
            [Asked(input=offered.bench.told(task), id=task.id) for task in offered.tasks]
        ),
        solver=solver(name="firstlight_agent")(lambda: solve)(),
        scorer=scorer(metrics=[accuracy()], name="firstlight_verifier")(lambda: judge)(),
        token_limit=offered.allowance.tokens,
        turn_limit=offered.allowance.turns,
        metadata={
            MARK: {
                "suite": offered.suite,
                "version": offered.version,
                "root": offered.root,
                "tasks": [task.id for task in offered.tasks],
            }
        },
    )


class _Running:
    """Samples from their opening to their score."""

    def __init__(self, offered: Offered) -> None:
        self._offered = offered
        self._tasks = {task.id: task for task in offered.tasks}
        self._found: dict[str, tuple[Outcome, dict[str, Json]]] = {}
        self._one = anyio.Lock()

    async def solve(self, state: Any, generate: Any) -> Any:  # noqa: ANN401  # of the extra
        """Open, play, judge: all of it under watch, one sample at a time."""
        task = self._tasks[str(state.sample_id)]
        model = without_downloads(get_model())
        level = self._offered.admit(f"{model}".startswith(MOCK))
        async with self._one:
            offered = self._offered
            seconds = offered.allowance.seconds + _JUDGING_SECONDS
            with offered.watch.sample(f"{task.id}.{state.epoch}", seconds):
                sample = await anyio.to_thread.run_sync(offered.bench.open, task)
                state = await self._play(task, sample, state, generate)
                outcome = await anyio.to_thread.run_sync(
                    offered.bench.verify, task, sample.transcript()
                )
                resolved = await anyio.to_thread.run_sync(offered.bench.resolved, task)
        facts: dict[str, Json] = {
            "ended": Ended(outcome.kind).value,
            "level": level,
            "environment": list(resolved) if resolved else None,
        }
        self._found[state.uuid] = outcome, facts
        return state

    async def _play(self, task: Task, sample: Sample, state: Any, generate: Any) -> Any:  # noqa: ANN401
        attempt = Attempt(
            sample=sample,
            allowance=self._offered.allowance,
            check=self._offered.watch.check,
            tick=time.monotonic,
        )
        if isinstance(task.environment, TalkEnvironment):
            state = await generate(state)
            attempt.answer(state.output.completion)
            return state
        return await as_solver(attempt.agent())(state, generate)

    async def score(self, state: Any, target: Any) -> Any:  # noqa: ANN401  # of the extra
        """The verdict, as Inspect writes it down."""
        del target
        outcome, facts = self._found.pop(state.uuid)
        ended = Ended(outcome.kind)
        summary = outcome.evidence.summary
        if not ended.counts:
            return Score.unscored(explanation=summary, metadata={MARK: facts})
        value = CORRECT if ended is Ended.SOLVED else INCORRECT
        return Score(value=value, explanation=summary, metadata={MARK: facts})


def named(made: Callable[..., Any]) -> Callable[..., Any]:
    """Register what makes a task under its own name with Inspect."""
    found: Callable[..., Any] = inspect_ai.task(made)
    return found
