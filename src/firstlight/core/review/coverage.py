"""A developer asks whether its model is covered, and may stop there (EO 14409, 3(b)(i)).

An assessment answers the question. It is a statement that this program can show, or, where it is
classified, only its digest. Nothing in the program depends on what it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.words import line, sha256, written

MOST_QUESTIONS = 20


class Determination(StrEnum):
    """What was determined about the model."""

    COVERED = "covered"
    """at or above the threshold of 3(a)"""
    NOT_COVERED = "not-covered"
    """below it"""
    UNDETERMINED = "undetermined"
    """the evidence is too thin to say"""


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The answer to a developer's question."""

    determination: Determination
    office: OrganisationId
    """the office that determined"""
    by: PersonId
    at: Instant
    statement: str
    """reference of a measurement statement, empty when it is classified"""
    classified_digest: str
    """SHA-256 of the classified assessment, empty when it is not classified"""
    for_researchers: bool
    """the office finds it fit for researchers (3(a): "as appropriate")"""
    shared_at: Instant | None = None
    """when the developer agreed, too, to show it to researchers"""

    def __post_init__(self) -> None:
        """Exactly one of statement and digest; a classified one is for the developer only."""
        if bool(self.statement) == bool(self.classified_digest):
            raise Invalid(
                "an assessment is a statement's reference or a classified one's digest",
                field="statement",
            )
        if self.statement:
            object.__setattr__(self, "statement", line(self.statement, "statement"))
        else:
            checked = sha256(self.classified_digest, "classified_digest")
            object.__setattr__(self, "classified_digest", checked)
        if self.classified_digest and self.for_researchers:
            raise Invalid("a classified assessment is not for researchers", field="for_researchers")


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whether a model is covered, asked by its developer."""

    number: int
    """1, 2, 3, ... within the engagement"""
    text: str
    """what the developer says of the model, for the office that answers"""
    asked_by: PersonId
    asked_at: Instant
    assessment: Assessment | None = None
    """None until it is answered"""


def ask(
    questions: Sequence[Question], text: str, by: PersonId, now: Instant
) -> tuple[Question, ...]:
    """The questions with a new one.

    Raises:
        Conflict: one is still open, or there are too many.
        Unwritten, TooLarge: as `written`.
    """
    if questions and questions[-1].assessment is None:
        raise Conflict("a question of this engagement is still open")
    if len(questions) >= MOST_QUESTIONS:
        raise Conflict(f"an engagement has at most {MOST_QUESTIONS} questions")
    asked = Question(
        number=len(questions) + 1, text=written(text, "question"), asked_by=by, asked_at=now
    )
    return (*questions, asked)


def answer(questions: Sequence[Question], assessment: Assessment) -> tuple[Question, ...]:
    """The questions with the open one answered.

    Raises:
        Conflict: none is open.
    """
    if not questions or questions[-1].assessment is not None:
        raise Conflict("no question of this engagement is open")
    return (*questions[:-1], replace(questions[-1], assessment=assessment))


def share(questions: Sequence[Question], number: int, now: Instant) -> tuple[Question, ...]:
    """The questions with one answer open to researchers.

    Raises:
        Missing: no such question, or no answer.
        Conflict: the office did not find it fit for researchers.
    """
    for place, question in enumerate(questions):
        if question.number == number and question.assessment is not None:
            found = question.assessment
            if not found.for_researchers:
                raise Conflict("the office that determined did not name it fit for researchers")
            changed = replace(question, assessment=replace(found, shared_at=found.shared_at or now))
            return (*questions[:place], changed, *questions[place + 1 :])
    raise Missing(f"question {number} has no answer")


def cut_for(role: Role, question: Question) -> dict[str, Json] | None:
    """What a role may see of a question, as JSON; None for nothing.

    The developer and the offices see all of it; a researcher sees an answer that both sides
    agreed to share, without what the developer wrote and without names of people.
    """
    found = question.assessment
    answered: dict[str, Json] = {}
    if found is not None:
        answered = {
            "determination": found.determination.value,
            "office": str(found.office),
            "determined_at": str(found.at),
            "statement": found.statement,
        }
    if role is Role.RESEARCHER:
        return answered if found is not None and found.shared_at is not None else None
    if role not in {Role.DEVELOPER, Role.REVIEWER}:
        return None
    if found is not None:
        answered |= {"classified_digest": found.classified_digest, "by": str(found.by)}
    return {
        "number": question.number,
        "question": question.text,
        "asked_at": str(question.asked_at),
        **answered,
    }
