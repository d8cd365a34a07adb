"""What the guard needs: a store of verdicts and of what is sealed now, and who is at an address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.clearinghouse.finding import Report
from firstlight.core.guard.record import Kept, VerdictId
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Actor, Membership, Person
from firstlight.usecases.accounts.port import OrganisationRecord


@dataclass(frozen=True, kw_only=True)
class OpenCase:
    """A case that is not public, as far as the guard looks for it."""

    names: Sequence[str]
    """its number and identifier first; those of cases merged into it, and of their findings"""
    title: str
    package: str
    """purl without version; empty when unknown"""
    reports: Sequence[Report]


@dataclass(frozen=True, kw_only=True)
class PublicCases:
    """What the world may know already."""

    numbers: Sequence[str]
    """of cases whose advisory is public"""
    identifiers: Sequence[str]
    """names of flaws that those advisories give"""


class GuardStore(Protocol):
    """Verdicts with their sealed texts, and what the guard looks for. Part of the unit of work."""

    def add(self, kept: Kept, sealed: bytes) -> None:
        """Keep a verdict and its sealed text."""
        ...

    def get(self, identifier: VerdictId) -> Kept:
        """Raises Missing."""
        ...

    def lock(self, identifier: VerdictId) -> Kept:
        """Like `get`, locked until this unit of work ends. Raises Missing."""
        ...

    def sealed(self, identifier: VerdictId) -> bytes:
        """The text of a verdict as it is kept. Raises Missing."""
        ...

    def save(self, kept: Kept) -> Kept:
        """Store a decision and return it with the next version. Raises Conflict, Missing."""
        ...

    def newest_of(self, key: str) -> Kept | None:
        """The newest verdict on what is so named."""
        ...

    def stamp(self) -> str:
        """Another one whenever `open_cases` or `public_cases` may have changed."""
        ...

    def open_cases(self) -> Iterable[OpenCase]:
        """Every case that is not public."""
        ...

    def public_cases(self) -> PublicCases:
        """Those that are."""
        ...

    def seen_by(self, reader: Actor) -> Sequence[str]:
        """Numbers of the cases, and identifiers of the findings, that a reader may see."""
        ...


class Directory(Protocol):
    """Who is at an address. The account store is one."""

    def person_by_email(self, email: str) -> Person | None:
        """Without regard to upper and lower case."""
        ...

    def memberships(self, person: PersonId) -> Sequence[Membership]:
        """Of this person, ended ones too."""
        ...

    def organisation(self, identifier: OrganisationId) -> OrganisationRecord:
        """Raises Missing."""
        ...
