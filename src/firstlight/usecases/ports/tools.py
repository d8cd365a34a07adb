"""Stores of offers, requests, grants of tools, and of the register of participants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.review.ids import GrantId
from firstlight.core.review.participation import Participation
from firstlight.core.review.tools.access import ToolGrant, ToolUse
from firstlight.core.review.tools.asking import ToolRequest
from firstlight.core.review.tools.ids import OfferId, ToolGrantId, ToolRequestId
from firstlight.core.review.tools.offers import Offer


class ToolStore(Protocol):
    """Offers, requests for them, grants and uses."""

    def add_offer(self, offer: Offer) -> None:
        """Keep a new one."""
        ...

    def offer(self, identifier: OfferId) -> Offer:
        """Raises Missing."""
        ...

    def lock_offer(self, identifier: OfferId) -> Offer:
        """Like `offer`, locked until this unit of work ends. Raises Missing."""
        ...

    def save_offer(self, offer: Offer) -> Offer:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def add_request(self, request: ToolRequest) -> None:
        """Raises Conflict when the person has an open request for the offer."""
        ...

    def request(self, identifier: ToolRequestId) -> ToolRequest:
        """Raises Missing."""
        ...

    def lock_request(self, identifier: ToolRequestId) -> ToolRequest:
        """Like `request`, locked until this unit of work ends. Raises Missing."""
        ...

    def save_request(self, request: ToolRequest) -> ToolRequest:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def waiting_for(self, offer: OfferId) -> Sequence[ToolRequest]:
        """Those that wait for an answer, oldest first."""
        ...

    def add_grant(self, grant: ToolGrant) -> None:
        """Raises Conflict when the request has one."""
        ...

    def grant(self, identifier: ToolGrantId) -> ToolGrant:
        """Raises Missing."""
        ...

    def of_request(self, request: ToolRequestId) -> ToolGrant | None:
        """The one that answers a request."""
        ...

    def served_by(self, grant: GrantId) -> ToolGrant | None:
        """The one that the gateway serves through this grant of an engagement."""
        ...

    def save_grant(self, grant: ToolGrant) -> ToolGrant:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def standing(self, offer: OfferId) -> Sequence[ToolGrant]:
        """Grants of an offer that have not been ended, oldest first; expired ones too."""
        ...

    def add_use(self, use: ToolUse) -> None:
        """Keep a new one; it never changes."""
        ...

    def count_uses(self, grant: ToolGrantId) -> int:
        """How many there were."""
        ...

    def last_recorded(self, subject: ToolRequestId) -> Instant | None:
        """The moment of the newest ledger entry about a request. Locks nothing."""
        ...


class ParticipantStore(Protocol):
    """Organisations' own entries in the register of participants."""

    def lock(self, organisation: OrganisationId) -> Participation | None:
        """Its entry, if it ever made one; nobody else changes it until this unit of work ends."""
        ...

    def put(self, entry: Participation) -> Participation:
        """Store the first entry or the next version of it. Raises Conflict."""
        ...
