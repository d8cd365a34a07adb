"""A proposed patch on a target: the vulnerable release without it and with it, check by check.

The runs that cost most come last, and only for a patch that has passed everything before: inputs
near each proof, made for a set budget, on the patched release; what is odd there is run on the
release in which the maintainers mended the flaw, and counts only where that one is quiet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.adapters.targets.plan import REGRESSION, TESTS
from firstlight.adapters.targets.reading import SideRun
from firstlight.core.clearinghouse.patches.model import Answer, Check, CheckResult
from firstlight.core.clearinghouse.validation.neighbourhood import neighbours
from firstlight.core.clearinghouse.validation.oracle import GrowthOracle
from firstlight.core.clearinghouse.validation.target import Expect, Side, Target
from firstlight.usecases.ports import RunResult

BUDGET = 120
"""inputs near the proofs, in all"""
GROWTH_BUDGET = 2
"""of a flaw that shows by the time it takes; a run of it takes seconds"""
_TIMES = re.compile(rb"^(?:Date|Last-Modified|ETag): .*$", re.MULTILINE | re.IGNORECASE)
"""what a server's answer says about the time differs from run to run"""


class Run(Protocol):
    """Builds one side, with a diff where one is given, and runs inputs on it."""

    def __call__(
        self,
        side: Side,
        proofs: Mapping[str, bytes],
        *,
        repeat: int,
        tests: bool = False,
        diff: str | None = None,
    ) -> SideRun:
        """See `run_side`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A patch that was put through the checks."""

    checks: tuple[CheckResult, ...]
    """each once"""
    before: SideRun
    after: SideRun
    variants: tuple[SideRun, ...] = ()
    """of the patched release, then of the fixed one where something was odd"""


def try_patch(
    target: Target,
    proofs: Mapping[str, bytes],
    diff: str,
    run: Run,
    *,
    repeat: int = 3,
    budget: int = BUDGET,
    seed: int = 1,
) -> Tried:
    """Put a diff through every check.

    Args:
        target: takes patches
        proofs: of a case; the target's own are run beside them
        diff: against the vulnerable release
        run: builds and runs
        repeat: runs of each proof
        budget: inputs near the proofs, in all
        seed: of these inputs

    Raises:
        RunnerLost: the runner died; try again later.
        SandboxUnavailable: nothing untrusted can be run at the moment.
    """
    own = {f"target-{one.name}": one.data for one in target.proofs if one.expect is Expect.SHOWS}
    quiet = {
        f"harmless-{one.name}": one.data
        for one in target.proofs
        if one.expect is Expect.SHOWS_NOTHING
    }
    inputs = {**proofs, **own, **quiet}
    before, after = (
        run(Side.VULNERABLE, inputs, repeat=repeat, tests=True, diff=one) for one in (None, diff)
    )
    fixed = run(Side.FIXED, quiet or own or proofs, repeat=1, tests=True)
    if before.failed is not None:
        none = none_run("the release without the patch could not be run")
        return Tried(checks=none, before=before, after=after)
    if after.failed is not None:
        return Tried(checks=_unbuilt(after), before=before, after=after)
    checks = [
        _answer(Check.APPLIES, good=True, detail="The patch applies and builds."),
        _proofs(before, after, list(proofs), list(own)),
        _harmless(before, after, list(quiet)),
        _own_tests(before.tests.get(TESTS), after.tests.get(TESTS)),
        _regression(*(one.tests.get(REGRESSION) for one in (before, after, fixed))),
    ]
    if any(one.answer is Answer.FAILED for one in checks):
        why = "not tried, since another check failed"
        checks.append(CheckResult(check=Check.VARIANTS, answer=Answer.NOT_RUN, detail=why))
        return Tried(checks=tuple(checks), before=before, after=after)
    found, sides = _variants(target, {**proofs, **own}, diff, run, (budget, seed))
    return Tried(checks=(*checks, found), before=before, after=after, variants=sides)


def none_run(reason: str) -> tuple[CheckResult, ...]:
    """No check could be made, for one reason."""
    return tuple(CheckResult(check=check, answer=Answer.NOT_RUN, detail=reason) for check in Check)


def behaviour(result: RunResult) -> tuple[int | None, int | None, bytes]:
    """How a run ended and what it printed, apart from the time of day."""
    return result.exit_code, result.signal, _TIMES.sub(b"", result.stdout)


def _unbuilt(after: SideRun) -> tuple[CheckResult, ...]:
    why = "does not apply" if after.refused_proposal else "applies, but the result does not build"
    first = _answer(Check.APPLIES, good=False, detail=f"The patch {why}.")
    return (first, *none_run("the patched release was not built")[1:])


def _answer(check: Check, *, good: bool, detail: str) -> CheckResult:
    return CheckResult(check=check, answer=Answer.PASSED if good else Answer.FAILED, detail=detail)


def _proofs(
    before: SideRun, after: SideRun, reported: Sequence[str], own: Sequence[str]
) -> CheckResult:
    """Every proof of the case and every further one that the target ships."""
    names = [*reported, *own]
    earlier = [one.shown for name in names for one in before.showings[name]]
    later = [one.shown for name in names for one in after.showings[name]]
    odd = [f"{name}: {seen}" for name in names for seen in after.effects(name)]
    detail = (
        f"Shown in {sum(earlier)} of {len(earlier)} runs before and in {sum(later)} of"
        f" {len(later)} after, with {len(reported)} reported and {len(own)} further"
        f" {'proof' if len(own) == 1 else 'proofs'}."
    )
    if odd:
        detail = f"{detail} After it, something else happens: {odd[0]}."
    good = bool(earlier) and all(earlier) and not any(later) and not odd
    return _answer(Check.PROOF_FAILS, good=good, detail=detail)


def _harmless(before: SideRun, after: SideRun, names: Sequence[str]) -> CheckResult:
    if not names:
        detail = "The target ships no harmless input."
        return CheckResult(check=Check.HARMLESS, answer=Answer.NOT_RUN, detail=detail)
    changed = [
        name.removeprefix("harmless-")
        for name in names
        if behaviour(before.runs[name][0]) != behaviour(after.runs[name][0])
    ]
    detail = f"{len(names) - len(changed)} of {len(names)} harmless inputs do what they did"
    detail = f"{detail}; not {', '.join(changed)}." if changed else f"{detail}."
    return _answer(Check.HARMLESS, good=not changed, detail=detail)


def _own_tests(before: RunResult | None, after: RunResult | None) -> CheckResult:
    if before is None or after is None:
        detail = "The target has no test command."
        return CheckResult(check=Check.OWN_TESTS, answer=Answer.NOT_RUN, detail=detail)
    return _answer(
        Check.OWN_TESTS,
        good=before.exit_code == 0 and after.exit_code == 0,
        detail=f"Exit {before.exit_code} before, {after.exit_code} after.",
    )


def _regression(
    before: RunResult | None, after: RunResult | None, fixed: RunResult | None
) -> CheckResult:
    """The exit alone does not do: a patch may end the program before the test has looked."""
    if before is None or after is None or fixed is None:
        detail = "The target ships no regression test, or the fixed release could not be run."
        return CheckResult(check=Check.REGRESSION_TEST, answer=Answer.NOT_RUN, detail=detail)
    same = after.stdout == fixed.stdout
    detail = f"Exit {before.exit_code} before (must fail), {after.exit_code} after (must pass)"
    if not same:
        detail = f"{detail}; it says something else than in the fixed release"
    good = before.exit_code != 0 and after.exit_code == 0 and same
    return _answer(Check.REGRESSION_TEST, good=good, detail=f"{detail}.")


def _variants(
    target: Target, proofs: Mapping[str, bytes], diff: str, run: Run, drawn: tuple[int, int]
) -> tuple[CheckResult, tuple[SideRun, ...]]:
    budget, seed = drawn
    if isinstance(target.oracle, GrowthOracle):
        budget = min(budget, GROWTH_BUDGET)
    each = max(budget // len(proofs), 1)
    inputs = {
        f"{name}-near-{at:03}": data
        for name, proof in list(proofs.items())[:budget]
        for at, data in enumerate(neighbours(proof, each, seed))
    }
    patched = run(Side.VULNERABLE, inputs, repeat=1, diff=diff)
    if patched.failed is not None:
        detail = "The patched release could not be run again."
        lost = CheckResult(check=Check.VARIANTS, answer=Answer.NOT_RUN, detail=detail)
        return lost, (patched,)
    odd = [name for name in inputs if _odd(patched, name)]
    sides: tuple[SideRun, ...] = (patched,)
    ours = odd
    if odd:
        fixed = run(Side.FIXED, {name: inputs[name] for name in odd}, repeat=1)
        sides = (patched, fixed)
        if fixed.failed is None:
            ours = [name for name in odd if not _odd(fixed, name)]
    detail = f"{len(ours)} of {len(inputs)} inputs near the proofs show something"
    also = len(odd) - len(ours)
    detail = f"{detail}; {also} more do so in the fixed release too." if also else f"{detail}."
    return _answer(Check.VARIANTS, good=not ours, detail=detail), sides


def _odd(side: SideRun, name: str) -> bool:
    return any(one.shown for one in side.showings[name]) or bool(side.effects(name))
