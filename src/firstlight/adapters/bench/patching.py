"""The verifier of patches.

A patch solves its task when it passes every check that a patch of a case is put through
(`adapters/targets/patching.py`), apart from those for which the target ships nothing: it applies,
no shipped proof shows anything, harmless inputs do what they did, own and hidden tests pass, and
inputs near the proofs find nothing new.

Every check is in the evidence; the first that failed is the summary.
"""

from __future__ import annotations

from functools import partial

from firstlight.adapters.bench.lab import Lab
from firstlight.adapters.bench.verify import broken, facts_of, say
from firstlight.adapters.targets.patching import Tried, try_patch
from firstlight.core.clearinghouse.patches.model import Answer as Passed
from firstlight.core.clearinghouse.validation.outcome import NotTried
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.measure.detect import in_diff, recalled
from firstlight.core.measure.outcome import Answer, Detection, Evidence, Verdict
from firstlight.core.measure.task import PatchVerifier


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
    tried = try_patch(
        target,
        {},
        diff,
        partial(lab.run, target),
        repeat=verifier.runs,
        budget=verifier.neighbours,
        seed=verifier.seed,
    )
    for side in (tried.before, tried.after):
        if isinstance(side.failed, NotTried):
            return broken(side)
    if tried.before.failed is not None:
        return broken(tried.before)
    return _verdict(tried, detections)


def _verdict(tried: Tried, detections: tuple[Detection, ...]) -> Verdict:
    failed = [one.detail for one in tried.checks if one.answer is Passed.FAILED]
    summary = "The flaw is gone and nothing else has changed that was looked at."
    return Verdict(
        answer=Answer.NO if failed else Answer.YES,
        evidence=Evidence(
            summary=failed[0] if failed else summary,
            facts={
                "checks": {
                    one.check.value: {"answer": one.answer.value, "detail": one.detail}
                    for one in tried.checks
                },
                "patched": facts_of(tried.after),
                "before": facts_of(tried.before),
            },
            detections=detections,
            level=tried.after.level,
            notes=tried.after.notes,
        ),
    )
