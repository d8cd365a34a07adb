"""A flaw that waits for its maintainer, and the pace that the maintainer chose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from firstlight.core.clearinghouse.priority.severity import Rating
from firstlight.core.kernel.errors import Invalid


class Pressing(StrEnum):
    """Why the pace does not hold for a flaw."""

    NO = "no"
    """nothing presses"""
    EXPLOITED = "exploited"
    """somebody uses it already"""
    LEAKED = "leaked"
    """those who should not know it, know it"""


class Feed(StrEnum):
    """What a maintainer wants to be sent."""

    VERIFIED = "verified"
    """what was reproduced here; the default"""
    RAW = "raw"
    """everything, checked or not"""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A flaw that nobody has sent to its maintainer yet. One flaw, however many reported it."""

    flaw: str
    """the number of its case"""
    since: date
    """when it was first reported"""
    rating: Rating
    """by the maintainer's own threat model where there is one"""
    hours: float
    """of the maintainer's time that it is expected to take, more than 0"""
    verified: bool = True
    """whether it was reproduced here"""
    pressing: Pressing = Pressing.NO
    send_by: date | None = None
    """the last day on which it can be sent and still be mended in time; None when nothing is due"""
    due: str = ""
    """what is due, for a person: "BOD 26-04 asks for a fix by 2026-12-01" """

    def __post_init__(self) -> None:
        """Refuse what cannot be ranked."""
        if not self.hours > 0:
            raise Invalid("a flaw takes some of its maintainer's time", field="hours")


@dataclass(frozen=True, kw_only=True)
class Pace:
    """What a maintainer can take."""

    maintainer: str
    a_week: int
    """new reports in a week; 0 is a pause"""
    open_at_most: int
    """unanswered and unfixed reports at a time"""
    feed: Feed = Feed.VERIFIED
    chosen: bool = True
    """False when nobody was asked and the default holds"""

    def __post_init__(self) -> None:
        """Refuse a pace below nothing."""
        if self.a_week < 0 or self.open_at_most < 0:
            raise Invalid("a pace is not negative", field="a_week")


def unasked(maintainer: str) -> Pace:
    """The pace of a maintainer who has not chosen one: one evening a week."""
    return Pace(maintainer=maintainer, a_week=1, open_at_most=3, chosen=False)
