from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.review import review_samples as samples

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.review.window import (
    LIMIT,
    Audience,
    NoWindow,
    OfficesFirst,
    Shut,
    ThirtyDaysUsed,
    Window,
    WindowRunning,
    counted,
    extend,
    look,
    set_window,
    stop,
)

SECOND = timedelta(seconds=1)
_INSTANTS = st.integers(-40 * 86400, 80 * 86400).map(lambda s: samples.after(seconds=s))
_steps = st.lists(
    st.tuples(
        st.sampled_from(["set", "extend", "stop", "close", "wait"]),
        st.integers(0, 40),
        st.floats(0, 12),
        st.sampled_from(Audience),
    ),
    max_size=40,
)


def _try(
    windows: tuple[Window, ...],
    step: tuple[str, int, float, Audience],
    elsewhere: timedelta,
    now: Instant,
) -> tuple[Window, ...]:
    name, days, wait, audience = step
    start = now.plus(timedelta(days=wait / 4))
    try:
        if name == "set":
            return set_window(
                windows,
                elsewhere=elsewhere,
                audience=audience,
                start=start,
                days=days,
                by=samples.LEAD,
                now=now,
                early=days % 2 == 0,
            )
        if name == "extend":
            return extend(windows, elsewhere=elsewhere, audience=audience, days=days, now=now)
    except (Conflict, Invalid):
        return windows
    return stop(windows, now) if name in {"stop", "close"} else windows


def _lit(windows: tuple[Window, ...], moments: list[Instant]) -> list[Instant]:
    return [m for m in moments if isinstance(look(windows, Audience.OFFICES, m), Window)]


@settings(deadline=None)
@given(_steps)
def test_no_sequence_gives_offices_more_than_thirty_days(
    steps: list[tuple[str, int, float, Audience]],
) -> None:
    """Sets, extensions, stops and new engagements of the model: never more than 30 days in all.

    The days are measured by asking, hour by hour, whether offices are let in; not by the sum that
    the code itself keeps.
    """
    now, closed, windows = samples.START, tuple[Window, ...](), tuple[Window, ...]()
    hours_lit = 0
    for step in steps:
        if step[0] == "close":
            windows = stop(windows, now)
            closed += windows
            windows = ()
        windows = _try(windows, step, counted(closed), now)
        assert counted(closed) + counted(windows) <= LIMIT
        passed = int(step[2] * 24)
        hours = [now.plus(timedelta(hours=hour)) for hour in range(passed)]
        hours_lit += len(_lit(windows, hours))
        now = now.plus(timedelta(hours=passed))
    rest = [now.plus(timedelta(hours=hour)) for hour in range(24 * 45)]
    hours_lit += len(_lit(windows, rest))
    begun = sum(1 for each in (*closed, *windows) if each.audience is Audience.OFFICES)
    assert hours_lit <= 30 * 24 + begun, "an hour may be begun once for each window"


@settings(deadline=None)
@given(_steps, _INSTANTS)
def test_the_clock_alone_ends_every_window(
    steps: list[tuple[str, int, float, Audience]], moment: Instant
) -> None:
    """At its end, to the microsecond, a window lets nobody in; just before, it may."""
    now, windows = samples.START, tuple[Window, ...]()
    for step in steps:
        windows = _try(windows, step, timedelta(), now)
        now = now.plus(timedelta(days=step[2]))
    for each in windows:
        for audience in Audience:
            found = look(windows, audience, each.period.end)
            assert found is not each
    latest = max((each.period.end for each in windows), default=now)
    for audience in Audience:
        assert not isinstance(look(windows, audience, max(latest, moment)), Window)


@settings(deadline=None)
@given(_steps)
def test_partners_come_after_the_offices_unless_the_developer_said_early(
    steps: list[tuple[str, int, float, Audience]],
) -> None:
    """Also when the offices' window is extended after the partners' was set."""
    now, windows = samples.START, tuple[Window, ...]()
    for step in steps:
        windows = _try(windows, step, timedelta(), now)
        partners = look(windows, Audience.PARTNERS, now)
        if isinstance(partners, Window) and not partners.early:
            offices = [each for each in windows if each.audience is Audience.OFFICES]
            assert all(each.over(now) for each in offices)
        now = now.plus(timedelta(days=step[2]))


def test_a_window_ends_to_the_second() -> None:
    """One second before its end it is open, at its end it is over."""
    windows = [samples.window(days=30)]
    end = samples.after(days=30)
    assert isinstance(look(windows, Audience.OFFICES, end.plus(-SECOND)), Window)
    assert look(windows, Audience.OFFICES, end) is Shut.OVER
    assert look(windows, Audience.OFFICES, samples.START.plus(-SECOND)) is Shut.NOT_BEGUN
    assert look([], Audience.OFFICES, samples.START) is Shut.NONE


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_a_window_has_one_to_thirty_days(days: int) -> None:
    """Anything else is no window."""
    with pytest.raises(Invalid, match="1 to 30"):
        set_window(
            [],
            elsewhere=timedelta(),
            audience=Audience.OFFICES,
            start=samples.START,
            days=days,
            by=samples.LEAD,
            now=samples.START,
        )


def test_earlier_days_of_the_same_model_count() -> None:
    """After 25 days elsewhere, five are left; the error says how many."""
    given_ = {
        "audience": Audience.OFFICES,
        "start": samples.START,
        "by": samples.LEAD,
        "now": samples.START,
        "elsewhere": timedelta(days=25),
    }
    assert set_window([], days=5, **given_)  # type: ignore[arg-type]  # by name
    with pytest.raises(ThirtyDaysUsed) as refused:
        set_window([], days=6, **given_)  # type: ignore[arg-type]  # by name
    assert refused.value.details["days_left"] == 5.0


def test_days_that_were_cut_short_are_left_over() -> None:
    """Ten days stopped after two count as two; a window that had not begun counts as none."""
    stopped = stop([samples.window(days=10)], samples.after(days=2))
    assert counted(stopped) == timedelta(days=2)
    assert stop([samples.window(start=samples.after(days=3))], samples.START) == ()


def test_only_one_window_runs_and_a_planned_one_is_replaced() -> None:
    """A running window is extended, not doubled."""
    given_ = {
        "elsewhere": timedelta(),
        "audience": Audience.OFFICES,
        "days": 3,
        "by": samples.LEAD,
        "now": samples.START,
    }
    with pytest.raises(WindowRunning):
        set_window([samples.window()], start=samples.after(days=20), **given_)  # type: ignore[arg-type]
    planned = samples.window(start=samples.after(days=5), days=30)
    (only,) = set_window([planned], start=samples.after(days=1), **given_)  # type: ignore[arg-type]
    assert only.period.start == samples.after(days=1)


def test_what_has_ended_is_not_extended() -> None:
    """A window that is over stays over; a new one is set."""
    with pytest.raises(NoWindow):
        extend(
            [samples.window(days=1)],
            elsewhere=timedelta(),
            audience=Audience.OFFICES,
            days=1,
            now=samples.after(days=1),
        )


def test_partners_before_the_offices_need_the_developers_word() -> None:
    """Without `early`, a partners' window cannot begin before the offices' ends."""
    given_ = {
        "elsewhere": timedelta(),
        "audience": Audience.PARTNERS,
        "start": samples.after(days=5),
        "days": 20,
        "by": samples.LEAD,
        "now": samples.START,
    }
    with pytest.raises(OfficesFirst):
        set_window([samples.window()], **given_)  # type: ignore[arg-type]  # by name
    let_in = set_window([samples.window()], early=True, **given_)  # type: ignore[arg-type]
    assert isinstance(look(let_in, Audience.PARTNERS, samples.after(days=6)), Window)


def test_a_window_beyond_the_calendar_is_refused() -> None:
    """The last day of the calendar has no thirty days after it."""
    last = Instant.parse("9999-12-30T00:00:00Z")
    with pytest.raises(Invalid, match="calendar"):
        set_window(
            [],
            elsewhere=timedelta(),
            audience=Audience.OFFICES,
            start=last,
            days=30,
            by=samples.LEAD,
            now=samples.START,
        )
