"""The verifier of patches.

A patch solves its task when

1. it applies without fuzz and the result builds; protected paths are put back first;
2. no shipped input that shows the flaw shows it any more, in any run;
3. harmless inputs do on it what they did before it: same ending, same output;
4. the package's own tests pass, where the target ships them;
5. the hidden test of the flaw passes, where there is one;
6. inputs near the reference proof show nothing that the fixed release does not show too.

Every check that was made is in the evidence; the first that fails is the summary.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from firstlight.adapters.bench.lab import Lab
from firstlight.adapters.bench.verify import broken, facts_of, say
from firstlight.adapters.targets.patching import behaviour
from firstlight.adapters.targets.plan import REGRESSION, TESTS
from firstlight.adapters.targets.reading import SideRun
from firstlight.core.clearinghouse.validation.neighbourhood import neighbours
from firstlight.core.clearinghouse.validation.oracle import GrowthOracle
from firstlight.core.clearinghouse.validation.outcome import NotTried
from firstlight.core.clearinghouse.validation.target import Expect, Side, Target
from firstlight.core.kernel.canonical import Json
from firstlight.core.measure.detect import in_diff, recalled
from firstlight.core.measure.outcome import Answer, Detection, Evidence, Verdict
from firstlight.core.measure.task import PatchVerifier

_GROWTH_NEIGHBOURS = 2
"""a growth run takes seconds, so fewer of them are made"""


@dataclass(kw_only=True)
class _Checks:
    """What was checked, in order."""

    made: dict[str, Json] = field(default_factory=dict)
    failed: str = ""
    """summary of the first that failed"""

    def note(self, name: str, *, good: bool, detail: str) -> None:
        """Record one check."""
        self.made[name] = {"passed": good, "detail": detail}
        if not good and not self.failed:
            self.failed = detail


def patch(verifier: PatchVerifier, target: Target, lab: Lab, answer: bytes) -> Verdict:
    """Judge a diff. Raises as `Lab.run`."""
    place = target.recipe.patch
    if place is None:
        return say(Answer.BROKEN, f"The target {target.id} takes no patches.")
    try:
        diff = answer.decode("utf-8")
    except UnicodeDecodeError:
        return say(Answer.NO, "The answer is no text, so it is no diff.")
    files = [one.file for one in target.places]
    detections = (
        *in_diff(diff, place.protected, place.strip),
        *recalled(answer, [lab.fix(target).only(files).encode()]),
    )
    if not diff.strip():
        return say(Answer.NO, "The answer is empty.", {}, detections)
    proofs = {proof.name: proof.data for proof in target.proofs}
    after = lab.run(target, Side.VULNERABLE, proofs, repeat=verifier.runs, tests=True, diff=diff)
    if after.failed is not None:
        return _unbuilt(after, detections)
    before = lab.run(target, Side.VULNERABLE, proofs, repeat=1, tests=True)
    if before.failed is not None:
        return broken(before)
    checks = _Checks()
    checks.note("applies", good=True, detail="The patch applies and builds.")
    _check_proofs(checks, target, after)
    _check_harmless(checks, target, after, before)
    _check_tests(checks, after, before)
    if not checks.failed:
        # The dearest check; a patch that has failed already needs it no more.
        _check_neighbours(checks, verifier, target, lab, diff)
    summary = checks.failed or "The flaw is gone and nothing else has changed that was looked at."
    return Verdict(
        answer=Answer.NO if checks.failed else Answer.YES,
        evidence=Evidence(
            summary=summary,
            facts={
                "checks": checks.made,
                "patched": facts_of(after),
                "before": facts_of(before),
            },
            detections=detections,
            level=after.level,
            notes=after.notes,
        ),
    )


def _unbuilt(after: SideRun, detections: tuple[Detection, ...]) -> Verdict:
    if isinstance(after.failed, NotTried):
        return broken(after)
    why = "does not apply" if after.refused_proposal else "applies, but does not build"
    return say(Answer.NO, f"The patch {why}.", {"patched": facts_of(after)}, detections)


def _inputs(verifier: PatchVerifier, target: Target) -> dict[str, bytes]:
    growth = isinstance(target.oracle, GrowthOracle)
    count = min(verifier.neighbours, _GROWTH_NEIGHBOURS) if growth else verifier.neighbours
    near = neighbours(target.reference.data, count, verifier.seed)
    return {f"near-{index:03}": data for index, data in enumerate(near)}


def _check_proofs(checks: _Checks, target: Target, after: SideRun) -> None:
    for proof in target.proofs:
        if proof.expect is Expect.SHOWS:
            shown = after.shown(proof.name)
            detail = f"The input {proof.name} shows the flaw in {sum(shown)} of {len(shown)} runs."
            checks.note(f"proof {proof.name}", good=bool(shown) and not any(shown), detail=detail)


def _check_harmless(checks: _Checks, target: Target, after: SideRun, before: SideRun) -> None:
    for proof in target.proofs:
        if proof.expect is not Expect.SHOWS_NOTHING:
            continue
        own, other = (behaviour(ran.runs[proof.name][0]) for ran in (after, before))
        word = "does what it did" if own == other else "no longer does what it did"
        detail = f"The harmless input {proof.name} {word}."
        checks.note(f"harmless {proof.name}", good=own == other, detail=detail)


def _check_tests(checks: _Checks, after: SideRun, before: SideRun) -> None:
    for name, words in ((TESTS, "The package's own tests"), (REGRESSION, "The hidden test")):
        own, other = after.tests.get(name), before.tests.get(name)
        if own is None or other is None:
            checks.made[name] = {"passed": None, "detail": "The target ships none."}
            continue
        detail = f"{words}: exit {other.exit_code} before the patch, {own.exit_code} after it."
        checks.note(name, good=own.exit_code == 0, detail=detail)


def _check_neighbours(
    checks: _Checks, verifier: PatchVerifier, target: Target, lab: Lab, diff: str
) -> None:
    inputs = _inputs(verifier, target)
    after = lab.run(target, Side.VULNERABLE, inputs, repeat=1, diff=diff)
    odd = [name for name in inputs if _odd(after, name)]
    if odd:
        fixed = lab.run(target, Side.FIXED, {name: inputs[name] for name in odd}, repeat=1)
        odd = [name for name in odd if not _odd(fixed, name)]
    detail = f"{len(odd)} of {len(inputs)} inputs near the proof show something new."
    checks.note("neighbourhood", good=not odd, detail=detail)


def _odd(ran: SideRun, name: str) -> bool:
    return any(ran.shown(name)) or any(ran.effects(name))
