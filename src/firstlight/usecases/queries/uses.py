"""Reads of uses. Every one requires its reader and applies the access table in the query.

A developer reads every use of its own engagements; who uses an endpoint reads their own uses. A
second person reads the grants in which they are named, and nothing of their uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.endpoint import Endpoint
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Budget, Grant
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId
from firstlight.core.review.keys import GrantKey
from firstlight.core.review.presence import Presence
from firstlight.core.review.using import Tally, Use
from firstlight.usecases.queries.port import Page


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Use of one engagement at one moment."""

    engagement: EngagementId
    number: str
    model: str
    tallies: Sequence[Tally]
    """by person and purpose, most tokens first"""
    open: Sequence[Use]
    """without an end, newest first, at most a hundred"""
    present: Sequence[Presence]
    """second people who are there now"""
    active: int
    """grants that stand"""
    halted: int
    """grants that are suspended"""
    endpoints: Sequence[Endpoint]
    """of the reader's own engagement; empty for who only uses them"""

    @property
    def pulse(self) -> tuple[object, ...]:
        """Changes whenever a reader would see something else."""
        uses = (str(use.id) for use in self.open)
        sums = ((t.requests, t.tokens, t.cut) for t in self.tallies)
        people = (str(one.id) for one in self.present)
        return (*uses, *sums, *people, self.active, self.halted)


@dataclass(frozen=True, kw_only=True)
class Access:
    """A grant for an endpoint, as its person sees it, or somebody who must be present."""

    grant: Grant
    number: str
    """the engagement's"""
    model: str
    artefact: Artefact
    mine: bool
    """the reader is the grant's person; otherwise one of its second people"""
    accepted: bool
    """the reader has accepted the present terms"""
    key: GrantKey | None
    """None while none was made, and for a second person"""
    registered: bool
    """the developer has said where the endpoint is"""
    left: Budget
    present: Sequence[Presence]
    """second people who are there now"""


class UseQueries(Protocol):
    """What a reader may see of uses; the rest is Missing, so that its existence is not told."""

    def engagement_named(self, reader: Actor, name: str) -> Engagement:
        """By identifier or number, for who may read its uses. Raises Missing."""
        ...

    def overview(self, reader: Actor, identifier: EngagementId, now: Instant) -> Overview:
        """Raises Missing."""
        ...

    def uses(
        self, reader: Actor, identifier: EngagementId, *, cursor: str | None, limit: int
    ) -> Page[Use]:
        """Newest first. Raises Missing."""
        ...

    def endpoint(self, reader: Actor, identifier: EngagementId, artefact: ArtefactId) -> Endpoint:
        """Of the reader's own engagement. Raises Missing, also while none is registered."""
        ...

    def access(self, reader: Actor, grant: GrantId, now: Instant) -> Access:
        """The reader's own grant, or one in which the reader is named. Raises Missing."""
        ...

    def seconded(self, reader: Actor, now: Instant) -> Sequence[Access]:
        """Grants that stand in which the reader is named as a second person, newest first."""
        ...
