"""Reading a runner's answer: from runs to judgements, and from a failed build to its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.adapters.targets.plan import (
    DISTRIBUTION_PATCH,
    NEEDS,
    PROPOSAL,
    REGRESSION,
    TESTS,
    Plan,
)
from firstlight.core.clearinghouse.validation import oracle as oracles
from firstlight.core.clearinghouse.validation.oracle import RunFacts, Showing
from firstlight.core.clearinghouse.validation.outcome import CouldNotBuild, NotTried
from firstlight.core.clearinghouse.validation.target import Side
from firstlight.core.kernel.errors import FirstlightError, RunnerLost
from firstlight.usecases.ports import ExperimentResult, RunResult, Stopped, TrialRun

LOG_BYTES = 16 << 10
"""kept of the end of a failed build's output"""


@dataclass(frozen=True, kw_only=True)
class SideRun:
    """What one release did."""

    side: Side
    """which release"""
    showings: Mapping[str, tuple[Showing, ...]]
    """judged runs by proof; empty when it was not run"""
    tests: Mapping[str, RunResult]
    """the runs named TESTS and REGRESSION, where asked for"""
    runs: Mapping[str, tuple[RunResult, ...]]
    """what the sandbox saw of each run, by proof"""
    failed: CouldNotBuild | NotTried | None
    """why nothing ran"""
    refused_proposal: bool
    """True when the build failed because the proposed patch does not apply"""
    level: str
    """containment of the runs"""
    notes: tuple[str, ...]
    """weaker limits and granted permissions"""
    environment: Mapping[str, str]
    """tools as resolved where it ran"""
    cached: bool
    """whether the build came from the runner's cache"""
    seconds: float
    """fetching, building and running"""

    @property
    def crash(self) -> str:
        """The sanitizer report of the first run that showed the flaw, or nothing."""
        every = (showing for runs in self.showings.values() for showing in runs)
        return next((s.report for s in every if s.shown and s.report), "")

    def shown(self, proof: str) -> tuple[bool, ...]:
        """Whether the flaw showed, run by run."""
        return tuple(showing.shown for showing in self.showings.get(proof, ()))

    def effects(self, proof: str) -> tuple[str, ...]:
        """What happened in runs in which the flaw did not show; a sentence each."""
        runs, showings = self.runs.get(proof, ()), self.showings.get(proof, ())
        # An oracle may judge several runs at once.
        each = max(1, len(runs) // max(1, len(showings)))
        return tuple(
            seen
            for at, result in enumerate(runs)
            if not (showing := showings[min(at // each, len(showings) - 1)]).shown
            and (seen := _effect(result, showing))
        )


def _effect(result: RunResult, showing: Showing) -> str:
    if result.stopped_by is not Stopped.ITSELF:
        return f"the run was stopped by its limit on {result.stopped_by}"
    if result.signal is not None:
        return f"the program died from signal {result.signal}"
    if result.collected and showing.report:
        return showing.why.rstrip(".")
    return ""


def read(planned: Plan, result: ExperimentResult, seconds: float = 0.0) -> SideRun:
    """Judge what a runner gave for a plan.

    Raises:
        RunnerLost: the runner's answer lacks a run that was planned.
    """
    runs = {run.name: run for run in result.trials}
    failed = None if result.built else _failed(planned, result)
    showings: dict[str, tuple[Showing, ...]] = {}
    seen: dict[str, tuple[RunResult, ...]] = {}
    if failed is None:
        for series in planned.series:
            facts = [_facts(_run(runs, name)) for name in series.trials]
            one = oracles.judge(planned.target.oracle, facts, series.nonces)
            showings[series.proof] = (*showings.get(series.proof, ()), one)
            results = tuple(runs[name].result for name in series.trials)
            seen[series.proof] = (*seen.get(series.proof, ()), *results)
    notes = dict.fromkeys(note for run in result.trials for note in run.result.notes)
    if planned.target.recipe.run.ptrace:
        notes["ptrace was permitted, for LeakSanitizer"] = None
    return SideRun(
        side=planned.side,
        showings=showings,
        tests={name: runs[name].result for name in (TESTS, REGRESSION) if name in runs},
        runs=seen,
        failed=failed,
        refused_proposal=_failed_step(planned, result) == PROPOSAL,
        level=result.level.value,
        notes=tuple(notes),
        environment=dict(result.environment),
        cached=result.cached,
        seconds=seconds,
    )


def not_tried(side: Side, error: FirstlightError, seconds: float) -> SideRun:
    """A side that could not be fetched or sent, with the reason."""
    return SideRun(
        side=side,
        showings={},
        tests={},
        runs={},
        failed=NotTried(reason=error.message),
        refused_proposal=False,
        level="",
        notes=(),
        environment={},
        cached=False,
        seconds=seconds,
    )


def tail(result: RunResult) -> str:
    """The end of what a run printed, and the limit that stopped it if one did."""
    text = (result.stdout + result.stderr)[-LOG_BYTES:].decode("utf-8", "replace")
    if result.stopped_by is Stopped.ITSELF:
        return text
    return f"{text}\nstopped by its limit: {result.stopped_by.value}"


def _failed_step(planned: Plan, result: ExperimentResult) -> str:
    if result.built or not result.build:
        return ""
    return planned.build[len(result.build) - 1]


def _failed(planned: Plan, result: ExperimentResult) -> CouldNotBuild | NotTried:
    step = _failed_step(planned, result)
    log = tail(result.build[-1]) if result.build else "the runner kept no log"
    if step == NEEDS:
        lacking = ", ".join(log.split()) or "a shell"
        return NotTried(reason=f"The sandbox lacks what the target needs: {lacking}.")
    named = {DISTRIBUTION_PATCH: "A distribution patch", PROPOSAL: "The proposed patch"}
    if step in named:
        log = f"{named[step]} does not apply.\n{log}"
    return CouldNotBuild(side=planned.side, log=log)


def _run(runs: Mapping[str, TrialRun], name: str) -> TrialRun:
    if name not in runs:
        raise RunnerLost("The runner's answer lacks a run.", trial=name)
    return runs[name]


def _facts(run: TrialRun) -> RunFacts:
    result = run.result
    cpu = result.wall_seconds if result.cpu_seconds is None else result.cpu_seconds
    return RunFacts(
        exit_code=result.exit_code,
        signal=result.signal,
        stopped_by=result.stopped_by.value,
        stdout=result.stdout,
        stderr=result.stderr,
        collected=run.collected,
        cpu_seconds=cpu,
    )
