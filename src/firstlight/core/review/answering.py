"""How long developers wait for an answer, by the developer's size: the same path for all, shown.

A question that is not answered yet is counted as waiting, never as answered at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from firstlight.core.review.coverage import Question
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.model import DeveloperSize


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How long developers of one size waited."""

    size: DeveloperSize | None
    """None for those that have not said"""
    answered: int
    waiting: int
    """asked and not answered"""
    middle: timedelta | None
    """the median time to an answer; None while nothing was answered"""
    longest: timedelta | None


def of_questions(questions: Iterable[Question]) -> list[timedelta]:
    """From each answered question to its answer, oldest first."""
    return [each.assessment.at.utc - each.asked_at.utc for each in questions if each.assessment]


def by_size(engagements: Sequence[Engagement]) -> list[Waiting]:
    """One row for each size, those without any question included."""
    rows: list[Waiting] = []
    for size in (*DeveloperSize, None):
        asked = [q for each in engagements if each.size is size for q in each.questions]
        times = of_questions(asked)
        rows.append(
            Waiting(
                size=size,
                answered=len(times),
                waiting=len(asked) - len(times),
                middle=_middle(times),
                longest=max(times, default=None),
            )
        )
    return rows


def _middle(times: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(t.total_seconds() for t in times)) if times else None
