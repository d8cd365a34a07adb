"""Reads about defensive tools and participants. Every one requires its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.grants import Grant
from firstlight.core.review.participation import Participation
from firstlight.core.review.terms import Terms
from firstlight.core.review.tools.access import ToolGrant, ToolUse
from firstlight.core.review.tools.asking import RequestState, ToolRequest
from firstlight.core.review.tools.ids import OfferId, ToolRequestId
from firstlight.core.review.tools.offers import Offer
from firstlight.core.review.tools.waiting import ToolWaiting
from firstlight.usecases.queries.port import Page


@dataclass(frozen=True, kw_only=True)
class OfferRow:
    """An offer as this reader may see it."""

    offer: Offer
    """`delivery` is empty for everyone but the organisation that offers"""
    offered_by_name: str
    own: bool
    """whether the reader's organisation offers it"""


@dataclass(frozen=True, kw_only=True)
class ModelAccess:
    """How an offered model is reached, for the two sides of a request."""

    grant: Grant
    """of the engagement; the gateway decides by it"""
    artefact: Artefact
    terms: Terms | None
    """that everyone who gets access accepts"""
    accepted: bool
    """whether the request's person has accepted exactly these"""


@dataclass(frozen=True, kw_only=True)
class ToolRequestRow:
    """A request with the names that stand in it, and its grant."""

    request: ToolRequest
    title: str
    """of the offer"""
    organisation_name: str
    offered_by_name: str
    grant: ToolGrant | None
    model: ModelAccess | None = None
    """of a granted model, when one request is read; None otherwise, and for the auditor"""


@dataclass(frozen=True, kw_only=True)
class ListedModel:
    """A model that its developer chose to name."""

    name: str
    version: str
    opened_at: Instant
    closed_at: Instant | None


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """A line of the register of participants."""

    name: str
    role: str
    """developer, office or partner"""
    scope: str
    since: date | None
    """None when only a model's plan names the developer"""
    until: date | None
    size: str
    """of a developer, by its own word; empty for others"""
    models: Sequence[ListedModel]


class ToolQueries(Protocol):
    """What a reader may see; the rest is Missing, so that its existence is not told."""

    def offers(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[OfferRow]:
        """Published ones, and the reader's own, newest first."""
        ...

    def offer(self, reader: Actor, identifier: OfferId) -> OfferRow:
        """A withdrawn one too, with its reason. Raises Missing."""
        ...

    def requests(
        self, reader: Actor, *, state: RequestState | None, cursor: str | None, limit: int
    ) -> Page[ToolRequestRow]:
        """Of the reader's organisation, or to it, newest first."""
        ...

    def request(self, reader: Actor, identifier: ToolRequestId) -> ToolRequestRow:
        """Raises Missing."""
        ...

    def uses(
        self, reader: Actor, identifier: ToolRequestId, *, cursor: str | None, limit: int
    ) -> Page[ToolUse]:
        """Under the grant of a request that the reader may see, newest first."""
        ...

    def answer_times(self, reader: Actor, now: Instant) -> Sequence[ToolWaiting]:
        """How long askers wait for an answer, by what they are."""
        ...

    def register(self, reader: Actor) -> Sequence[RegisterRow]:
        """Who chose to be named, by name."""
        ...

    def own_entry(self, reader: Actor) -> Participation | None:
        """What the reader's own organisation says in the register, if it is in it."""
        ...
