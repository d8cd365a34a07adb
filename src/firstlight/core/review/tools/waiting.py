"""How long askers wait for an answer, by what they are: small operators beside agencies.

A request that is not answered yet is counted as waiting, never as answered at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from firstlight.core.kernel.clock import Instant
from firstlight.core.review.tools.asking import RequestState, ToolRequest
from firstlight.core.review.tools.eligibility import AskerKind


@dataclass(frozen=True, kw_only=True)
class ToolWaiting:
    """How long askers of one kind waited."""

    kind: AskerKind
    answered: int
    waiting: int
    """asked and not answered"""
    late: int
    """answered after the day that was promised, or not answered and the day is over"""
    middle: timedelta | None
    """the median time to the first answer; None while nothing was answered"""
    longest: timedelta | None


def by_kind(requests: Sequence[ToolRequest], now: Instant) -> list[ToolWaiting]:
    """One row for each kind, those without any request included."""
    return [_row(kind, [r for r in requests if r.kind is kind], now) for kind in AskerKind]


def _row(kind: AskerKind, requests: Sequence[ToolRequest], now: Instant) -> ToolWaiting:
    first = [(each, each.answers[0].at) for each in requests if each.answers]
    times = [at.utc - each.asked_at.utc for each, at in first]
    open_ones = [each for each in requests if each.state is RequestState.ASKED]
    late = [each for each, at in first if at > each.answer_by]
    late += [each for each in open_ones if each.late(now)]
    middle = median(time.total_seconds() for time in times) if times else None
    return ToolWaiting(
        kind=kind,
        answered=len(times),
        waiting=len(open_ones),
        late=len(late),
        middle=timedelta(seconds=middle) if middle is not None else None,
        longest=max(times, default=None),
    )
