"""Windows of access: who may be let in from when to when.

The rules, each a law in the tests:

1. a window ends by itself: every use compares the time, and no job is needed;
2. offices get at most 30 days of one model, over all its engagements and openings together
   (Executive Order 14409, 3(b)(ii)); days that were cut short count only as far as they ran;
3. only the developer sets, extends or stops a window;
4. partners come after the offices, or earlier by the developer's recorded act;
5. a clock that was set back opens nothing again: a use is judged at the latest moment known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import PersonId

MOST_DAYS = 30
LIMIT = timedelta(days=MOST_DAYS)
MOST_PARTNER_DAYS = 365
"""the order sets no limit for partners; no window is without end"""
MOST_WINDOWS = 100
_ONE_DAY = timedelta(days=1)


class ThirtyDaysUsed(Conflict):
    """Offices would get more than 30 days of this model."""

    code = "review.thirty_days_used"
    next_step = "Choose fewer days; what is left is in the details."


class WindowRunning(Conflict):
    """A window is open at this moment."""

    code = "review.window_running"
    next_step = "Extend it, or stop it first."


class NoWindow(Conflict):
    """There is no window that is still to end."""

    code = "review.no_window"
    next_step = "Set a new one."


class OfficesFirst(Conflict):
    """Partners would come in before the offices' window is over."""

    code = "review.offices_first"
    next_step = "Start later, or say that you want partners in early."


class Audience(StrEnum):
    """For whom a window is."""

    OFFICES = "offices"
    """reviewers of the government's offices; counted"""
    PARTNERS = "partners"
    """trusted partners; not counted"""
    DEFENDERS = "defenders"
    """people who were granted an offered model; they have no window, their grants say until when"""


@dataclass(frozen=True, kw_only=True)
class Window:
    """One stretch of access."""

    audience: Audience
    period: Period
    """as it stands now: extensions and an early stop included"""
    planned_end: Instant
    """the end before any early stop"""
    set_by: PersonId
    set_at: Instant
    early: bool = False
    """partners only: the developer lets them in before the offices' window is over"""

    def over(self, now: Instant) -> bool:
        """Whether nothing of it is left."""
        return self.period.end <= now

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.period.end.utc - self.period.start.utc


class Shut(StrEnum):
    """Why nobody of an audience is let in."""

    NONE = "no-window"
    """the developer has set none"""
    NOT_BEGUN = "not-begun"
    """it is still to begin, or partners wait for the offices' window to end"""
    OVER = "over"
    """it has ended"""


def look(windows: Sequence[Window], audience: Audience, now: Instant) -> Window | Shut:
    """The window that lets this audience in at `now`, or why there is none."""
    mine = [each for each in windows if each.audience is audience]
    for each in mine:
        if each.period.contains(now):
            waits = audience is Audience.PARTNERS and not each.early
            return Shut.NOT_BEGUN if waits and now < offices_end(windows, now) else each
    if not mine:
        return Shut.NONE
    return Shut.OVER if all(each.over(now) for each in mine) else Shut.NOT_BEGUN


def offices_end(windows: Iterable[Window], now: Instant) -> Instant:
    """When the last window of the offices ends; `now` when there is none."""
    ends = [each.period.end for each in windows if each.audience is Audience.OFFICES]
    return max(ends, default=now)


def counted(windows: Iterable[Window]) -> timedelta:
    """The offices' time in these windows, planned time included."""
    lengths = (each.length for each in windows if each.audience is Audience.OFFICES)
    return sum(lengths, timedelta())


def set_window(
    windows: Sequence[Window],
    *,
    elsewhere: timedelta,
    audience: Audience,
    start: Instant,
    days: int,
    by: PersonId,
    now: Instant,
    early: bool = False,
) -> tuple[Window, ...]:
    """The windows with a new one; one that has not begun is replaced.

    Args:
        windows: of this engagement
        elsewhere: what the offices had of the same model in other engagements
        audience: for whom
        start: not before `now`
        days: 1 to 30 for offices, 1 to 365 for partners
        by: the developer's person
        now: the operation's moment
        early: partners come in before the offices' window is over

    Raises:
        Invalid: start or days are out of bounds, or this audience has no window.
        WindowRunning: one for this audience is open now.
        ThirtyDaysUsed: too many days of this model.
        OfficesFirst: partners would come too early without the developer's word.
        Conflict: there were too many windows.
    """
    if audience is Audience.DEFENDERS:
        raise Invalid("defenders have no window; their grants say until when", field="audience")
    _whole_days(days, MOST_DAYS if audience is Audience.OFFICES else MOST_PARTNER_DAYS)
    if start < now:
        raise Invalid("a window starts now or later", field="start")
    if isinstance(running := look_any(windows, audience, now), Window):
        raise WindowRunning(until=str(running.period.end))
    kept = [each for each in windows if each.audience is not audience or each.over(now)]
    if len(kept) >= MOST_WINDOWS:
        raise Conflict(f"an engagement has at most {MOST_WINDOWS} windows")
    if audience is Audience.PARTNERS and not early and start < offices_end(kept, now):
        raise OfficesFirst(offices_until=str(offices_end(kept, now)))
    end = _later(start, days)
    new = Window(
        audience=audience,
        period=Period(start=start, end=end),
        planned_end=end,
        set_by=by,
        set_at=now,
        early=early and audience is Audience.PARTNERS,
    )
    _bounded([*kept, new], elsewhere, kept)
    return (*kept, new)


def extend(
    windows: Sequence[Window],
    *,
    elsewhere: timedelta,
    audience: Audience,
    days: int,
    now: Instant,
) -> tuple[Window, ...]:
    """The windows with the one that is running, or still to come, made longer.

    Raises:
        Invalid: not a whole number of days within bounds.
        NoWindow: none is left to extend.
        ThirtyDaysUsed: too many days of this model.
    """
    most = MOST_DAYS if audience is Audience.OFFICES else MOST_PARTNER_DAYS
    _whole_days(days, most)
    left = [each for each in windows if each.audience is audience and not each.over(now)]
    if not left:
        raise NoWindow
    old = left[-1]
    end = _later(old.period.end, days)
    longer = replace(old, period=replace(old.period, end=end), planned_end=end)
    changed = tuple(longer if each is old else each for each in windows)
    _bounded(changed, elsewhere, windows)
    if longer.length > timedelta(days=most):
        raise Invalid(f"a window has at most {most} days in all", field="days")
    return changed


def stop(
    windows: Sequence[Window], now: Instant, audience: Audience | None = None
) -> tuple[Window, ...]:
    """The windows with nothing left from `now` on; one that has not begun is gone."""
    kept: list[Window] = []
    for each in windows:
        if each.over(now) or (audience is not None and each.audience is not audience):
            kept.append(each)
        elif each.period.start <= now:
            kept.append(replace(each, period=replace(each.period, end=now)))
    return tuple(kept)


def look_any(windows: Sequence[Window], audience: Audience, now: Instant) -> Window | None:
    """The window of this audience that runs at `now`, whether or not it lets anyone in yet."""
    running = (w for w in windows if w.audience is audience and w.period.contains(now))
    return next(running, None)


def _later(moment: Instant, days: int) -> Instant:
    try:
        return moment.plus(timedelta(days=days))
    except OverflowError:
        raise Invalid("that lies beyond the calendar", field="start") from None


def _whole_days(days: int, most: int) -> None:
    if not 1 <= days <= most:
        raise Invalid(f"a window has 1 to {most} days, not {days}", field="days")


def _bounded(new: Iterable[Window], elsewhere: timedelta, before: Iterable[Window]) -> None:
    if counted(new) + elsewhere > LIMIT:
        left = LIMIT - elsewhere - counted(before)
        raise ThirtyDaysUsed(days_left=max(0.0, round(left / _ONE_DAY, 3)))
