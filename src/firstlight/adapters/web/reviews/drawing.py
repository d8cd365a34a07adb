"""Where the marks of a review's drawings stand: the windows over time, the days, the waiting.

Across, places are percentages, so that a drawing fits every width without shrinking its words;
down, they are `rem`, so that it grows with the reader's letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from firstlight.core.kernel.clock import Instant
from firstlight.core.review.answering import Waiting
from firstlight.core.review.window import LIMIT, MOST_DAYS, Audience, Window, counted

_DAY = timedelta(days=1)
_MOST_TICKS = 4
_LAST_TICK = 88.0
"""per cent; words of a later one would leave the drawing"""
_MIDDLE = 50.0
_ROOM = 1.04
"""the scale reaches a little beyond the last mark"""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stretch."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A day on the scale."""

    x: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment."""

    x: str
    words: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class WindowLine:
    """The windows of one engagement over time."""

    ticks: Sequence[Tick]
    offices: Sequence[Bar]
    partners: Sequence[Bar]
    releases: Sequence[Mark]
    now: Mark
    words: str


@dataclass(frozen=True, kw_only=True)
class Days:
    """The offices' thirty days of one model."""

    limit: int
    elsewhere: float
    """used in other engagements of the same model"""
    ran: float
    planned: float
    left: float
    bars: Sequence[Bar]
    words: str


def days_of(windows: Sequence[Window], elsewhere: timedelta, now: Instant) -> Days:
    """How the thirty days stand at a moment."""
    whole = counted(windows)
    ran = sum((_ran(each, now) for each in windows if _of_offices(each)), timedelta())
    parts = (("gone", elsewhere), ("term", ran), ("plan", whole - ran))
    bars, place = [], 0.0
    for tone, length in parts:
        width = min(100 * (length / LIMIT), 100 - place)
        bars.append(Bar(x=f"{place:.2f}%", width=f"{max(width, 0):.2f}%", tone=tone))
        place += max(width, 0)
    left = max((LIMIT - whole - elsewhere) / _DAY, 0)
    return Days(
        limit=MOST_DAYS,
        elsewhere=_days(elsewhere),
        ran=_days(ran),
        planned=_days(whole - ran),
        left=round(left, 1),
        bars=[bar for bar in bars if bar.width != "0.00%"],
        words=(
            f"Of {MOST_DAYS} days of access for offices, {_days(ran):g} have run, "
            f"{_days(whole - ran):g} are planned, {_days(elsewhere):g} were used in other "
            f"engagements of this model, {round(left, 1):g} are left."
        ),
    )


def draw_windows(
    windows: Sequence[Window], releases: Sequence[tuple[Instant, str]], now: Instant
) -> WindowLine | None:
    """The drawing; None when there is no window."""
    if not windows:
        return None
    moments = [now, *(at for at, _ in releases)]
    for each in windows:
        moments += [each.period.start, each.planned_end]
    scale = _Scale(min(moments).utc, max(moments).utc)
    running = [each for each in windows if each.period.contains(now)]
    told = "; ".join(_told(each) for each in windows)
    return WindowLine(
        ticks=tuple(scale.ticks()),
        offices=tuple(_bars(windows, Audience.OFFICES, scale, now)),
        partners=tuple(_bars(windows, Audience.PARTNERS, scale, now)),
        releases=tuple(scale.mark(at, f"launch: {to}") for at, to in releases),
        now=scale.mark(now, "now"),
        words=f"{len(running)} of {len(windows)} windows run now. {told}.",
    )


def _told(window: Window) -> str:
    start, end = window.period.start.utc, window.period.end.utc
    return f"{window.audience.value} from {start:%d %B %Y} to {end:%d %B %Y}"


def _of_offices(window: Window) -> bool:
    return window.audience is Audience.OFFICES


def _ran(window: Window, now: Instant) -> timedelta:
    end = min(window.period.end, now)
    return max(end.utc - window.period.start.utc, timedelta())


def _days(length: timedelta) -> float:
    return round(length / _DAY, 1)


class _Scale:
    def __init__(self, first: datetime, last: datetime) -> None:
        self.first = first
        self.whole = max((last - first) * _ROOM, _DAY)

    def percent(self, moment: datetime) -> float:
        return min(max(100 * ((moment - self.first) / self.whole), 0), 100)

    def mark(self, at: Instant, words: str) -> Mark:
        place = self.percent(at.utc)
        return Mark(x=f"{place:.2f}%", words=words, anchor="end" if place > _MIDDLE else "start")

    def bar(self, start: Instant, end: Instant, tone: str) -> Bar:
        left = self.percent(start.utc)
        width = max(self.percent(end.utc) - left, 0)
        return Bar(x=f"{left:.2f}%", width=f"{width:.2f}%", tone=tone)

    def ticks(self) -> Iterator[Tick]:
        """The beginning of some days, evenly."""
        days = max(int(self.whole / _DAY), 1)
        step = -(-days // _MOST_TICKS)
        day = self.first.replace(hour=0, minute=0, second=0, microsecond=0)
        if day < self.first:
            day += _DAY
        while day - self.first <= self.whole:
            place = self.percent(day)
            if place <= _LAST_TICK:
                yield Tick(x=f"{place:.2f}%", words=f"{day.day} {day:%b}")
            day += step * _DAY


def _bars(
    windows: Sequence[Window], audience: Audience, scale: _Scale, now: Instant
) -> Iterator[Bar]:
    for each in windows:
        if each.audience is not audience:
            continue
        start, end = each.period.start, each.period.end
        middle = min(max(start, now), end)
        if start < middle:
            yield scale.bar(start, middle, "term")
        if middle < end:
            yield scale.bar(middle, end, "plan")
        if end < each.planned_end:
            yield scale.bar(end, each.planned_end, "cut")


@dataclass(frozen=True, kw_only=True)
class WaitRow:
    """How long developers of one size waited."""

    name: str
    answered: int
    waiting: int
    middle: float | None
    """days; None while nothing was answered"""
    longest: float | None
    middle_width: str
    longest_width: str
    words_y: str
    bar_y: str


_SIZES = {"small": "fewer than 50 people", "medium": "50 to 499", "large": "500 or more"}
_ROW = 3.2


def draw_waiting(rows: Sequence[Waiting]) -> tuple[Sequence[WaitRow], str]:
    """Rows with their bars, and the height of the drawing."""
    most = max((each.longest for each in rows if each.longest), default=_DAY)
    most = max(most, timedelta(minutes=1))
    made = [
        WaitRow(
            name=_SIZES.get(each.size.value, "") if each.size else "size not said",
            answered=each.answered,
            waiting=each.waiting,
            middle=_days(each.middle) if each.middle is not None else None,
            longest=_days(each.longest) if each.longest is not None else None,
            middle_width=_width(each.middle, most),
            longest_width=_width(each.longest, most),
            words_y=f"{_ROW * number + 1.1:.2f}rem",
            bar_y=f"{_ROW * number + 1.6:.2f}rem",
        )
        for number, each in enumerate(rows)
    ]
    return made, f"{_ROW * len(made):.2f}rem"


def _width(length: timedelta | None, most: timedelta) -> str:
    return f"{100 * (length / most):.2f}%" if length else "0%"
