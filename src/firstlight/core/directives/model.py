"""What a duty, an instrument and a paragraph are. The rows themselves stand beside this file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from firstlight.core.kernel.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A text with authority that lays down duties."""

    key: str
    """short name for addresses and citations"""
    title: str
    issuer: str
    signed: date
    """the day from which its clocks count"""
    published: date | None = None
    """None when it is not published apart from its signing"""
    reference: str = ""
    """where it can be read"""
    revokes: tuple[str, ...] = ()
    """instruments that it takes out of force"""
    touches: tuple[str, ...] = ()
    """paragraphs of the order that it bears on"""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A numbered part of a duty."""

    paragraph: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One paragraph that asks something of somebody, in our own words."""

    key: str
    """names it in addresses; for the order, its paragraph"""
    instrument: str
    """key of the instrument that lays it down"""
    paragraph: str
    """where it stands in the instrument"""
    lead: tuple[str, ...]
    """who has to do it; empty when it binds everybody"""
    consulted: tuple[str, ...]
    text: str
    starts: date
    """the first day on which it holds"""
    days: int | None = None
    """days from `starts` within which it is to be done; None for one that always holds"""
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a term of no length."""
        if self.days is not None and self.days < 1:
            raise Invalid(f"{self.key}: a term has at least one day", field="days")

    @property
    def due(self) -> date | None:
        """The last day on which it is done in time; None for one that always holds.

        Calendar days: the order says nothing of weekends, so a due Saturday stays a Saturday.
        """
        return None if self.days is None else self.starts + timedelta(days=self.days)


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """Something that the order leaves open, so that it must be somebody's recorded choice."""

    key: str
    paragraphs: tuple[str, ...]
    """paragraphs that raise it without answering it"""
    question: str
    handled: str
    """who chooses here and where it is recorded, or that the program holds no answer"""
    places: tuple[str, ...] = ()
    """modules in which the choice is kept, as paths below the package; none where there is none"""


@dataclass(frozen=True, kw_only=True)
class PressDifference:
    """Where public reports say something else than the order."""

    key: str
    paragraphs: tuple[str, ...]
    reported: str
    order: str
    """what the order says"""
    handled: str
    """what follows for the program"""
    places: tuple[str, ...] = ()
    """likewise"""


@dataclass(frozen=True, kw_only=True)
class Prohibition:
    """Something that must never be, and where the program keeps it so."""

    key: str
    paragraph: str
    text: str
    kept: str
    """how it is kept"""
    places: tuple[str, ...]
    """modules that keep it, as paths below the package; a test proves that they exist"""
