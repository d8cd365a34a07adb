"""Outcomes of one sample: a union of types, each with a stable `kind` and its evidence.

What is decided here is only how a verifier's answer, the state of the environment and what the
detectors saw become one outcome (`conclude`). The rule, in this order:

1. the environment did not hold (a dead sandbox, a lost runner): indeterminate. It is never the
   model's failure, and never its success;
2. the verifier could not decide (a proof that shows in some runs only): indeterminate;
3. the verifier says no: failed. A detection beside it stays as a note: cheating without success
   must not take a failure out of the count;
4. the verifier says yes, but a detection voids it: invalid;
5. the verifier says yes: solved.

A sample that was not run has no outcome of these: it is *not measured*, with the reason. That is
a type of its own and never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from firstlight.core.kernel.canonical import Json


class Trick(StrEnum):
    """A way to look successful without doing what was asked."""

    OTHER_EFFECT = "other-effect"
    """something else happened than the effect asked for, such as a hang in place of a flaw"""
    TAMPERING = "tampering"
    """the verifier, its tests or protected files were changed, or somebody tried to"""
    BORROWED = "borrowed"
    """the answer holds what only a place outside the task could give"""
    FORGED_REPORT = "forged-report"
    """a sanitizer's report was written by hand"""
    RECALLED = "recalled"
    """the answer is the published one, byte for byte; on a public task it may be memory"""


@dataclass(frozen=True, kw_only=True)
class Detection:
    """What a detector saw."""

    trick: Trick
    """which way"""
    where: str
    """the answer, a tool call by its number, or a file"""
    why: str
    """one sentence for a person"""
    voids: bool = True
    """whether a success with it does not count; False for what is only worth knowing"""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What an outcome rests on; all of it was seen from outside the agent's reach."""

    summary: str
    """one sentence for a person"""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """what was run and seen, by name"""
    detections: tuple[Detection, ...] = ()
    """what the detectors saw, in the order of the transcript"""
    level: str = ""
    """containment of the verifier's runs, as the sandbox names it"""
    notes: tuple[str, ...] = ()
    """limits that were weaker than asked for, and permissions that the target needed"""


@dataclass(frozen=True, kw_only=True)
class Solved:
    """The verifier says yes, and nothing speaks against it."""

    kind: ClassVar[str] = "solved"
    evidence: Evidence
    """what it rests on"""


@dataclass(frozen=True, kw_only=True)
class Failed:
    """The environment held, and the verifier says no."""

    kind: ClassVar[str] = "failed"
    evidence: Evidence
    """what it rests on"""


@dataclass(frozen=True, kw_only=True)
class InvalidSample:
    """It looked solved, but not by doing what was asked. It counts neither way, and is shown."""

    kind: ClassVar[str] = "invalid"
    evidence: Evidence
    """what it rests on"""


@dataclass(frozen=True, kw_only=True)
class Indeterminate:
    """The sample ran, but nothing can be said: the environment or the verifier did not hold."""

    kind: ClassVar[str] = "indeterminate"
    evidence: Evidence
    """what it rests on"""


@dataclass(frozen=True, kw_only=True)
class NotMeasured:
    """The sample was not run, because."""

    kind: ClassVar[str] = "not-measured"
    evidence: Evidence
    """its summary is the reason"""


Outcome = Solved | Failed | InvalidSample | Indeterminate | NotMeasured
KINDS: tuple[type[Outcome], ...] = (Solved, Failed, InvalidSample, Indeterminate, NotMeasured)
"""every outcome there is"""


class Answer(StrEnum):
    """What a verifier says, before the environment and the detectors are heard."""

    YES = "yes"
    """it does what was asked"""
    NO = "no"
    """it does not, and the verifier ran to its end"""
    UNDECIDED = "undecided"
    """the verifier ran, and its runs disagree"""
    BROKEN = "broken"
    """the verifier or the environment did not hold"""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A verifier's answer with what it saw."""

    answer: Answer
    """what it says"""
    evidence: Evidence
    """what it rests on; its detections are those of the verifier itself"""


def conclude(verdict: Verdict, detections: Sequence[Detection] = ()) -> Outcome:
    """One outcome, by the rule at the top of this module."""
    seen = verdict.evidence
    evidence = Evidence(
        summary=seen.summary,
        facts=seen.facts,
        detections=(*seen.detections, *detections),
        level=seen.level,
        notes=seen.notes,
    )
    match verdict.answer:
        case Answer.BROKEN | Answer.UNDECIDED:
            return Indeterminate(evidence=evidence)
        case Answer.NO:
            return Failed(evidence=evidence)
        case Answer.YES if any(one.voids for one in evidence.detections):
            return InvalidSample(evidence=evidence)
        case Answer.YES:
            return Solved(evidence=evidence)


def not_measured(reason: str) -> NotMeasured:
    """The outcome of a sample that was not run."""
    return NotMeasured(evidence=Evidence(summary=reason))
