"""What is offered to defenders: a tool, or a model's endpoint. All of it but `delivery` is public.

A model is offered by its developer only, through an endpoint with the safeguards that every user
gets. Agencies are offered a model only after its public release: access of the government before
it goes by the review, with its thirty days, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.review.artefacts import ArtefactKind, Safeguards, find
from firstlight.core.review.engagement import Engagement, EngagementState, ReleaseTo
from firstlight.core.review.grants import Budget
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.tools.eligibility import AskerKind, Defence
from firstlight.core.review.tools.ids import OfferId
from firstlight.core.review.words import line, written

MOST_ANSWER_DAYS = 30
MOST_GRANT_DAYS = 365
"""no access is without end; what is still needed is asked for again"""
OFFERERS = frozenset({Role.DEVELOPER, Role.REVIEWER, Role.COORDINATOR})
"""a developer, an agency, the clearinghouse"""


class OfferKind(StrEnum):
    """What is offered."""

    TOOL = "tool"
    """software or a service for defenders; how to get it is told at each recorded use"""
    MODEL = "model"
    """a model's endpoint, reached through the gateway"""


class OfferState(StrEnum):
    """Whether it can be asked for."""

    PUBLISHED = "published"
    """it can"""
    WITHDRAWN = "withdrawn"
    """it was taken back; nothing of it can be used any more"""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """The endpoint through which a model is offered."""

    engagement: EngagementId
    artefact: ArtefactId
    budget: Budget
    """of each grant, in all"""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing that defenders can ask for."""

    id: OfferId
    offered_by: OrganisationId
    kind: OfferKind
    title: str
    text: str
    """what it is and does"""
    askers: Sequence[AskerKind]
    """for whom"""
    purposes: Sequence[Defence]
    """for what"""
    answer_days: int
    """within how many days each request is answered"""
    grant_days: int
    """how long a grant lasts at most"""
    eligibility: str
    """version of what an asker must be"""
    delivery: str
    """how to get a tool: told to those who hold a grant, at each recorded use; empty for a model"""
    endpoint: Endpoint | None
    """of a model; None for a tool"""
    published_by: PersonId
    published_at: Instant
    state: OfferState = OfferState.PUBLISHED
    withdrawn_at: Instant | None = None
    withdrawn_because: str = ""
    version: int = 1
    """grows with every change of the record"""

    def __post_init__(self) -> None:
        """Refuse an offer that says too little, or promises no time."""
        object.__setattr__(self, "title", line(self.title, "title"))
        object.__setattr__(self, "text", written(self.text, "text"))
        for field in ("askers", "purposes"):
            named = getattr(self, field)
            if not named or len(set(named)) != len(named):
                raise Invalid(f"name each of {field} once, and at least one", field=field)
        if not 1 <= self.answer_days <= MOST_ANSWER_DAYS:
            raise Invalid(f"answer within 1 to {MOST_ANSWER_DAYS} days", field="answer_days")
        if not 1 <= self.grant_days <= MOST_GRANT_DAYS:
            raise Invalid(f"a grant lasts 1 to {MOST_GRANT_DAYS} days", field="grant_days")
        if (self.kind is OfferKind.MODEL) != (self.endpoint is not None):
            raise Invalid("a model, and only that, is offered by an endpoint", field="endpoint")
        if self.kind is OfferKind.TOOL:
            object.__setattr__(self, "delivery", written(self.delivery, "delivery"))
        elif self.delivery:
            raise Invalid("a model is reached through the gateway alone", field="delivery")


OFFER_MOVES: MoveTable[OfferState] = MoveTable(
    (
        Move(
            name="withdraw",
            sources=frozenset({OfferState.PUBLISHED}),
            target=OfferState.WITHDRAWN,
            roles=OFFERERS,
            rule="whoever offers something takes it back at any time, with a reason",
        ),
    )
)


def withdraw(offer: Offer, role: Role, *, reason: str, now: Instant) -> Offer:
    """Taken back. Raises MoveNotAllowed; Unwritten without a reason."""
    move = OFFER_MOVES.apply("withdraw", offer.state, role)
    because = written(reason, "reason")
    return replace(offer, state=move.target, withdrawn_at=now, withdrawn_because=because)


def check_endpoint(offer: Offer, engagement: Engagement) -> None:
    """What the endpoint of an offered model must be, when it is published and at every use.

    Raises:
        Invalid: it is not the offering developer's, no endpoint, or not as users get it; there are
            no terms; or an agency would reach the model before its public release.
        Missing: the engagement has no such artefact.
    """
    if offer.endpoint is None:
        raise Invalid("only a model has an endpoint", field="endpoint")
    if engagement.model.developer != offer.offered_by:
        raise Invalid("a model is offered by its developer", field="endpoint")
    if engagement.state in {EngagementState.CLOSED, EngagementState.WITHDRAWN}:
        raise Invalid("the engagement of this endpoint is over", field="endpoint")
    if engagement.present_terms is None:
        raise Invalid("whoever gets access accepts terms; set them first", field="endpoint")
    artefact = find(engagement.artefacts, offer.endpoint.artefact)
    if artefact.kind is not ArtefactKind.ENDPOINT or artefact.removed_at is not None:
        raise Invalid("this artefact is no endpoint, or was taken back", field="endpoint")
    if artefact.safeguards is not Safeguards.SHIPPED:
        raise Invalid("defenders get a model with the safeguards as shipped", field="endpoint")
    released = any(each.to is ReleaseTo.PUBLIC for each in engagement.releases)
    if AskerKind.FEDERAL_AGENCY in offer.askers and not released:
        raise Invalid(
            "agencies get a model by an offer only after its public release",
            hint="Before it, the review lets them in, for thirty days at most. Leave them out.",
            field="askers",
        )
