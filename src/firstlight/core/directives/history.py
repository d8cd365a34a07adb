"""The history of a duty: what was shown of it, by whom. Entries are appended, never changed.

An entry that was wrong is withdrawn by a later entry that names it and says why. Both stay.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from firstlight.core.directives.model import Duty
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import Identifier

LONGEST_LINK = 500
LONGEST_SOURCE = 200
LONGEST_TEXT = 2_000
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_HTTPS = "https://"


class HistoryId(Identifier):
    """One entry of a duty's history."""

    prefix = "his"


class EntryKind(StrEnum):
    """What an entry says."""

    PROGRESS = "progress"
    """evidence of a step; the duty is not done by it"""
    DONE = "done"
    """evidence that the duty was done on that day"""
    NOT_APPLICABLE = "not-applicable"
    """from that day on the duty does not apply, for the reason given"""
    WITHDRAWN = "withdrawn"
    """an earlier entry was wrong, for the reason given; it counts on no day"""


EVIDENCE = frozenset({EntryKind.PROGRESS, EntryKind.DONE})


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One line of a duty's history. Construction refuses what could not be shown or checked."""

    id: HistoryId
    duty: str
    """key of the duty"""
    kind: EntryKind
    on: date
    """the day on which what is shown took place; with it states are computed"""
    text: str
    """what the evidence shows, or the reason"""
    recorded_by: str
    """`Actor.label`"""
    recorded_at: Instant
    source: str = ""
    """who published the evidence"""
    link: str = ""
    """https address of the evidence"""
    withdraws: HistoryId | None = None
    """the entry that was wrong"""

    def __post_init__(self) -> None:
        """Raises Invalid."""
        _check_line("text", self.text, LONGEST_TEXT)
        if self.kind in EVIDENCE:
            _check_line("source", self.source, LONGEST_SOURCE)
            _check_link(self.link)
        elif self.source or self.link:
            raise Invalid(f"an entry {self.kind.value!r} has a reason and no source", field="link")
        if (self.kind is EntryKind.WITHDRAWN) is not (self.withdraws is not None):
            raise Invalid("a withdrawal, and nothing else, names an entry", field="withdraws")


def check_fits(duty: Duty, kind: EntryKind) -> None:
    """Refuse an end for what has no end.

    Raises:
        Invalid: a duty that always holds is neither done once for all nor set aside.
    """
    if duty.days is None and kind in {EntryKind.DONE, EntryKind.NOT_APPLICABLE}:
        raise Invalid(
            f"{duty.key} always holds, so it cannot become {kind.value!r}",
            hint="Record what shows that it is kept as progress.",
            field="kind",
        )


def _check_line(field: str, value: str, limit: int) -> None:
    if not value.strip():
        raise Invalid(f"{field} is missing", field=field)
    if len(value) > limit:
        raise Invalid(f"{field} has more than {limit} characters", field=field, limit=limit)
    if any(unicodedata.category(character) in _HIDDEN for character in value):
        raise Invalid(f"{field} is one line without hidden characters", field=field)


def _check_link(link: str) -> None:
    """A link is shown to the public, so only an ordinary https address may become one."""
    host = link.removeprefix(_HTTPS).partition("/")[0]
    if not link.startswith(_HTTPS) or "." not in host or "@" in host:
        raise Invalid("the link is no https address", field="link")
    if len(link) > LONGEST_LINK or not link.isascii() or not link.isprintable() or " " in link:
        raise Invalid(
            f"the link has {LONGEST_LINK} ASCII characters at most and no blanks", field="link"
        )
