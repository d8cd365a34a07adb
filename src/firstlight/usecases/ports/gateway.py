"""What the gateway needs from the reviews: who may come in, and where each use is written down.

The gateway asks in this order: `admit` (from the key alone, before a body is read), `open_use`
(durable before anything is forwarded), `close_use` (at the end, whatever the end was). While uses
are open it reads `revision` several times a second and asks `ended` when that has changed, or when
the time of a second person is over.

A refusal is a raised error, so that a forgotten case lets nobody in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import NotSignedIn, Refused
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.grants import Budget
from firstlight.core.review.ids import UseId
from firstlight.core.review.spending import Prices
from firstlight.core.review.using import Closing, Part


class KeyUnknown(NotSignedIn):
    """This key belongs to no grant."""

    code = "gateway.key_unknown"
    next_step = "Copy the key again from your grant's page; if it was replaced, use the new one."


class ArtefactNotGranted(Refused):
    """Your grant is for another artefact than the one that is asked for."""

    code = "gateway.artefact_not_granted"
    next_step = "Use the protocol and the model name that stand on your grant's page."


class KeyReplaced(Refused):
    """The key that began this use was replaced by a new one."""

    code = "gateway.key_replaced"
    next_step = "Use the new key."


class GrantNotBegun(Refused):
    """The grant or the review's window has not begun."""

    code = "gateway.grant_not_begun"
    next_step = "Wait for the moment that stands on your grant's page."


class TermsNotAccepted(Refused):
    """You have not accepted the present terms."""

    code = "gateway.terms_not_accepted"
    next_step = "Read and accept them on your grant's page."


class EndpointUnknown(Refused):
    """The developer has not said where this endpoint is reached."""

    code = "gateway.endpoint_unknown"
    next_step = "Tell the developer."


class ClocksDiffer(Refused):
    """The gateway's clock differs from the record's, so nobody can say whether this is in time."""

    code = "gateway.clocks_differ"
    next_step = "Tell the operator of the gateway to look at the clocks."


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


class SecondPerson(StrEnum):
    """The two-person rule of a grant. An absent second person is a refusal, no value."""

    NOT_REQUIRED = "not-required"
    """one person is enough"""
    PRESENT = "present"
    """required, and there"""


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """The developer's endpoint."""

    address: str
    """scheme, host and an optional path before `/v1`; the operator's allow list must name it"""
    key: str = field(repr=False)
    """the developer's real key; added to requests there, shown to nobody"""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """What a key may do at this moment."""

    grant: str
    """identifier of the grant that the key belongs to"""
    key_number: int
    """1 for the grant's first key, one more for each that replaced it"""
    artefact: str
    """identifier of the one artefact that it opens"""
    models: tuple[str, ...]
    """exact names by which requests may call that artefact; nothing else is forwarded"""
    upstream: Upstream
    expires: Instant
    """the earliest of the grant's end and the window's end; that moment is outside"""
    present_until: Instant | None
    """when the second person's presence ends, unless it is renewed; None where nobody is needed"""
    budget: Budget
    """what is left; None in it is unlimited"""
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


class GatewayDesk(Protocol):
    """Decides who comes in and writes uses down. Called from several threads at once."""

    def admit(self, key: str, dialect: Dialect, now: Instant) -> Admission:
        """What this key may do now.

        Raises:
            KeyUnknown: no grant has this key.
            ArtefactNotGranted: the artefact does not speak this dialect.
            EndpointUnknown: the developer has not said where it is.
            GrantNotBegun, GrantExpired, GrantRevoked, GrantSuspended: not yet, no longer, not now.
            TermsNotAccepted, ClocksDiffer: as they say.
            SecondPersonAbsent: the two-person rule is not met.
            OverBudget: nothing is left.
            Unavailable: nobody can say; so nobody comes in.
        """
        ...

    def open_use(self, opening: Opening) -> UseId:
        """Write the use down, durably, and reserve its share of the budget.

        Judges the grant again in the same transaction: what ended since `admit` is refused.

        Raises:
            Refused: as for `admit`.
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
