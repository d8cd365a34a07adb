"""Reads over many reviews at once: what is asked of the reader, oversight, colleagues' access."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.asked import Asked
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.queries.port import Page
from firstlight.usecases.queries.reviews import OwnGrant

MOST_LOOKED_AT = 200
"""engagements among which is looked for what is asked, newest first"""


@dataclass(frozen=True, kw_only=True)
class AskedRow:
    """Something that waits for the reader's word, and where."""

    asked: Asked
    number: str
    """the engagement's"""
    model: str
    developer_name: str


@dataclass(frozen=True, kw_only=True)
class OversightRow:
    """An engagement for those who check that the rules were kept."""

    id: EngagementId
    number: str
    developer_name: str
    state: EngagementState
    opened_at: Instant
    report: Mapping[str, Json]
    """the oversight cut"""


@dataclass(frozen=True, kw_only=True)
class ColleagueGrant:
    """What the people of an organisation may use, as far as it must know to answer for it.

    Neither model nor artefact is named: those are for the person to whom the grant belongs.
    """

    grant: Grant
    number: str
    """the engagement's"""
    developer_name: str


class ReviewOverviews(Protocol):
    """Each applies the access table in the query, as `ReviewQueries` does."""

    def asked(self, reader: Actor) -> Sequence[AskedRow]:
        """Of the reader's engagements that are not closed; oldest first."""
        ...

    def oversight(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[OversightRow]:
        """Every engagement up to the reader's marking, newest first; empty without that reach."""
        ...

    def colleague_grants(self, reader: Actor) -> Sequence[ColleagueGrant]:
        """Of the reader's organisation as a partner, newest first; ended ones too."""
        ...

    def second_grants(self, reader: Actor) -> Sequence[OwnGrant]:
        """Standing grants of others that name the reader as a second person, newest first.

        `accepted` says whether the reader has accepted the terms. Empty once the reader's
        organisation takes no part any more.
        """
        ...

    def days_elsewhere(self, reader: Actor, identifier: EngagementId) -> timedelta:
        """What offices had of the same model in its other engagements. Raises Missing."""
        ...
