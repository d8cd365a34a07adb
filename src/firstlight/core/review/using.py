"""What is written down about a use of an endpoint, and what a look at many uses shows.

A use is written down before anything is forwarded and completed at its end. One without an end is
*unfinished*: it is running, or the gateway died. Nothing of what was said is in it, only salted
digests: SHA-256(salt || bytes), so that who has the bytes and the salt can compare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.grants import Purpose
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId, UseId
from firstlight.core.review.spending import Usage


class Outcome(StrEnum):
    """How a use ended. A use without an outcome is unfinished: the gateway died."""

    COMPLETE = "complete"
    """the endpoint's whole answer was passed on, whatever its status"""
    CUT = "cut"
    """the gateway ended it; the reason is the code of an error"""
    CLIENT_LEFT = "client-left"
    """the reviewer's client closed the connection"""
    ENDPOINT_FAILED = "endpoint-failed"
    """the endpoint could not be reached, broke off, took too long or answered no HTTP"""


class Part(StrEnum):
    """Which side of a use some content belongs to."""

    REQUEST = "request"
    """what the reviewer sent"""
    RESPONSE = "response"
    """what the endpoint answered"""


@dataclass(frozen=True, kw_only=True)
class Closing:
    """How a use ended."""

    at: Instant
    outcome: Outcome
    reason: str
    """code of the error that ended it; empty when complete"""
    status: int | None
    """HTTP status of the endpoint; None when it sent none"""
    response_digest: bytes
    """SHA-256(salt || the endpoint's bytes that were passed on)"""
    response_bytes: int
    usage: Usage
    cost: int | None
    """in millionths of a unit; None when there are no prices"""

    def to_json(self) -> dict[str, Json]:
        """For the ledger."""
        return {
            "outcome": self.outcome.value,
            "reason": self.reason,
            "status": self.status,
            "response": self.response_digest.hex(),
            "response_bytes": self.response_bytes,
            "input_tokens": self.usage.input_tokens,
            "output_tokens": self.usage.output_tokens,
            "counted": self.usage.counted.value,
            "cost": self.cost,
        }


@dataclass(frozen=True, kw_only=True)
class Use:
    """One request and its answer."""

    id: UseId
    engagement: EngagementId
    grant: GrantId
    person: PersonId
    organisation: OrganisationId
    artefact: ArtefactId
    purpose: Purpose
    second: PersonId | None
    """who was present beside the grant's person; None where nobody was needed"""
    key_number: int
    """which of the grant's keys opened it"""
    dialect: Dialect
    model: str
    streamed: bool
    opened: Instant
    salt: bytes = field(repr=False)
    """16 random bytes that stand before the content in both digests"""
    request_digest: bytes
    request_bytes: int
    reserved_tokens: int
    reserved_money: int
    kept: bool
    """request and answer are kept, sealed"""
    end: Closing | None = None
    """None: unfinished"""

    def opening_json(self) -> dict[str, Json]:
        """For the ledger."""
        return {
            "grant": str(self.grant),
            "organisation": str(self.organisation),
            "artefact": str(self.artefact),
            "purpose": self.purpose.value,
            "second": str(self.second) if self.second else None,
            "dialect": self.dialect.value,
            "model": self.model,
            "streamed": self.streamed,
            "request": self.request_digest.hex(),
            "request_bytes": self.request_bytes,
        }


@dataclass(frozen=True, kw_only=True)
class Used:
    """What came of one grant, for the receipt: how often, how much, from when to when."""

    grant: GrantId
    uses: int
    unfinished: int
    """without an end: the gateway died, and the endpoint's own log says what it saw"""
    tokens: int
    """of the finished ones"""
    first: Instant
    """when the oldest began"""
    last: Instant
    """when the newest began"""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Uses of one person for one purpose."""

    person: PersonId
    purpose: Purpose
    requests: int
    tokens: int
    open: int
    """without an end so far"""
    cut: int
    """ended by the gateway"""
    cost: int
    last: Instant
    """when the newest began"""
