"""Offers: published and taken back by whoever offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.tools import access, asking, offers
from firstlight.core.review.tools.eligibility import NEWEST, AskerKind, Defence
from firstlight.core.review.tools.ids import OfferId
from firstlight.core.review.tools.offers import Endpoint, Offer, OfferKind
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews.step import organisation_of, person_of, thing_of, told
from firstlight.usecases.tools.models import end_model
from firstlight.usecases.tools.step import thing_of_offer


@dataclass(frozen=True, kw_only=True)
class NewOffer:
    """What somebody offers. All of it but `delivery` becomes public."""

    kind: OfferKind
    title: str
    text: str
    askers: Sequence[AskerKind]
    purposes: Sequence[Defence]
    answer_days: int
    grant_days: int
    delivery: str = ""
    """of a tool: how to get it"""
    endpoint: Endpoint | None = None
    """of a model"""


def publish_offer(context: Context, actor: Actor, new: NewOffer) -> Offer:
    """Offer a tool, or a model, to defenders.

    Raises:
        NotSignedIn, Refused: the actor may not.
        Invalid, Unwritten, TooLarge: it says too little or too much, or is not what may be offered.
        Missing: a model's engagement or endpoint is not there for the actor.
    """
    allow(actor, Action.TOOL_OFFER)
    now = context.clock.now()
    if new.kind is OfferKind.MODEL and actor.role is not Role.DEVELOPER:
        raise Invalid("a model is offered by its developer", field="kind")
    offer = Offer(
        id=context.mint.new(OfferId, now),
        offered_by=organisation_of(actor),
        kind=new.kind,
        title=new.title,
        text=new.text,
        askers=tuple(new.askers),
        purposes=tuple(new.purposes),
        answer_days=new.answer_days,
        grant_days=new.grant_days,
        eligibility=NEWEST,
        delivery=new.delivery,
        endpoint=new.endpoint,
        published_by=person_of(actor),
        published_at=now,
    )
    with context.storage.begin() as work:
        if offer.endpoint is not None:
            engagement = work.engagements.get(offer.endpoint.engagement)
            sees = thing_of(work, engagement, actor.role, Action.REVIEW_GRANT)
            allow(actor, Action.REVIEW_GRANT, sees)
            offers.check_endpoint(offer, engagement)
        work.tools.add_offer(offer)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.TOOL_OFFER,
            subject=str(offer.id),
            rule="2(c)(iii): what is offered to defenders is published",
            facts={
                "kind": offer.kind.value,
                "title": offer.title,
                "askers": [each.value for each in offer.askers],
                "purposes": [each.value for each in offer.purposes],
                "eligibility": offer.eligibility,
                "answer_days": offer.answer_days,
                "grant_days": offer.grant_days,
            },
        )
    return offer


def withdraw_offer(context: Context, actor: Actor, identifier: OfferId, *, reason: str) -> Offer:
    """Take an offer back: what waits is refused, what stands is ended, with the same reason.

    Raises:
        Missing: no such offer.
        NotSignedIn, Refused: it is not the actor's.
        MoveNotAllowed: it was taken back already.
        Unwritten: without a reason.
    """
    with context.storage.begin() as work:
        offer = work.tools.lock_offer(identifier)
        allow(actor, Action.TOOL_OFFER, thing_of_offer(offer))
        now = context.clock.now()
        saved = work.tools.save_offer(offers.withdraw(offer, actor.role, reason=reason, now=now))
        _end_all(context, work, actor, saved)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.TOOL_OFFER,
            subject=str(identifier),
            rule=offers.OFFER_MOVES.apply("withdraw", offer.state, actor.role).rule,
            facts={"move": "withdraw", "state": saved.state.value, "words": told(reason)},
        )
    return saved


def _end_all(context: Context, work: UnitOfWork, actor: Actor, offer: Offer) -> None:
    """Refuse what waits and end what stands, each with an entry in its own sequence."""
    reason, person = offer.withdrawn_because, person_of(actor)
    clock = context.clock.now()
    for request in work.tools.waiting_for(offer.id):
        move = "refuse" if request.state is asking.RequestState.ASKED else "uphold"
        now = max(clock, work.tools.last_recorded(request.id) or clock)
        said = asking.answer(request, move, actor.role, reason=reason, by=person, now=now)
        work.tools.save_request(said)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.REQUEST_DECIDE,
            subject=str(request.id),
            rule="the offer was taken back",
            facts={"move": move, "state": said.state.value, "words": told(reason)},
        )
    for grant in work.tools.standing(offer.id):
        now = max(clock, work.tools.last_recorded(grant.request) or clock)
        over = access.end(grant, "revoke", actor.role, because=reason, now=now)
        end_model(context, work, work.tools.save_grant(over), now=now)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.REQUEST_DECIDE,
            subject=str(grant.request),
            rule="the offer was taken back",
            facts={"move": "revoke", "grant": str(grant.id), "words": told(reason)},
        )
