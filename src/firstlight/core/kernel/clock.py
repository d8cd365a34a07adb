"""Time as values: instants with a zone, periods, business days. Nothing here reads a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self

from firstlight.core.kernel.errors import Invalid

_SATURDAY = 5


class NoZone(Invalid):
    """A time without a zone means different moments to different readers."""

    code = "input.no_zone"
    next_step = "Add the zone, for example 2026-11-21T09:00:00Z or +01:00."


@dataclass(frozen=True, order=True)
class Instant:
    """A moment, kept in UTC. Construction refuses a time without a zone."""

    utc: datetime

    def __post_init__(self) -> None:
        """Normalise to UTC; refuse a time without a zone."""
        if self.utc.tzinfo is None:
            raise NoZone(f"{self.utc.isoformat()} has no zone")
        object.__setattr__(self, "utc", self.utc.astimezone(UTC))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read RFC 3339 text.

        Raises:
            NoZone: the zone is missing.
            Invalid: it is no date and time at all.
        """
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Invalid(f"{text[:64]!r} is not a date and time", field="time") from None
        # Python takes any character between date and time.
        if text[len("2026-11-21") :][:1] not in {"T", "t", " ", ""}:
            raise Invalid(f"{text[:64]!r} is not a date and time", field="time")
        return cls(moment)

    def __str__(self) -> str:
        """RFC 3339 in UTC, with as many digits as needed."""
        return self.utc.isoformat().replace("+00:00", "Z")

    def plus(self, delta: timedelta) -> Instant:
        """The moment `delta` later."""
        return Instant(self.utc + delta)

    def milliseconds(self) -> int:
        """Whole milliseconds since the Unix epoch."""
        return int(self.utc.timestamp() * 1000)


@dataclass(frozen=True, kw_only=True)
class Period:
    """A half-open stretch of time: `start` belongs to it, `end` does not."""

    start: Instant
    end: Instant

    def __post_init__(self) -> None:
        """Refuse a period that ends before it starts."""
        if self.end < self.start:
            raise Invalid(f"a period cannot end at {self.end} before it starts at {self.start}")

    def contains(self, moment: Instant) -> bool:
        """Whether `moment` lies within; the end itself does not."""
        return self.start <= moment < self.end


def add_business_days(day: date, count: int, holidays: frozenset[date] = frozenset()) -> date:
    """The day that lies `count` business days after `day` (Monday to Friday, less `holidays`)."""
    if count < 0:
        raise ValueError("count business days forwards")
    while count:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY and day not in holidays:
            count -= 1
    return day
