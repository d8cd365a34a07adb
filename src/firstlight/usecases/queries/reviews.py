"""Reads of reviews. Every one requires its reader and applies the access table in the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.answering import Waiting
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.engagement import Engagement, EngagementState
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId, PartnerId
from firstlight.core.review.observations import Observation
from firstlight.core.review.offices import Office, OfficeState
from firstlight.core.review.partners import Partner
from firstlight.core.review.terms import Acceptance, Terms
from firstlight.core.review.window import Window
from firstlight.usecases.access.rules import Action
from firstlight.usecases.ports.reviews import StoredReceipt
from firstlight.usecases.queries.port import Page


class Cut(StrEnum):
    """Who a report is for."""

    INTERNAL = "internal"
    """the developer and the offices that take part"""
    OVERSIGHT = "oversight"
    """those who check that the rules were kept"""
    PUBLIC = "public"
    """anyone"""


@dataclass(frozen=True, kw_only=True)
class EngagementRow:
    """An engagement in a list."""

    id: EngagementId
    number: str
    developer: OrganisationId
    developer_name: str
    model: str
    model_version: str
    state: EngagementState
    marking: Marking
    opened_at: Instant


@dataclass(frozen=True, kw_only=True)
class OfficeRow:
    """An office in an engagement, by name."""

    office: Office
    name: str


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """What an office sees of an engagement that it asked for: no more than it asked."""

    engagement: EngagementId
    developer_name: str
    model: str
    model_version: str
    state: OfficeState
    since: Instant


@dataclass(frozen=True, kw_only=True)
class OwnGrant:
    """What a person with a grant sees: how far it reaches, and under which terms."""

    grant: Grant
    number: str
    """the engagement's"""
    developer_name: str
    model: str
    artefact: Artefact
    windows: Sequence[Window]
    """of the grant's audience"""
    terms: Terms | None
    accepted: bool
    """whether the person has accepted exactly these"""


@dataclass(frozen=True, kw_only=True)
class OwnPartnership:
    """What a proposed partner sees of an engagement."""

    partner: Partner
    number: str
    developer_name: str


@dataclass(frozen=True, kw_only=True)
class OversightRow:
    """What those who check the rules see of an engagement in a list; not which model it is."""

    engagement: EngagementId
    number: str
    developer_name: str
    state: EngagementState
    opened_at: Instant
    closed_at: Instant | None


class ReviewQueries(Protocol):
    """What a reader may see of reviews; the rest is Missing, so that its existence is not told."""

    def engagements(
        self, reader: Actor, *, state: EngagementState | None, cursor: str | None, limit: int
    ) -> Page[EngagementRow]:
        """Newest first."""
        ...

    def engagement(self, reader: Actor, identifier: EngagementId) -> Engagement:
        """Raises Missing."""
        ...

    def engagement_by_number(self, reader: Actor, number: str) -> Engagement:
        """Raises Missing."""
        ...

    def reached(self, reader: Actor, name: str, action: Action) -> EngagementId:
        """The engagement of this identifier or number to which the reader's action reaches.

        Raises Missing, also when it exists and the action does not reach it.
        """
        ...

    def terms(self, reader: Actor, identifier: EngagementId) -> Sequence[Terms]:
        """Every version, oldest first, for whoever may accept them. Raises Missing."""
        ...

    def offices(self, reader: Actor, identifier: EngagementId) -> Sequence[OfficeRow]: ...

    def grants(self, reader: Actor, identifier: EngagementId) -> Sequence[Grant]: ...

    def grant(self, reader: Actor, identifier: GrantId) -> Grant:
        """Of an engagement that the reader may see, or the reader's own. Raises Missing."""
        ...

    def partners(self, reader: Actor, identifier: EngagementId) -> Sequence[Partner]: ...

    def partner(self, reader: Actor, identifier: PartnerId) -> Partner:
        """Raises Missing."""
        ...

    def acceptances(self, reader: Actor, identifier: EngagementId) -> Sequence[Acceptance]: ...

    def observations(self, reader: Actor, identifier: EngagementId) -> Sequence[Observation]:
        """All, for those who see the engagement; a partner sees its own organisation's."""
        ...

    def receipts(self, reader: Actor, identifier: EngagementId) -> Sequence[StoredReceipt]: ...

    def requests(self, reader: Actor) -> Sequence[RequestRow]:
        """Of the reader's own office, newest first."""
        ...

    def own_grants(self, reader: Actor) -> Sequence[OwnGrant]:
        """Of the reader in person, newest first; ended ones too."""
        ...

    def own_partnerships(self, reader: Actor) -> Sequence[OwnPartnership]:
        """Of the reader's organisation, newest first."""
        ...

    def assessments(self, reader: Actor) -> Sequence[Mapping[str, Json]]:
        """The cut that the reader's role may see, newest first."""
        ...

    def overseen(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[OversightRow]:
        """Those of which the reader may read the oversight cut, newest first."""
        ...

    def report(self, reader: Actor, identifier: EngagementId, cut: Cut) -> Mapping[str, Json]:
        """Raises Missing: not there, not for this reader, or not public yet."""
        ...

    def public_reports(self, reader: Actor) -> Sequence[Mapping[str, Json]]:
        """The public cut of every closed engagement, in an order that tells nothing."""
        ...

    def waiting(self, reader: Actor) -> Sequence[Waiting]:
        """How long developers wait for an answer, by size."""
        ...
