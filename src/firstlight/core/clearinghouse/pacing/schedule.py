"""Which flaws a maintainer is sent this week, and why each of the others waits.

In this order:

1. what is exploited or leaked goes at once, beside the pace, and is counted in it;
2. what would be late next week, the earliest day first;
3. the rest by the harm that a place in this week prevents for each hour that it takes (Smith's
   rule for the weighted sum of completion times: W. E. Smith, Naval Research Logistics Quarterly
   3, 1956). Harm grows with the severity and with the chance that others know the flaw by now.

Nothing unverified is sent to a maintainer who did not ask for the raw feed. Severity never drops a
confirmed flaw: it waits, and every flaw that has waited long is treated as late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from firstlight.core.clearinghouse.pacing.model import Feed, Pace, Pressing, Waiting
from firstlight.core.clearinghouse.pacing.rediscovery import Rediscovery
from firstlight.core.clearinghouse.priority.severity import Rating

WEEK = 7
"""days"""
LONGEST_WAIT = 60
"""days from the first report after which a flaw goes before all that is not due: 30 of the 90 that
public policies give are left to mend it"""
HARM = {
    Rating.CRITICAL: 8.0,
    Rating.HIGH: 4.0,
    Rating.MEDIUM: 2.0,
    Rating.LOW: 1.0,
    Rating.NONE: 0.5,
}
"""of a day on which others know an unmended flaw, each rating twice the one below. A judgement,
not a measurement"""


class Reason(StrEnum):
    """Why a flaw goes this week, or waits."""

    PRESSING = "pressing"
    """exploited or leaked"""
    DUE = "due"
    """it would be late next week"""
    WAITED = "waited"
    """it has waited long"""
    RANK = "rank"
    """by harm prevented for each hour"""
    UNVERIFIED = "unverified"
    """it was not reproduced here, and only such reports are wanted"""
    PAUSED = "paused"
    """the maintainer takes no reports for now"""
    FULL = "full"
    """as many as may be open are open"""
    PLACE = "place"
    """others go before it"""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A flaw, and what was decided about it."""

    flaw: Waiting
    send: bool
    reason: Reason
    why: str
    """for maintainer and finder, a sentence"""
    index: float
    """harm prevented for each hour, in the units of HARM"""
    week: int | None
    """weeks from now until it is sent at this pace; None when nobody can say"""
    late: bool
    """whether something that is due will be missed"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A week of one maintainer."""

    pace: Pace
    day: date
    """on which it was made"""
    open: int
    """reports that the maintainer has already"""
    choices: tuple[Choice, ...]
    """each flaw once: what is sent, then what waits, in order"""

    @property
    def sent(self) -> tuple[Choice, ...]:
        """What goes this week."""
        return tuple(one for one in self.choices if one.send)


def index(flaw: Waiting, day: date, again: Rediscovery) -> float:
    """Harm that a place this week prevents, for each hour that the flaw takes."""
    known = again.within((day - flaw.since).days + WEEK)
    return HARM[flaw.rating] * known / flaw.hours


def plan(
    waiting: Sequence[Waiting],
    pace: Pace,
    day: date,
    again: Rediscovery,
    *,
    open_now: int = 0,
) -> Plan:
    """Decide a week of one maintainer. The order of `waiting` does not matter.

    Args:
        waiting: flaws of this maintainer's projects
        pace: what the maintainer can take
        day: on which the week begins
        again: the chance of rediscovery
        open_now: reports that the maintainer has and has not closed
    """
    ranked = sorted(waiting, key=_order(day, again))
    places = max(min(pace.a_week, pace.open_at_most - open_now), 0)
    sent: list[Choice] = []
    held: list[Choice] = []
    for flaw in ranked:
        first = _first(flaw, day)
        if first is Reason.PRESSING:
            sent.append(_choice(flaw, first, day, again, send=True))
        elif not flaw.verified and pace.feed is Feed.VERIFIED:
            held.append(_choice(flaw, Reason.UNVERIFIED, day, again, send=False))
        elif len(sent) < places:
            sent.append(_choice(flaw, first, day, again, send=True))
        else:
            ahead = sum(one.reason is not Reason.UNVERIFIED for one in held)
            reason, week, why = _turn(pace, places, ahead)
            held.append(
                Choice(
                    flaw=flaw,
                    send=False,
                    reason=reason,
                    why=why,
                    index=index(flaw, day, again),
                    week=week,
                    late=_late(flaw, day, week),
                )
            )
    return Plan(pace=pace, day=day, open=open_now, choices=(*sent, *held))


def _order(day: date, again: Rediscovery) -> Callable[[Waiting], tuple[object, ...]]:
    steps = (Reason.PRESSING, Reason.DUE, Reason.WAITED, Reason.RANK)

    def place(flaw: Waiting) -> tuple[object, ...]:
        reason = _first(flaw, day)
        when = date.max
        if reason is Reason.DUE and flaw.send_by:
            when = flaw.send_by
        elif reason is Reason.WAITED:
            when = flaw.since
        # The name last, so that equals stand in the same order whatever came first.
        return steps.index(reason), when, -index(flaw, day, again), flaw.flaw

    return place


def _first(flaw: Waiting, day: date) -> Reason:
    if flaw.pressing is not Pressing.NO:
        return Reason.PRESSING
    if flaw.send_by is not None and flaw.send_by < day + timedelta(days=WEEK):
        return Reason.DUE
    if (day - flaw.since).days >= LONGEST_WAIT:
        return Reason.WAITED
    return Reason.RANK


def _choice(flaw: Waiting, reason: Reason, day: date, again: Rediscovery, *, send: bool) -> Choice:
    return Choice(
        flaw=flaw,
        send=send,
        reason=reason,
        why=_why(flaw, reason, day, again),
        index=index(flaw, day, again),
        week=0 if send else None,
        late=_late(flaw, day, 0 if send else None),
    )


def _turn(pace: Pace, places: int, ahead: int) -> tuple[Reason, int | None, str]:
    """Why a flaw waits, for how many weeks at this pace, and both in a sentence."""
    if pace.a_week == 0:
        return Reason.PAUSED, None, "No report is taken for now; it goes when the pause ends."
    if places == 0:
        most = pace.open_at_most
        why = f"{most} reports may be open at a time; it goes when one is closed."
        return Reason.FULL, None, why
    week = 1 + ahead // pace.a_week
    why = (
        f"{pace.a_week} a week are sent, and others go before it: at this pace it goes in "
        f"{week} {'week' if week == 1 else 'weeks'}."
    )
    return Reason.PLACE, week, why


def _late(flaw: Waiting, day: date, week: int | None) -> bool:
    if flaw.send_by is None:
        return False
    # When nobody can say, it is late as soon as the next week would be too late.
    weeks = 1 if week is None else week
    return day + timedelta(days=WEEK * weeks) > flaw.send_by


def _why(flaw: Waiting, reason: Reason, day: date, again: Rediscovery) -> str:
    if reason is Reason.PRESSING:
        return f"It is {flaw.pressing.value} already, so it goes at once, beside the pace."
    if reason is Reason.DUE:
        return f"It would be late next week: {flaw.due or f'it is due by {flaw.send_by}'}."
    if reason is Reason.WAITED:
        return f"It has waited since {flaw.since}; whatever waits {LONGEST_WAIT} days goes first."
    if reason is Reason.UNVERIFIED:
        return "It was not reproduced here yet, and only reproduced flaws are wanted."
    days = (day - flaw.since).days + WEEK
    return (
        f"{flaw.rating.value.capitalize()}, {flaw.hours:g} hours, {again.within(days):.1%} that "
        f"others know it {days} days after its report: this prevents most for the time it takes."
    )
