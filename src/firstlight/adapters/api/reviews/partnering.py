"""Trusted partners: published criteria, proposed, decided, appealed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from firstlight.adapters.api.answers import Answer, answer, once, page
from firstlight.adapters.api.gate import OPEN, actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.pieces import newest, piece
from firstlight.adapters.api.reviews.common import (
    PartnerName,
    ReviewName,
    names,
    partner_named,
    review_id,
)
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.reviews.bodies import Appealed, PartnerDecided, PartnerProposed
from firstlight.adapters.api.wire.reviews.partners import (
    CounterpartPage,
    CounterpartShown,
    CriteriaList,
    CriteriaShown,
    PartnerPage,
    PartnershipPage,
    PartnershipShown,
    PartnerShown,
)
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.review.criteria import CRITERIA, NEWEST
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import partnering
from firstlight.usecases.reviews.counterparts import counterparts

router = Router(tags=["reviews"])


@router.get(
    "/reviews/partner-criteria",
    auth=OPEN,
    response=CriteriaList,
    operation_id="listCriteria",
    summary="Read what a trusted partner must be",
)
def list_criteria(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """Published, by version; both sides judge by them."""
    items = [
        CriteriaShown(version=each.version, items=dict(each.items)) for each in CRITERIA.values()
    ]
    return answer(CriteriaList(items=items, newest=NEWEST))


@router.get(
    "/reviews/organisations",
    auth=may(Action.REVIEW_SELECT),
    response=CounterpartPage,
    operation_id="listCounterparts",
    summary="See whom you can name in a review",
)
def list_counterparts(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """A developer sees offices and partners, an office developers and partners; by name."""
    rows, following = piece(
        counterparts(services().accounts, actor_of(request)),
        lambda row: str(row.id),
        cursor,
        limit,
    )
    items = [CounterpartShown.of(row) for row in rows]
    return page(request, CounterpartPage(items=items, next=following))


@router.get(
    "/reviews/partnerships",
    auth=may(Action.REVIEW_APPEAL),
    response=PartnershipPage,
    operation_id="listPartnerships",
    summary="See where your organisation is a partner",
)
def list_own(request: HttpRequest, cursor: Cursor = None, limit: Limit = None) -> HttpResponse:
    """Proposed, agreed, refused with the reason; newest first. Empty for anyone but a partner."""
    rows, following = piece(
        services().reviews.own_partnerships(actor_of(request)),
        lambda row: str(row.partner.id),
        cursor,
        limit,
    )
    name_of = names()
    items = [PartnershipShown.of(row, name_of) for row in rows]
    return page(request, PartnershipPage(items=items, next=following))


@router.get(
    "/reviews/partners/{partner}",
    auth=may(Action.REVIEW_APPEAL),
    response=PartnerShown,
    operation_id="readPartner",
    summary="Read a partner's part",
)
def read_partner(request: HttpRequest, partner: PartnerName) -> HttpResponse:
    """With every decision, refusal and appeal."""
    return answer(PartnerShown.of(partner_named(actor_of(request), partner), names()))


@router.post(
    "/reviews/partners/{partner}/decisions",
    auth=may(Action.REVIEW_SELECT),
    response={200: PartnerShown},
    operation_id="decidePartner",
    summary="Agree to a partner, refuse, answer an appeal, or end it",
)
def decide(request: HttpRequest, partner: PartnerName, body: PartnerDecided) -> HttpResponse:
    """Everything but an agreement has a reason. None of it touches a launch."""
    actor = actor_of(request)
    found = partner_named(actor, partner).id

    def act(context: Context) -> Answer:
        decided = partnering.decide_partner(
            context, actor, found, move=body.move, reason=body.reason
        )
        return Answer(shown=PartnerShown.of(decided, names()))

    return once(request, act)


@router.post(
    "/reviews/partners/{partner}/appeals",
    auth=may(Action.REVIEW_APPEAL),
    response={200: PartnerShown},
    operation_id="appealRefusal",
    summary="Appeal against a refusal",
)
def appeal(request: HttpRequest, partner: PartnerName, body: Appealed) -> HttpResponse:
    """By the partner or the side that proposed it; the other side looks again and answers."""
    actor = actor_of(request)
    found = partner_named(actor, partner).id

    def act(context: Context) -> Answer:
        asked = partnering.appeal(context, actor, found, text=body.text)
        return Answer(shown=PartnerShown.of(asked, names()))

    return once(request, act)


@router.get(
    "/reviews/{review}/partners",
    auth=may(Action.REVIEW_READ),
    response=PartnerPage,
    operation_id="listPartners",
    summary="See the partners of a review",
)
def list_partners(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Newest first, refused and ended ones too."""
    actor, name_of = actor_of(request), names()
    found = review_id(actor, review, Action.REVIEW_READ)
    rows, following = newest(
        services().reviews.partners(actor, found), lambda row: str(row.id), cursor, limit
    )
    items = [PartnerShown.of(row, name_of) for row in rows]
    return page(request, PartnerPage(items=items, next=following))


@router.post(
    "/reviews/{review}/partners",
    auth=may(Action.REVIEW_SELECT),
    response={201: PartnerShown},
    operation_id="proposePartner",
    summary="Propose a partner",
)
def propose(request: HttpRequest, review: ReviewName, body: PartnerProposed) -> HttpResponse:
    """By either side, saying of each published criterion how it is met."""
    actor, accounts = actor_of(request), services().accounts
    found = review_id(actor, review, Action.REVIEW_SELECT)
    organisation = OrganisationId(body.organisation)

    def act(context: Context) -> Answer:
        made = partnering.propose_partner(
            context,
            accounts,
            actor,
            found,
            organisation=organisation,
            sector=body.sector,
            meets=body.meets,
            version=body.criteria,
        )
        place = {"Location": f"/api/v1/reviews/partners/{made.id}"}
        return Answer(shown=PartnerShown.of(made, names()), status=201, headers=place)

    return once(request, act)
