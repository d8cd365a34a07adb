"""Where the marks of the duties' timeline stand.

Across, places are percentages, so that the drawing fits every width without shrinking its words;
down, they are `rem`, so that it grows with the reader's letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from firstlight.core.directives.status import Standing, Status

_AXIS = 2.6
"""rem above the first row, for the names of months"""
_ROW = 2.9
_WORDS = 1.1
"""rem from a row's top to the line on which its words stand"""
_BAR = 1.6
_BAR_HEIGHT = 0.5
_FOOT = 1.8
_MOST_TICKS = 8
_MIDDLE = 50.0
_DONE = frozenset({Status.MET, Status.MET_LATE})


@dataclass(frozen=True, kw_only=True)
class Tick:
    """The first of a month."""

    x: str
    month: str
    year: str
    """empty where the tick before has the same"""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A stretch of time, or a moment as a narrow one."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One duty."""

    key: str
    status: Status
    words_y: str
    bar_y: str
    mark_y: str
    bars: Sequence[Bar]
    due_x: str
    """empty for a duty that always holds"""
    done_x: str
    """where the evidence stands; empty when none shows that it was done"""


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The whole drawing."""

    height: str
    axis_y: str
    foot_y: str
    months_y: str
    years_y: str
    bar_height: str
    ticks: Sequence[Tick]
    rows: Sequence[Row]
    today_x: str
    """empty when the day asked lies outside"""
    today_anchor: str
    """on which side of its line the day's name stands"""
    words: str
    """what a person hears instead of seeing it"""


def draw(duties: Sequence[Standing], as_of: date) -> Timeline:
    """The timeline of these duties; the scale reaches from the first to the last date of any."""
    days = [day for one in duties for day in _dates(one)]
    scale = _Scale(_month(min(days)), _month(max(days), 1))
    bottom = _AXIS + _ROW * len(duties)
    inside = scale.first <= as_of <= scale.last
    return Timeline(
        height=_rem(bottom + _FOOT),
        axis_y=_rem(_AXIS),
        foot_y=_rem(bottom),
        months_y=_rem(1.0),
        years_y=_rem(2.1),
        bar_height=_rem(_BAR_HEIGHT),
        ticks=tuple(_ticks(scale)),
        rows=tuple(_row(one, number, scale, as_of) for number, one in enumerate(duties)),
        today_x=scale.at(as_of) if inside else "",
        today_anchor="end" if scale.percent(as_of) > _MIDDLE else "start",
        words=_words(duties, as_of, scale),
    )


class _Scale:
    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last

    def percent(self, day: date) -> float:
        whole = (self.last - self.first).days
        return min(max(100 * (day - self.first).days / whole, 0), 100)

    def at(self, day: date) -> str:
        return f"{self.percent(day):.2f}%"

    def bar(self, start: date, end: date, tone: str) -> Bar:
        width = max(self.percent(end) - self.percent(start), 0)
        return Bar(x=self.at(start), width=f"{width:.2f}%", tone=tone)


def _dates(one: Standing) -> Iterator[date]:
    yield one.duty.starts
    if one.duty.due:
        yield one.duty.due
    if one.status in _DONE:
        yield one.since


def _row(one: Standing, number: int, scale: _Scale, as_of: date) -> Row:
    duty, top = one.duty, _AXIS + _ROW * number
    if duty.due is None:
        bars = [scale.bar(duty.starts, scale.last, "stands")]
    else:
        bars = [scale.bar(duty.starts, duty.due, "term")]
        if one.status is Status.OVERDUE:
            bars.append(scale.bar(duty.due, as_of, "late"))
        elif one.status is Status.MET_LATE:
            bars.append(scale.bar(duty.due, one.since, "late"))
    return Row(
        key=duty.key,
        status=one.status,
        words_y=_rem(top + _WORDS),
        bar_y=_rem(top + _BAR),
        mark_y=_rem(top + _BAR + _BAR_HEIGHT / 2),
        bars=bars,
        due_x=scale.at(duty.due) if duty.due else "",
        done_x=scale.at(one.since) if one.status in _DONE else "",
    )


def _ticks(scale: _Scale) -> Iterator[Tick]:
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = -(-months // _MOST_TICKS)
    year = 0
    for number in range(0, months, step):
        day = _month(scale.first, number)
        yield Tick(
            x=scale.at(day), month=f"{day:%b}", year=str(day.year) if day.year != year else ""
        )
        year = day.year


def _words(duties: Sequence[Standing], as_of: date, scale: _Scale) -> str:
    counts = {status: sum(one.status is status for one in duties) for status in Status}
    told = ", ".join(
        f"{count} {status.value.replace('-', ' ')}" for status, count in counts.items() if count
    )
    return (
        f"{len(duties)} duties from {scale.first:%B %Y} on. On {as_of.isoformat()}: {told}."
        " The table below says the same in words."
    )


def _month(day: date, later: int = 0) -> date:
    """The first of the month, so many months later."""
    number = day.year * 12 + day.month - 1 + later
    return date(number // 12, number % 12 + 1, 1)


def _rem(value: float) -> str:
    return f"{value:.2f}rem"
