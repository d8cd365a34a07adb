"""A proposed patch and the verdict on it.

A patch counts as verified only when every check passed; a check that could not be run is a refusal
with its reason, never a pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import CaseId, PatchId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role


class PatchState(StrEnum):
    """Where a patch stands."""

    PROPOSED = "proposed"
    """not checked yet"""
    VERIFIED = "verified"
    """every check passed"""
    REFUSED = "refused"
    """a check failed or could not be run; the evidence says which"""


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A unified diff against the vulnerable source."""

    id: PatchId
    case: CaseId
    diff: str
    author: str
    """who proposed it, as the ledger names people"""
    proposed_at: Instant
    state: PatchState = PatchState.PROPOSED


PATCH_MOVES: MoveTable[PatchState] = MoveTable(
    (
        Move(
            name="verify",
            sources=frozenset({PatchState.PROPOSED}),
            target=PatchState.VERIFIED,
            roles=frozenset({Role.SYSTEM}),
            rule="every check passed",
        ),
        Move(
            name="refuse",
            sources=frozenset({PatchState.PROPOSED}),
            target=PatchState.REFUSED,
            roles=frozenset({Role.SYSTEM}),
            rule="a check failed or could not be run",
        ),
    )
)


class Check(StrEnum):
    """What is checked, in this order."""

    APPLIES = "applies"
    """the diff applies to the vulnerable source and the result builds"""
    PROOF_FAILS = "proof-fails"
    """no proof shows the flaw any more, and each did before: those of every finder, and others"""
    HARMLESS = "harmless"
    """harmless inputs do what they did before"""
    OWN_TESTS = "own-tests"
    """the package's own tests give what they gave before"""
    REGRESSION_TEST = "regression-test"
    """the shipped test fails before the patch and passes after it"""
    VARIANTS = "variants"
    """inputs near the proofs, for a set budget, show nothing that the fixed release does not"""


class Answer(StrEnum):
    """What a check gave."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not-run"
    """with the reason; counts against the patch"""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One check and what it gave."""

    check: Check
    answer: Answer
    detail: str
    """a sentence for a person: what was seen"""


def verdict(results: Sequence[CheckResult]) -> str:
    """The move that the checks allow: `verify` only when each was run once and passed."""
    passed = [result.check for result in results if result.answer is Answer.PASSED]
    complete = sorted(passed) == sorted(Check) and len(results) == len(Check)
    return "verify" if complete else "refuse"
