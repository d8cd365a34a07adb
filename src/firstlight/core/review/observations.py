"""What reviewers and partners tell the developer: advice, by construction.

An observation has words and nothing else: no field for a condition, a verdict, a deadline or a
severity that anything could hang on. The developer's responses stand beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.review.ids import EngagementId, ObservationId
from firstlight.core.review.words import line, written

MOST_VERSIONS = 100


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One version of what was observed. Earlier ones are kept."""

    number: int
    """1, 2, 3, ..."""
    title: str
    text: str
    by: PersonId
    at: Instant


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the developer says to it."""

    wording: int
    """the version that it answers"""
    text: str
    by: PersonId
    at: Instant


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What somebody tells the developer."""

    id: ObservationId
    engagement: EngagementId
    organisation: OrganisationId
    """the author's"""
    wordings: Sequence[Wording]
    """oldest first, at least one"""
    responses: Sequence[Response] = ()
    """oldest first"""
    version: int = 1
    """grows with every change of the record"""


def wording(number: int, title: str, text: str, by: PersonId, now: Instant) -> Wording:
    """A checked version. Raises Unwritten, Invalid, TooLarge."""
    return Wording(
        number=number, title=line(title, "title"), text=written(text, "text"), by=by, at=now
    )


def reword(
    observation: Observation, title: str, text: str, by: PersonId, now: Instant
) -> Observation:
    """With a new version.

    Raises:
        Conflict: there are too many.
        Unwritten, Invalid, TooLarge: as `line` and `written`.
    """
    if len(observation.wordings) >= MOST_VERSIONS:
        raise Conflict(f"an observation has at most {MOST_VERSIONS} versions")
    new = wording(len(observation.wordings) + 1, title, text, by, now)
    return replace(observation, wordings=(*observation.wordings, new))


def respond(
    observation: Observation, number: int, text: str, by: PersonId, now: Instant
) -> Observation:
    """With the developer's response to one version.

    Raises:
        Missing: there is no such version.
        Conflict: there are too many responses.
        Unwritten, TooLarge: as `written`.
    """
    if not 1 <= number <= len(observation.wordings):
        raise Missing(f"there is no version {number} of this observation")
    if len(observation.responses) >= MOST_VERSIONS:
        raise Conflict(f"an observation has at most {MOST_VERSIONS} responses")
    response = Response(wording=number, text=written(text, "response"), by=by, at=now)
    return replace(observation, responses=(*observation.responses, response))
