"""The drawings of a review: every mark lies within, and the numbers are those of the rules."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.core.review import review_samples as made

from firstlight.adapters.web.reviews.drawing import days_of, draw_waiting, draw_windows
from firstlight.core.kernel.clock import Instant
from firstlight.core.review.answering import Waiting
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.window import Audience, Window, stop

windows = st.lists(
    st.builds(
        lambda audience, start, days: made.window(audience, start=start, days=days),
        st.sampled_from(Audience),
        st.integers(-1000, 1000).map(lambda hours: made.after(hours=hours)),
        st.floats(0.01, 30),
    ),
    max_size=4,
)
moments = st.integers(-2000, 3000).map(lambda hours: made.after(hours=hours))


def per_cent(place: str) -> float:
    """The number of a percentage."""
    return float(place.removesuffix("%"))


@given(some=windows, now=moments, release=moments, stopped=st.booleans())
def test_every_mark_stands_inside(
    some: list[Window], now: Instant, release: Instant, *, stopped: bool
) -> None:
    """Whatever the windows, the moment and the launch; ticks are few and in order."""
    kept = stop(some, now) if stopped else tuple(some)
    drawn = draw_windows(kept, [(release, "public")], now)
    assert (drawn is None) is (not kept)
    if drawn is None:
        return
    for bar in (*drawn.offices, *drawn.partners):
        assert 0 <= per_cent(bar.x) <= per_cent(bar.x) + per_cent(bar.width) <= 100.02
    for mark in (*drawn.releases, drawn.now):
        assert 0 <= per_cent(mark.x) <= 100
    places = [per_cent(tick.x) for tick in drawn.ticks]
    assert len(places) <= 6
    assert all(left < right for left, right in pairwise(places))


@given(windows, st.floats(0, 30), moments)
def test_the_days_add_up(some: list[Window], before: float, now: Instant) -> None:
    """Run, planned, used elsewhere and left are the thirty, as far as the rules kept to them."""
    days = days_of(some, timedelta(days=before), now)
    used = days.ran + days.planned + days.elsewhere
    assert days.limit == 30
    if used <= 30:
        assert abs(used + days.left - 30) < 0.3, "each is rounded to a tenth"
    else:
        assert days.left <= 0.2
    assert sum(per_cent(bar.width) for bar in days.bars) <= 100.03


def test_a_stopped_window_counts_as_far_as_it_ran() -> None:
    """Ten days cut after four: four have run, none is planned, the rest is drawn as cut off."""
    now = made.after(days=4)
    kept = stop([made.window(days=10)], now)
    days = days_of(kept, timedelta(), now)
    assert (days.ran, days.planned, days.left) == (4, 0, 26)
    drawn = draw_windows(kept, [], now)
    assert drawn is not None
    assert [bar.tone for bar in drawn.offices] == ["term", "cut"]


def test_waiting_that_is_not_over_is_no_short_wait() -> None:
    """A size without answers has no bar and no number."""
    answered = Waiting(
        size=DeveloperSize.LARGE,
        answered=2,
        waiting=0,
        middle=timedelta(days=2),
        longest=timedelta(days=4),
    )
    unanswered = Waiting(size=DeveloperSize.SMALL, answered=0, waiting=3, middle=None, longest=None)
    (small, large), _ = draw_waiting([unanswered, answered])
    assert (small.middle, small.middle_width, small.waiting) == (None, "0%", 3)
    assert (large.middle, large.middle_width, large.longest_width) == (2, "50.00%", "100.00%")
