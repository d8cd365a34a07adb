"""Stores of the review. Part of the unit of work; each ends with the errors it may raise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Membership
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId, ObservationId, PartnerId
from firstlight.core.review.model import Model
from firstlight.core.review.observations import Observation
from firstlight.core.review.offices import Office
from firstlight.core.review.partners import Partner
from firstlight.core.review.terms import Acceptance


class Memberships(Protocol):
    """Who belongs where; the store of accounts is one."""

    def memberships(self, person: PersonId) -> Sequence[Membership]:
        """Of this person, oldest first, ended ones too."""
        ...


@dataclass(frozen=True, kw_only=True)
class StoredReceipt:
    """A signed receipt as it was given to the developer."""

    number: int
    """1 at the close; 2 when keys were destroyed later"""
    at: Instant
    envelope: bytes
    """DSSE over the canonical JSON of the receipt"""
    destroyed: bool
    """whether it speaks of destroyed keys"""


class EngagementStore(Protocol):
    """Engagements, the offices in them, and who accepted which terms."""

    def lock_model(self, model: Model) -> Engagement | None:
        """The engagement of this model that is not closed, if any.

        Nobody else opens one for the model until this unit of work ends.
        """
        ...

    def next_number(self, year: int) -> str:
        """The next FR-<year>-<four or more digits>; never given twice."""
        ...

    def add(self, engagement: Engagement) -> None:
        """Raises Conflict when the model has one that is not closed."""
        ...

    def get(self, identifier: EngagementId) -> Engagement:
        """Raises Missing."""
        ...

    def lock(self, identifier: EngagementId) -> Engagement:
        """Like `get`, locked until this unit of work ends. Raises Missing."""
        ...

    def save(self, engagement: Engagement) -> Engagement:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def counted_elsewhere(self, engagement: Engagement) -> timedelta:
        """The offices' time of the same model in its other engagements."""
        ...

    def last_recorded(self, identifier: EngagementId) -> Instant | None:
        """The moment of the engagement's newest ledger entry. Locks nothing."""
        ...

    def offices(self, identifier: EngagementId) -> Sequence[Office]:
        """In the order in which they came."""
        ...

    def put_office(self, identifier: EngagementId, office: Office) -> None:
        """Add or replace the office's part."""
        ...

    def accept(self, identifier: EngagementId, acceptance: Acceptance) -> None:
        """Keep it; the first of a person and version stays."""
        ...

    def acceptances(self, identifier: EngagementId) -> Sequence[Acceptance]:
        """Oldest first."""
        ...

    def keep_receipt(self, identifier: EngagementId, receipt: StoredReceipt) -> None:
        """Raises Conflict when one of this number is kept already."""
        ...

    def receipts(self, identifier: EngagementId) -> Sequence[StoredReceipt]:
        """Oldest first."""
        ...

    def unfinished(self) -> Sequence[EngagementId]:
        """Closed ones whose keys no receipt says to be destroyed; held and kept ones too."""
        ...

    def showing(self) -> Sequence[Engagement]:
        """Those whose state lets people in, oldest first."""
        ...

    def revision(self) -> int:
        """A number that grows with every change of what access hangs on."""
        ...

    def touch(self) -> None:
        """Say that access may have changed by something that is kept elsewhere."""
        ...


class GrantStore(Protocol):
    """Grants."""

    def add(self, grant: Grant) -> None:
        """Keep a new one."""
        ...

    def get(self, identifier: GrantId) -> Grant:
        """Raises Missing."""
        ...

    def save(self, grant: Grant) -> Grant:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def of_engagement(self, identifier: EngagementId) -> Sequence[Grant]:
        """Oldest first, ended ones too."""
        ...


class PartnerStore(Protocol):
    """Partners."""

    def add(self, partner: Partner) -> None:
        """Raises Conflict when the organisation has a part in the engagement that is not over."""
        ...

    def get(self, identifier: PartnerId) -> Partner:
        """Raises Missing."""
        ...

    def save(self, partner: Partner) -> Partner:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def of_engagement(self, identifier: EngagementId) -> Sequence[Partner]:
        """Oldest first."""
        ...


class ObservationStore(Protocol):
    """Observations."""

    def add(self, observation: Observation) -> None:
        """Keep a new one."""
        ...

    def get(self, identifier: ObservationId) -> Observation:
        """Raises Missing."""
        ...

    def save(self, observation: Observation) -> Observation:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def of_engagement(self, identifier: EngagementId) -> Sequence[Observation]:
        """Oldest first."""
        ...
