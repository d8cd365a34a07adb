"""What goes this week: within the pace, each flaw once, explained, whatever came first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.pacing.model import Feed, Pace, Pressing, Waiting, unasked
from firstlight.core.clearinghouse.pacing.rediscovery import estimate
from firstlight.core.clearinghouse.pacing.schedule import (
    HARM,
    LONGEST_WAIT,
    Plan,
    Reason,
    index,
    plan,
)
from firstlight.core.clearinghouse.priority.severity import Rating
from firstlight.core.kernel.errors import Invalid

DAY = date(2026, 11, 2)
AGAIN = estimate(0, 0)
RATINGS = [Rating.LOW, Rating.MEDIUM, Rating.HIGH, Rating.CRITICAL]


def flaw(name: str, **changes: object) -> Waiting:
    """One that came three weeks ago."""
    usual = Waiting(flaw=name, since=DAY - timedelta(days=21), rating=Rating.HIGH, hours=4.0)
    return replace(usual, **changes)  # type: ignore[arg-type]


@st.composite
def _flaws(draw: st.DrawFn) -> list[Waiting]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        due = draw(st.none() | st.integers(-20, 60))
        made.append(
            Waiting(
                flaw=f"FL-{number}",
                since=DAY - timedelta(days=draw(st.integers(0, 200))),
                rating=draw(st.sampled_from(RATINGS)),
                hours=draw(st.floats(0.25, 100)),
                verified=draw(st.booleans()),
                pressing=draw(st.sampled_from([Pressing.NO, Pressing.NO, Pressing.EXPLOITED])),
                send_by=None if due is None else DAY + timedelta(days=due),
            )
        )
    return made


PACES = st.builds(
    Pace,
    maintainer=st.just("m"),
    a_week=st.integers(0, 5),
    open_at_most=st.integers(0, 8),
    feed=st.sampled_from(Feed),
)


def names(made: Plan, reason: Reason | None = None) -> list[str]:
    """Of what is sent, in order."""
    return [one.flaw.flaw for one in made.sent if reason in {None, one.reason}]


@given(_flaws(), PACES, st.integers(0, 10))
def test_the_pace_holds_but_for_what_presses(
    waiting: list[Waiting], pace: Pace, open_now: int
) -> None:
    """Each flaw stands once, with a sentence; no more is sent than was chosen, beside emergencies.

    Whatever presses goes, also during a pause; and it takes the place of something else.
    """
    made = plan(waiting, pace, DAY, AGAIN, open_now=open_now)
    assert sorted(one.flaw.flaw for one in made.choices) == sorted(one.flaw for one in waiting)
    assert all(one.why.endswith(".") and one.reason for one in made.choices)
    pressing = {one.flaw for one in waiting if one.pressing is not Pressing.NO}
    assert set(names(made, Reason.PRESSING)) == pressing
    places = max(min(pace.a_week, pace.open_at_most - open_now), 0)
    assert len(made.sent) <= max(places, len(pressing))
    held = [one for one in made.choices if not one.send]
    sendable = [one for one in held if one.reason is not Reason.UNVERIFIED]
    assert not sendable or len(made.sent) >= places, "no place is left empty"


@given(_flaws(), PACES)
def test_nothing_unverified_goes_unasked(waiting: list[Waiting], pace: Pace) -> None:
    """Save what presses, only the raw feed carries what was not reproduced."""
    for one in plan(waiting, pace, DAY, AGAIN).sent:
        assert one.flaw.verified or pace.feed is Feed.RAW or one.flaw.pressing is not Pressing.NO


@given(_flaws(), PACES, st.randoms(use_true_random=False))
def test_the_order_of_arrival_decides_nothing(
    waiting: list[Waiting], pace: Pace, random: object
) -> None:
    """The same flaws in another order give the same plan."""
    shuffled = list(waiting)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert plan(shuffled, pace, DAY, AGAIN) == plan(waiting, pace, DAY, AGAIN)


@given(_flaws(), PACES, st.data())
def test_a_worse_flaw_never_waits_longer(
    waiting: list[Waiting], pace: Pace, data: st.DataObject
) -> None:
    """Raise one rating: that flaw stands no later than before."""
    better = [one for one in waiting if one.rating is not Rating.CRITICAL]
    if not better:
        return
    one = data.draw(st.sampled_from(better))
    worse = replace(one, rating=RATINGS[RATINGS.index(one.rating) + 1])
    changed = [worse if other is one else other for other in waiting]

    def place(flaws: list[Waiting]) -> int:
        return [c.flaw.flaw for c in plan(flaws, pace, DAY, AGAIN).choices].index(one.flaw)

    assert place(changed) <= place(waiting)


@given(st.lists(st.sampled_from(RATINGS), min_size=1, max_size=6))
def test_nobody_starves(ratings: list[Rating]) -> None:
    """A low flaw goes, although graver ones come every week for as long as it waits."""
    pace = Pace(maintainer="m", a_week=1, open_at_most=9)
    waiting, day = [flaw("low", since=DAY, rating=Rating.LOW)], DAY
    for week in range(LONGEST_WAIT // 7 + 2):
        coming = ratings[week % len(ratings)]
        waiting.append(flaw(f"new {week}", since=day, rating=coming, hours=1.0))
        made = plan(waiting, pace, day, AGAIN)
        waiting = [one.flaw for one in made.choices if not one.send]
        day += timedelta(days=7)
    assert "low" not in {one.flaw for one in waiting}


def test_what_is_due_goes_before_what_is_grave() -> None:
    """A low flaw that would be late next week, then by harm for each hour."""
    waiting = [
        flaw("grave", rating=Rating.CRITICAL),
        flaw("long", rating=Rating.CRITICAL, hours=40.0),
        flaw("due", rating=Rating.LOW, send_by=DAY + timedelta(days=6), due="a date was promised"),
        flaw("later", rating=Rating.LOW, send_by=DAY + timedelta(days=30)),
        flaw("old", rating=Rating.LOW, since=DAY - timedelta(days=LONGEST_WAIT)),
    ]
    made = plan(waiting, Pace(maintainer="m", a_week=3, open_at_most=9), DAY, AGAIN)
    assert names(made) == ["due", "old", "grave"]
    assert made.sent[0].why == "It would be late next week: a date was promised."
    assert [(one.flaw.flaw, one.reason, one.week) for one in made.choices[3:]] == [
        ("later", Reason.PLACE, 1),
        ("long", Reason.PLACE, 1),
    ]
    assert index(waiting[0], DAY, AGAIN) == pytest.approx(10 * index(waiting[1], DAY, AGAIN))
    assert HARM[Rating.CRITICAL] > HARM[Rating.LOW]


def test_what_will_be_late_says_so() -> None:
    """A place behind others beyond the day on which it would have to go."""
    waiting = [
        *(flaw(f"first {n}", rating=Rating.CRITICAL, hours=1.0) for n in range(4)),
        flaw("late", rating=Rating.LOW, send_by=DAY + timedelta(days=8)),
    ]
    made = plan(waiting, unasked("m"), DAY, AGAIN)
    last = made.choices[-1]
    assert (last.flaw.flaw, last.week, last.late) == ("late", 4, True)
    paused = plan(waiting, Pace(maintainer="m", a_week=0, open_at_most=9), DAY, AGAIN)
    assert {one.reason for one in paused.choices} == {Reason.PAUSED}
    full = plan(waiting, Pace(maintainer="m", a_week=2, open_at_most=3), DAY, AGAIN, open_now=3)
    assert {one.reason for one in full.choices} == {Reason.FULL}


@pytest.mark.parametrize("hours", [0.0, -1.0, float("nan")])
def test_hours_are_above_nothing(hours: float) -> None:
    """Nothing divides by them otherwise."""
    with pytest.raises(Invalid):
        flaw("x", hours=hours)
