"""Run proofs on both releases of a target and give the outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firstlight.adapters.targets.plan import (
    REGRESSION,
    Fetch,
    draw,
    nonces_needed,
    plan,
    prepare,
)
from firstlight.adapters.targets.reading import SideRun, not_tried, read
from firstlight.core.clearinghouse.validation.outcome import (
    Evidence,
    NotReproduced,
    NotShown,
    Outcome,
    Reproduced,
    decide,
)
from firstlight.core.clearinghouse.validation.target import Expect, Side, Target
from firstlight.core.kernel.errors import FirstlightError, RunnerLost, SandboxUnavailable
from firstlight.usecases.ports import Runner

Progress = Callable[[str, str], None]
"""called with the target's identifier and what happens now"""


@dataclass(frozen=True, kw_only=True)
class Validated:
    """Proofs run on both releases."""

    outcomes: Mapping[str, Outcome]
    """by proof"""
    sides: tuple[SideRun, ...]
    """vulnerable first; that one alone when it could not be run"""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The result of checking a shipped target."""

    target: Target
    """which one"""
    outcomes: Mapping[str, Outcome]
    """by proof"""
    sides: tuple[SideRun, ...]
    """vulnerable first; that one alone when it could not be run"""
    problems: tuple[str, ...]
    """sentences; empty when the target keeps every promise"""
    seconds: float
    """all of it"""

    @property
    def ok(self) -> bool:
        """Whether each proof, the tests and the regression test did what they must."""
        return not self.problems


def run_side(  # each is a fact of the run
    target: Target,
    side: Side,
    proofs: Mapping[str, bytes],
    runner: Runner,
    fetch: Fetch,
    *,
    repeat: int = 3,
    tests: bool = False,
    diff: str | None = None,
) -> SideRun:
    """Fetch, build and run one side. What cannot be tried is a value (`failed`), not an error.

    Raises:
        RunnerLost: the runner died; try again later.
        SandboxUnavailable: nothing untrusted can be run at the moment.
    """
    begun = time.monotonic()
    try:
        tree = prepare(target, side, fetch)
        nonces = draw(nonces_needed(target, len(proofs), repeat))
        planned = plan(target, side, tree, proofs, nonces, repeat=repeat, tests=tests, diff=diff)
        result = runner.perform(planned.experiment)
    except (RunnerLost, SandboxUnavailable):
        raise
    except FirstlightError as error:
        return not_tried(side, error, time.monotonic() - begun)
    return read(planned, result, time.monotonic() - begun)


def validate(  # each is a fact of the run
    target: Target,
    proofs: Mapping[str, bytes],
    runner: Runner,
    fetch: Fetch,
    *,
    repeat: int = 3,
    tests: bool = False,
) -> Validated:
    """Run proofs on both sides.

    Raises:
        RunnerLost: the runner died; try again later.
        SandboxUnavailable: nothing untrusted can be run at the moment.
    """
    sides: list[SideRun] = []
    for side in Side:
        one = run_side(target, side, proofs, runner, fetch, repeat=repeat, tests=tests)
        sides.append(one)
        if one.failed is not None:
            return Validated(outcomes=dict.fromkeys(proofs, one.failed), sides=tuple(sides))
    vulnerable, fixed = sides
    notes = tuple(dict.fromkeys((*vulnerable.notes, *fixed.notes)))
    outcomes = {
        name: decide(
            Evidence(
                vulnerable=vulnerable.showings[name],
                fixed=fixed.showings[name],
                level=vulnerable.level,
                notes=notes,
            )
        )
        for name in proofs
    }
    return Validated(outcomes=outcomes, sides=tuple(sides))


def check(
    target: Target,
    runner: Runner,
    fetch: Fetch,
    *,
    repeat: int = 3,
    progress: Progress = lambda _target, _what: None,
) -> Checked:
    """Prove a shipped target: each of its proofs, its tests, its regression test, on both sides.

    Raises:
        RunnerLost: the runner died; try again later.
        SandboxUnavailable: nothing untrusted can be run at the moment.
    """
    begun = time.monotonic()
    progress(target.id, "building and running both releases")
    proofs = {proof.name: proof.data for proof in target.proofs}
    found = validate(target, proofs, runner, fetch, repeat=repeat, tests=True)
    problems = (*_proof_problems(target, found.outcomes), *_test_problems(found.sides))
    progress(target.id, "does not hold" if problems else "holds")
    return Checked(
        target=target,
        outcomes=found.outcomes,
        sides=found.sides,
        problems=problems,
        seconds=time.monotonic() - begun,
    )


def _proof_problems(target: Target, outcomes: Mapping[str, Outcome]) -> list[str]:
    problems = []
    for proof in target.proofs:
        match outcomes[proof.name]:
            case Reproduced():
                good = proof.expect is Expect.SHOWS
            case NotReproduced(reason=NotShown.NEVER):
                good = proof.expect is Expect.SHOWS_NOTHING
            case _:
                good = False
        if not good:
            problems.append(f"proof {proof.name}: {outcomes[proof.name].kind}")
    return problems


def _test_problems(sides: tuple[SideRun, ...]) -> list[str]:
    problems = []
    for one in sides:
        for name, result in one.tests.items():
            must_fail = name == REGRESSION and one.side is Side.VULNERABLE
            if (result.exit_code == 0) is must_fail:
                word = "passes" if must_fail else "fails"
                problems.append(f"{name} {word} on the {one.side} side")
    return problems
