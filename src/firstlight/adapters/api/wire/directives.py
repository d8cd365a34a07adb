"""Duties, instruments, and what is recorded about them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from firstlight.adapters.api.wire.common import Body, Moment, Wire
from firstlight.adapters.formats.register_json import duty_json, entry_json, register_json
from firstlight.core.directives.history import (
    LONGEST_LINK,
    LONGEST_SOURCE,
    LONGEST_TEXT,
    EntryKind,
    HistoryEntry,
)
from firstlight.core.directives.status import Standing, Status

Day = Annotated[
    str, Field(description="calendar day, RFC 3339", json_schema_extra={"format": "date"})
]

Places = Annotated[list[str], Field(description="modules of the program that keep it")]


class HistoryEntryShown(Wire):
    """One line of a duty's history."""

    id: str
    kind: EntryKind
    on: Day
    text: str = Field(description="what the evidence shows, or the reason")
    source: str
    link: str
    withdraws: str | None
    counts: bool = Field(description="false once it was withdrawn")
    recorded_by: str = Field(description="the person for readers of the ledger, else the role")
    recorded_at: Moment

    @classmethod
    def of(cls, entry: HistoryEntry) -> HistoryEntryShown:
        """A new one."""
        return cls.model_validate(entry_json(entry, counts=True))


class PartShown(Wire):
    """A numbered part of a duty."""

    paragraph: str
    text: str


class DutyShown(Wire):
    """A duty on one day."""

    key: str
    instrument: str
    paragraph: str
    cites: str
    text: str
    parts: list[PartShown]
    lead: list[str]
    consulted: list[str]
    starts: Day
    days: int | None = Field(description="null for a duty that always holds")
    due: Day | None = Field(description="computed: `starts` and `days`")
    as_of: Day
    status: Status
    since: Day = Field(description="first day of this status")
    days_left: int | None = Field(description="negative when overdue; null when neither counts")
    decided_by: str | None = Field(description="entry that decided; null when the dates did")
    history: list[HistoryEntryShown]

    @classmethod
    def of(cls, standing: Standing) -> DutyShown:
        """From the register."""
        return cls.model_validate(duty_json(standing))


class InstrumentShown(Wire):
    """A text that lays duties down."""

    key: str
    title: str
    issuer: str
    signed: Day
    published: Day | None
    reference: str
    revokes: list[str]
    touches: list[str] = Field(description="paragraphs of the order that it bears on")


class ProhibitionShown(Wire):
    """What the program must never become."""

    key: str
    paragraph: str
    text: str
    kept: str
    places: Places


class QuestionShown(Wire):
    """What the order leaves open."""

    key: str
    paragraphs: list[str]
    question: str
    handled: str
    places: Places


class PressShown(Wire):
    """Where public reports differ from the order."""

    key: str
    paragraphs: list[str]
    reported: str
    order: str
    handled: str
    places: Places


class RegisterShown(Wire):
    """The whole register on one day."""

    as_of: Day
    instruments: list[InstrumentShown]
    duties: list[DutyShown]
    prohibitions: list[ProhibitionShown]
    open_questions: list[QuestionShown]
    press: list[PressShown]

    @classmethod
    def of(cls, duties: list[Standing], as_of: date) -> RegisterShown:
        """From the register."""
        return cls.model_validate(register_json(duties, as_of))


class DutyEvidenceKind(StrEnum):
    """What evidence shows."""

    PROGRESS = EntryKind.PROGRESS.value
    """a step; the duty is not done by it"""
    DONE = EntryKind.DONE.value
    """the duty was done on that day"""


_REASON = Field(min_length=1, max_length=LONGEST_TEXT, description="public")


class EvidenceGiven(Body):
    """Evidence for a duty; all of it becomes public."""

    kind: DutyEvidenceKind
    on: date = Field(description="the day on which it took place; not in the future")
    source: str = Field(min_length=1, max_length=LONGEST_SOURCE, description="who published it")
    link: str = Field(min_length=1, max_length=LONGEST_LINK, description="https address")
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, description="what it shows")


class AsideGiven(Body):
    """A duty does not apply from a day on."""

    on: date = Field(description="the first day; not in the future")
    reason: str = _REASON


class EntryWithdrawal(Body):
    """An entry was wrong."""

    entry: str = Field(max_length=64, description="identifier (his_...)")
    reason: str = _REASON
