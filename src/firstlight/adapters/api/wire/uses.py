"""Uses of endpoints, keys, presence."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from firstlight.adapters.api.wire.common import Body, Moment, Page, Wire
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.endpoint import LONGEST_ADDRESS, LONGEST_KEY, Endpoint
from firstlight.core.review.grants import Budget, GrantState, Purpose
from firstlight.core.review.presence import MOST_MINUTES, USUAL_MINUTES, Presence
from firstlight.core.review.spending import Counted
from firstlight.core.review.using import Outcome, Tally, Use
from firstlight.core.review.words import LONGEST_TEXT
from firstlight.usecases.queries.uses import Access, Overview

Hex = Annotated[str, Field(description="hex")]
_MOST_PRICE = 1 << 40


class PricesShown(Wire):
    """What a million tokens cost, in millionths of a unit of money."""

    input: int
    output: int


class PricesGiven(Body):
    """What a million tokens cost, in millionths of a unit of money."""

    input: int = Field(ge=0, le=_MOST_PRICE)
    output: int = Field(ge=0, le=_MOST_PRICE)


class EndpointGiven(Body):
    """Where an endpoint is reached."""

    address: str = Field(
        max_length=LONGEST_ADDRESS, description="https, host, and what stands before /v1"
    )
    key: str | None = Field(
        default=None,
        max_length=LONGEST_KEY,
        description="the real key; left out, the one that is there stays. It is never shown again",
    )
    prices: PricesGiven | None = Field(default=None, description="null counts no money")


class EndpointShown(Wire):
    """Where an endpoint is reached; its key is shown to nobody."""

    artefact: str
    address: str
    prices: PricesShown | None
    changed_at: Moment
    digest: Hex = Field(description="as it stands in the ledger")
    version: int

    @classmethod
    def of(cls, endpoint: Endpoint) -> EndpointShown:
        """As it is stored."""
        prices = endpoint.prices
        return cls(
            artefact=str(endpoint.artefact),
            address=endpoint.address,
            prices=PricesShown(input=prices.input, output=prices.output) if prices else None,
            changed_at=str(endpoint.changed_at),
            digest=endpoint.digest,
            version=endpoint.version,
        )


class UseShown(Wire):
    """One request and its answer, without content."""

    id: str = Field(description="stands in the header Firstlight-Use of the request upstream")
    grant: str
    person: str
    organisation: str
    artefact: str
    purpose: Purpose
    second: str | None = Field(description="who was present; null where nobody was needed")
    dialect: Dialect
    model: str
    streamed: bool
    opened_at: Moment
    salt: Hex
    request_digest: Hex = Field(description="SHA-256(salt || request)")
    request_bytes: int
    kept: bool = Field(description="content is kept, sealed")
    closed_at: Moment | None = Field(description="null: running, or the gateway died")
    outcome: Outcome | None
    reason: str = Field(description="code of the error that ended it; empty when complete")
    status: int | None = Field(description="the endpoint's; null when it sent none")
    response_digest: Hex = Field(description="SHA-256(salt || what was passed on)")
    response_bytes: int
    input_tokens: int
    output_tokens: int
    counted: Counted | None
    cost: int | None = Field(description="millionths of a unit; null without prices")

    @classmethod
    def of(cls, use: Use) -> UseShown:
        """As it is stored."""
        end = use.end
        return cls(
            id=str(use.id),
            grant=str(use.grant),
            person=str(use.person),
            organisation=str(use.organisation),
            artefact=str(use.artefact),
            purpose=use.purpose,
            second=str(use.second) if use.second else None,
            dialect=use.dialect,
            model=use.model,
            streamed=use.streamed,
            opened_at=str(use.opened),
            salt=use.salt.hex(),
            request_digest=use.request_digest.hex(),
            request_bytes=use.request_bytes,
            kept=use.kept,
            closed_at=str(end.at) if end else None,
            outcome=end.outcome if end else None,
            reason=end.reason if end else "",
            status=end.status if end else None,
            response_digest=end.response_digest.hex() if end else "",
            response_bytes=end.response_bytes if end else 0,
            input_tokens=end.usage.input_tokens if end else 0,
            output_tokens=end.usage.output_tokens if end else 0,
            counted=end.usage.counted if end else None,
            cost=end.cost if end else None,
        )


class UsePage(Page[UseShown]):
    """Uses, newest first."""


class TallyShown(Wire):
    """Uses of one person for one purpose."""

    person: str
    purpose: Purpose
    requests: int
    tokens: int
    open: int = Field(description="without an end")
    cut: int = Field(description="ended by the gateway")
    cost: int = Field(description="millionths of a unit")
    last: Moment

    @classmethod
    def of(cls, tally: Tally) -> TallyShown:
        """As it was counted."""
        return cls(
            person=str(tally.person),
            purpose=tally.purpose,
            requests=tally.requests,
            tokens=tally.tokens,
            open=tally.open,
            cut=tally.cut,
            cost=tally.cost,
            last=str(tally.last),
        )


class PresenceShown(Wire):
    """A second person's time."""

    id: str
    grant: str
    person: str
    began: Moment
    until: Moment

    @classmethod
    def of(cls, presence: Presence) -> PresenceShown:
        """As it is stored."""
        return cls(
            id=str(presence.id),
            grant=str(presence.grant),
            person=str(presence.person),
            began=str(presence.began),
            until=str(presence.over),
        )


class OverviewShown(Wire):
    """Use of one engagement now."""

    engagement: str
    number: str
    model: str
    tallies: list[TallyShown]
    open: list[UseShown] = Field(description="without an end, newest first, at most a hundred")
    present: list[PresenceShown]
    active: int = Field(description="grants that stand")
    halted: int = Field(description="grants that are suspended")
    endpoints: list[EndpointShown]

    @classmethod
    def of(cls, found: Overview) -> OverviewShown:
        """As it was read."""
        return cls(
            engagement=str(found.engagement),
            number=found.number,
            model=found.model,
            tallies=[TallyShown.of(one) for one in found.tallies],
            open=[UseShown.of(one) for one in found.open],
            present=[PresenceShown.of(one) for one in found.present],
            active=found.active,
            halted=found.halted,
            endpoints=[EndpointShown.of(one) for one in found.endpoints],
        )


class BudgetLeft(Wire):
    """What is left of a grant's budget; null is unlimited."""

    requests: int | None
    tokens: int | None
    money: int | None

    @classmethod
    def of(cls, budget: Budget) -> BudgetLeft:
        """As it was counted."""
        return cls(requests=budget.requests, tokens=budget.tokens, money=budget.money)


class AccessShown(Wire):
    """A grant for an endpoint, for its person or for one of its second people."""

    grant: str
    number: str
    model: str
    artefact: str
    models: list[str] = Field(description="names by which requests may call the model")
    dialects: list[Dialect]
    purpose: Purpose
    state: GrantState
    since: Moment
    until: Moment
    mine: bool = Field(description="false for a second person")
    accepted: bool = Field(description="you have accepted the present terms")
    registered: bool = Field(description="the developer has said where the endpoint is")
    key_number: int | None = Field(description="null while no key was made")
    second_needed: bool
    present: list[PresenceShown]
    left: BudgetLeft
    gateway: str = Field(description="base address for clients; OpenAI's add /v1")

    @classmethod
    def of(cls, found: Access, gateway: str) -> AccessShown:
        """As it was read."""
        grant = found.grant
        return cls(
            grant=str(grant.id),
            number=found.number,
            model=found.model,
            artefact=str(grant.artefact),
            models=list(found.artefact.models),
            dialects=list(found.artefact.dialects),
            purpose=grant.purpose,
            state=grant.state,
            since=str(grant.valid.start),
            until=str(grant.valid.end),
            mine=found.mine,
            accepted=found.accepted,
            registered=found.registered,
            key_number=found.key.number if found.key else None,
            second_needed=bool(grant.seconds),
            present=[PresenceShown.of(one) for one in found.present],
            left=BudgetLeft.of(found.left),
            gateway=gateway,
        )


class SecondedShown(Wire):
    """Grants in which you are named as a second person."""

    items: list[AccessShown]


class KeyMade(Wire):
    """A key at the only moment when it is known."""

    grant: str
    key: str = Field(description="shown once; the one before has stopped")
    number: int
    gateway: str


class PresenceGiven(Body):
    """Being there."""

    minutes: int = Field(default=USUAL_MINUTES, ge=1, le=MOST_MINUTES)


class HaltGiven(Body):
    """Why everything is halted, and what lets it go on."""

    reason: str = Field(min_length=1, max_length=LONGEST_TEXT)
    conditions: str = Field(min_length=1, max_length=LONGEST_TEXT)


class NoteGiven(Body):
    """How the conditions were met."""

    note: str = Field(min_length=1, max_length=LONGEST_TEXT)


class ReasonGiven(Body):
    """A reason that need not be given."""

    reason: str = Field(default="", max_length=LONGEST_TEXT)


class Stopped(Wire):
    """How many grants were changed."""

    grants: int


class Left(Wire):
    """How many sessions ended."""

    sessions: int
