"""The register of participants: organisations that chose to be named, and nobody else.

An organisation enters itself and takes itself out; both are its own acts. Nothing depends on being
listed: who is not listed takes part just as well, and is not told from one who takes no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import OrganisationKind
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.words import written

LONGEST_SCOPE = 1_000

LISTABLE: Mapping[OrganisationKind, str] = {
    OrganisationKind.DEVELOPER: "developer",
    OrganisationKind.AGENCY: "office",
    OrganisationKind.PARTNER: "partner",
}
"""kinds that the register has, by the word that it uses"""


@dataclass(frozen=True, kw_only=True)
class Participation:
    """An organisation's own entry in the register."""

    organisation: OrganisationId
    kind: OrganisationKind
    scope: str
    """what it takes part in, in its own words"""
    since: date
    until: date | None
    """None for as long as it likes"""
    size: DeveloperSize | None
    """of a developer, by its own word; None for others"""
    listed_by: PersonId
    listed_at: Instant
    left_at: Instant | None = None
    """when it took itself out; nothing of the entry is shown from then on"""
    version: int = 1
    """grows with every change of the record"""

    def __post_init__(self) -> None:
        """Refuse an entry that is none."""
        if self.kind not in LISTABLE:
            raise Invalid("the register names developers, offices and partners", field="kind")
        object.__setattr__(self, "scope", written(self.scope, "scope"))
        if len(self.scope) > LONGEST_SCOPE:
            raise Invalid(f"scope has at most {LONGEST_SCOPE} characters", field="scope")
        if self.until is not None and self.until < self.since:
            raise Invalid("it cannot end before it begins", field="until")
        if (self.kind is OrganisationKind.DEVELOPER) != (self.size is not None):
            raise Invalid("a developer, and only that, says its size", field="size")

    @property
    def listed(self) -> bool:
        """Whether the register shows it."""
        return self.left_at is None


def leave(entry: Participation | None, now: Instant) -> Participation:
    """Out of the register.

    Raises:
        Conflict: it is not in it.
    """
    if entry is None or not entry.listed:
        raise Conflict("your organisation is not in the register", hint="Nothing is left to do.")
    return replace(entry, left_at=now)
