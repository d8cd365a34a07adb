"""What the gateway needs from the reviews: who may come in, and where each use is written down.

The gateway asks in this order: `admit` (from the key alone, before a body is read), `open_use`
(durable before anything is forwarded), `close_use` (at the end, whatever the end was). While uses
are open it reads `revision` several times a second and, when that has changed, asks `ended`.

A refusal is a raised error, so that a forgotten case lets nobody in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import NotSignedIn, Refused, TooMany
from firstlight.core.kernel.ids import Identifier

MICRO = 1_000_000
"""parts of one unit of money, and tokens in one million: budgets and prices count in these"""


class UseId(Identifier):
    """One use of a model endpoint: one request and its response."""

    prefix = "use"


class KeyUnknown(NotSignedIn):
    """This key belongs to no grant."""

    code = "gateway.key_unknown"
    next_step = "Copy the key again from your grant's page; if it was replaced, use the new one."


class ArtefactNotGranted(Refused):
    """Your grant is for another artefact than the one that is asked for."""

    code = "gateway.artefact_not_granted"
    next_step = "Use the protocol and the model name that stand on your grant's page."


class GrantExpired(Refused):
    """The grant or the review's window has ended."""

    code = "gateway.grant_expired"
    next_step = "Nothing is needed of you. Only the developer can extend a window."


class GrantRevoked(Refused):
    """The developer has revoked this grant."""

    code = "gateway.grant_revoked"
    next_step = "Ask the developer's contact of this engagement."


class GrantSuspended(Refused):
    """This grant is suspended; its page shows the reason and what would restore it."""

    code = "gateway.grant_suspended"
    next_step = "Read the reason on your grant's page."


class SecondPersonAbsent(Refused):
    """This grant needs a second named person, who is not present."""

    code = "gateway.second_person_absent"
    next_step = "Ask the second person to open the session on their own page; then try again."


class OverBudget(TooMany):
    """The grant's budget is used up."""

    code = "gateway.over_budget"
    next_step = "Ask the developer for a larger budget."


class Dialect(StrEnum):
    """The protocols that are spoken."""

    OPENAI_CHAT = "openai-chat"
    """OpenAI chat completions, POST /v1/chat/completions"""
    OPENAI_RESPONSES = "openai-responses"
    """OpenAI responses, POST /v1/responses"""
    ANTHROPIC_MESSAGES = "anthropic-messages"
    """Anthropic messages, POST /v1/messages"""


class SecondPerson(StrEnum):
    """The two-person rule of a grant. An absent second person is a refusal, no value."""

    NOT_REQUIRED = "not-required"
    """one person is enough"""
    PRESENT = "present"
    """required, and there"""


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


class Counted(StrEnum):
    """Where a number of tokens comes from."""

    REPORTED = "reported"
    """the endpoint said so in its answer"""
    ESTIMATED = "estimated"
    """the endpoint did not say: a quarter of the request's bytes, and one for each event"""


class Part(StrEnum):
    """Which side of a use some content belongs to."""

    REQUEST = "request"
    """what the reviewer sent"""
    RESPONSE = "response"
    """what the endpoint answered"""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The developer's endpoint."""

    address: str
    """scheme, host and an optional path before `/v1`; the operator's allow list must name it"""
    key: str = field(repr=False)
    """the developer's real key; added to requests there, shown to nobody"""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What is left; None is unlimited."""

    requests: int | None = None
    tokens: int | None = None
    """input and output together"""
    money: int | None = None
    """in millionths of the unit of the prices"""


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a million tokens cost, in millionths of a unit of money."""

    input: int
    output: int

    def cost(self, usage: Usage) -> int:
        """What `usage` costs, in millionths of a unit, rounded up. Caches bring no discount."""
        total = usage.input_tokens * self.input + usage.output_tokens * self.output
        return -(-total // MICRO)


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens of one use."""

    input_tokens: int
    """written to and read from caches included"""
    output_tokens: int
    counted: Counted


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What a key may do at this moment."""

    grant: str
    """identifier of the grant that the key belongs to"""
    artefact: str
    """identifier of the one artefact that it opens"""
    models: tuple[str, ...]
    """exact names by which requests may call that artefact; nothing else is forwarded"""
    upstream: Upstream
    expires: Instant
    """the earliest of the grant's end and the window's end; that moment is outside"""
    budget: Budget
    prices: Prices | None
    """None when money is not counted"""
    second_person: SecondPerson
    keep_content: bool
    """the developer wants requests and responses kept, sealed"""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What is written down before a request is forwarded."""

    admission: Admission
    at: Instant
    dialect: Dialect
    model: str
    """as the request names it"""
    streamed: bool
    salt: bytes = field(repr=False)
    """16 random bytes that stand before the content in both digests"""
    request_digest: bytes
    """SHA-256(salt || body)"""
    request_bytes: int
    most_tokens: int
    """estimated input and the most output that the request asks for; reserved until it is closed"""


@dataclass(frozen=True, kw_only=True)
class Closing:
    """What is written down at the end."""

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
    """in millionths of a unit; None when the grant has no prices"""


class GatewayDesk(Protocol):
    """Decides who comes in and writes uses down. Called from several threads at once."""

    def admit(self, key: str, dialect: Dialect, now: Instant) -> Admission:
        """What this key may do now.

        Raises:
            KeyUnknown: no grant has this key.
            ArtefactNotGranted: the artefact does not speak this dialect.
            GrantExpired, GrantRevoked, GrantSuspended: no longer, or not now.
            SecondPersonAbsent: the two-person rule is not met.
            OverBudget: nothing is left.
            Unavailable: nobody can say; so nobody comes in.
        """
        ...

    def open_use(self, opening: Opening) -> UseId:
        """Write the use down, durably, and reserve its share of the budget.

        Judges the grant again in the same transaction: what ended since `admit` is refused.

        Raises:
            GrantExpired, GrantRevoked, GrantSuspended, SecondPersonAbsent: as for `admit`.
            OverBudget: what is left does not reach for `most_tokens`.
            Unavailable: it could not be written, so nothing may be forwarded.
        """
        ...

    def keep(self, use: UseId, part: Part, piece: bytes) -> None:
        """Seal the next piece of content; called only when the admission says so.

        Raises:
            Unavailable: it could not be kept; the use is cut.
        """
        ...

    def close_use(self, use: UseId, closing: Closing) -> None:
        """Write the end down, durably, and settle the reservation; a second call changes nothing.

        Raises:
            Missing: no such use.
            Unavailable: it could not be written; the gateway tries again a few times.
        """
        ...

    def revision(self) -> int:
        """A number that has changed whenever an open use may have lost its ground; cheap.

        Raises:
            Unavailable: nobody can say; after a second of that, open uses are cut.
        """
        ...

    def ended(self, uses: Collection[UseId], now: Instant) -> Mapping[UseId, Refused]:
        """Those of `uses` that may not go on, each with the error that says why.

        Raises:
            Unavailable: nobody can say.
        """
        ...
