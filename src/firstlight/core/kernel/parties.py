"""Who takes part: organisations, people, memberships, and the roles that the access table names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId


class OrganisationKind(StrEnum):
    """What an organisation is to the program."""

    DEVELOPER = "developer"
    """develops frontier models"""
    AGENCY = "agency"
    """an office of the government"""
    PARTNER = "partner"
    """a trusted partner in a critical-infrastructure sector"""
    AUTHORITY = "authority"
    """an authority of a State or a local government"""
    MAINTAINER = "maintainer"
    """maintains or sells software: a project or a vendor"""
    FINDER = "finder"
    """finds and reports flaws"""
    COORDINATOR = "coordinator"
    """runs the clearinghouse"""
    OPERATOR = "operator"
    """runs systems that need the patches"""
    AUDITOR = "auditor"
    """checks afterwards that the rules were kept"""


class Role(StrEnum):
    """What a person may act as. One access table says what each role may do."""

    ANONYMOUS = "anonymous"
    """nobody has signed in; may report and read what is public"""
    PENDING = "pending"
    """signed in, but the organisation is not vetted yet; sees nothing"""
    FINDER = "finder"
    """reports flaws and follows the own reports"""
    MAINTAINER = "maintainer"
    """answers for software that a case concerns"""
    OPERATOR = "operator"
    """reads released advisories; asks for defensive tools and uses them"""
    COORDINATOR = "coordinator"
    """leads cases from intake to advisory"""
    DEVELOPER = "developer"
    """shows a model before its release, and decides about everything that is shown"""
    REVIEWER = "reviewer"
    """looks at a model for an office of the government"""
    PARTNER = "partner"
    """looks at a model for a trusted partner"""
    RESEARCHER = "researcher"
    """reads assessments that were shared with researchers"""
    AUDITOR = "auditor"
    """reads the ledger and the records, changes nothing"""
    ADMINISTRATOR = "administrator"
    """vets organisations and manages accounts; sees no case for that"""
    SYSTEM = "system"
    """the program itself, for steps that the clock or a job takes"""


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """An organisation as the program knows it."""

    id: OrganisationId
    name: str
    kind: OrganisationKind
    sector: str = ""
    """for partners and operators: health, banking, energy, water, communications, ..."""
    vetted_at: Instant | None = None
    """None until an administrator has vetted it; until then its people see nothing"""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person with an account."""

    id: PersonId
    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A person's role in an organisation, for as long as it lasts."""

    person: PersonId
    organisation: OrganisationId
    role: Role
    started_at: Instant
    ended_at: Instant | None = None
    """every right that hangs on the membership ends at this moment"""

    def active(self, now: Instant) -> bool:
        """Whether it counts at `now`."""
        return self.started_at <= now and (self.ended_at is None or now < self.ended_at)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who is asking: resolved once at the front door, then passed to every use case and query."""

    role: Role
    person: PersonId | None = None
    """None for the anonymous and for the system"""
    organisation: OrganisationId | None = None
    scopes: frozenset[str] | None = None
    """a token's scopes as action names; None means every action of the role (a signed-in person)"""

    @property
    def label(self) -> str:
        """A stable name for the ledger."""
        return str(self.person) if self.person else self.role.value


ANONYMOUS = Actor(role=Role.ANONYMOUS)
SYSTEM = Actor(role=Role.SYSTEM)
