"""Defensive tools: what is offered, asked for, answered and used."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import PREFIX, Answer, answer, once, page, page_size
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.tools import (
    AnswerTimes,
    AnswerTimesList,
    EligibilityList,
    HandedOutShown,
    OfferGiven,
    OfferPage,
    OfferShown,
    RequestGiven,
    ToolAnswerGiven,
    ToolAppealGiven,
    ToolReasonGiven,
    ToolRequestPage,
    ToolRequestShown,
    ToolTermsGiven,
    ToolTermsShown,
    ToolUseGiven,
    ToolUsePage,
    ToolUseShown,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.tools.asking import RequestState, ToolRequest
from firstlight.core.review.tools.eligibility import NEWEST
from firstlight.core.review.tools.ids import OfferId, ToolGrantId, ToolRequestId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.queries.tools import OfferRow, ToolRequestRow
from firstlight.usecases.tools.asking import appeal, ask, take_back
from firstlight.usecases.tools.deciding import answer_request, give_back, revoke
from firstlight.usecases.tools.models import accept_model_terms
from firstlight.usecases.tools.offering import publish_offer, withdraw_offer
from firstlight.usecases.tools.using import use_tool

router = Router(tags=["tools"])

OfferName = Annotated[str, Path(description="identifier (ofr_...)", max_length=64)]
RequestName = Annotated[str, Path(description="identifier (req_...)", max_length=64)]


@router.get(
    "/tools",
    auth=may(Action.TOOL_READ),
    response=OfferPage,
    operation_id="listOffers",
    summary="List what is offered to defenders",
)
def list_offers(request: HttpRequest, cursor: Cursor = None, limit: Limit = None) -> HttpResponse:
    """Tools and models, by whom, for whom and for what; newest first."""
    found = services().tools.offers(actor_of(request), cursor=cursor, limit=page_size(limit))
    items = [OfferShown.of(row) for row in found.rows]
    return page(request, OfferPage(items=items, next=found.next_cursor))


@router.post(
    "/tools",
    auth=may(Action.TOOL_OFFER),
    response={201: OfferShown},
    operation_id="publishOffer",
    summary="Offer a tool or a model",
)
def publish(request: HttpRequest, body: OfferGiven) -> HttpResponse:
    """It is public at once, but for how to get it."""
    actor = actor_of(request)

    def act(context: Context) -> Answer:
        offer = publish_offer(context, actor, body.read())
        shown = OfferShown.of(_offer(actor, str(offer.id)))
        place = f"{PREFIX}/tools/{offer.id}"
        return Answer(shown=shown, status=201, headers={"Location": place})

    return once(request, act)


@router.get(
    "/tools/{offer}",
    auth=may(Action.TOOL_READ),
    response=OfferShown,
    operation_id="readOffer",
    summary="Read an offer",
)
def read_offer(request: HttpRequest, offer: OfferName) -> HttpResponse:
    """Also one that was taken back, with its reason."""
    return answer(OfferShown.of(_offer(actor_of(request), offer)))


@router.post(
    "/tools/{offer}/withdrawal",
    auth=may(Action.TOOL_OFFER),
    response={200: OfferShown},
    operation_id="withdrawOffer",
    summary="Take an offer back",
)
def withdraw(request: HttpRequest, offer: OfferName, body: ToolReasonGiven) -> HttpResponse:
    """What waits is refused and what stands ends, with this reason. It cannot be undone."""
    actor, name = actor_of(request), identified(OfferId, offer)

    def act(context: Context) -> Answer:
        withdraw_offer(context, actor, name, reason=body.reason)
        return Answer(shown=OfferShown.of(_offer(actor, offer)))

    return once(request, act)


@router.get(
    "/tool-eligibility",
    auth=may(Action.TOOL_READ),
    response=EligibilityList,
    operation_id="readEligibility",
    summary="Read who may ask",
)
def read_eligibility(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """What an asker must be, in every version."""
    return answer(EligibilityList.all(NEWEST))


@router.get(
    "/tool-answer-times",
    auth=may(Action.TOOL_READ),
    response=AnswerTimesList,
    operation_id="readAnswerTimes",
    summary="See how long askers wait",
)
def read_answer_times(request: HttpRequest) -> HttpResponse:
    """Answered, waiting and late requests, and the time to an answer, by kind of asker."""
    rows = services().tools.answer_times(actor_of(request), services().context.clock.now())
    return answer(AnswerTimesList(items=[AnswerTimes.of(row) for row in rows]))


@router.post(
    "/tools/{offer}/requests",
    auth=may(Action.REQUEST_MAKE),
    response={201: ToolRequestShown},
    operation_id="askForTool",
    summary="Ask for a tool or a model",
)
def ask_for(request: HttpRequest, offer: OfferName, body: RequestGiven) -> HttpResponse:
    """In person, for systems that you answer for. The answer says by when it is decided."""
    actor, name = actor_of(request), identified(OfferId, offer)

    def act(context: Context) -> Answer:
        asked = ask(context, services().accounts, actor, name, body.read())
        place = f"{PREFIX}/tool-requests/{asked.id}"
        shown = _shown(actor, str(asked.id))
        return Answer(shown=shown, status=201, headers={"Location": place})

    return once(request, act)


@router.get(
    "/tool-requests",
    auth=may(Action.REQUEST_READ),
    response=ToolRequestPage,
    operation_id="listToolRequests",
    summary="List requests",
)
def list_requests(
    request: HttpRequest,
    state: Annotated[RequestState | None, Query(description="only those in this state")] = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> HttpResponse:
    """Of your organisation, or to it; newest first."""
    actor, now = actor_of(request), services().context.clock.now()
    found = services().tools.requests(actor, state=state, cursor=cursor, limit=page_size(limit))
    items = [ToolRequestShown.of(row, actor.role, now) for row in found.rows]
    return page(request, ToolRequestPage(items=items, next=found.next_cursor))


@router.get(
    "/tool-requests/{tool_request}",
    auth=may(Action.REQUEST_READ),
    response=ToolRequestShown,
    operation_id="readToolRequest",
    summary="Read a request",
)
def read_request(request: HttpRequest, tool_request: RequestName) -> HttpResponse:
    """Where it stands, by when it is answered, and the grant."""
    return answer(_shown(actor_of(request), tool_request))


@router.post(
    "/tool-requests/{tool_request}/answers",
    auth=may(Action.REQUEST_DECIDE),
    response={200: ToolRequestShown},
    operation_id="answerToolRequest",
    summary="Grant, refuse, or answer an appeal",
)
def answer_one(
    request: HttpRequest, tool_request: RequestName, body: ToolAnswerGiven
) -> HttpResponse:
    """The asker reads the reason. A grant ends by itself."""
    actor, name = actor_of(request), identified(ToolRequestId, tool_request)

    def act(context: Context) -> Answer:
        answer_request(
            context,
            services().accounts,
            actor,
            name,
            move=body.move,
            reason=body.reason,
            until=Instant(body.until) if body.until else None,
        )
        return Answer(shown=_shown(actor, tool_request))

    return once(request, act)


@router.post(
    "/tool-requests/{tool_request}/appeals",
    auth=may(Action.REQUEST_MAKE),
    response={200: ToolRequestShown},
    operation_id="appealToolRequest",
    summary="Appeal against a refusal",
)
def appeal_one(
    request: HttpRequest, tool_request: RequestName, body: ToolAppealGiven
) -> HttpResponse:
    """It is answered within the same promised days."""
    actor, name = actor_of(request), identified(ToolRequestId, tool_request)

    def act(context: Context) -> Answer:
        appeal(context, actor, name, text=body.text)
        return Answer(shown=_shown(actor, tool_request))

    return once(request, act)


@router.post(
    "/tool-requests/{tool_request}/withdrawal",
    auth=may(Action.REQUEST_MAKE),
    response={200: ToolRequestShown},
    operation_id="takeBackToolRequest",
    summary="Take a request back",
)
def take_one_back(request: HttpRequest, tool_request: RequestName) -> HttpResponse:
    """While it waits. You can ask anew."""
    actor, name = actor_of(request), identified(ToolRequestId, tool_request)

    def act(context: Context) -> Answer:
        found: ToolRequest = take_back(context, actor, name)
        return Answer(shown=_shown(actor, str(found.id)))

    return once(request, act)


@router.get(
    "/tool-requests/{tool_request}/terms",
    auth=may(Action.REQUEST_READ),
    response=ToolTermsShown,
    operation_id="readToolTerms",
    summary="Read the terms of a granted model",
)
def read_terms(request: HttpRequest, tool_request: RequestName) -> HttpResponse:
    """Nothing opens before its person has accepted exactly these."""
    return answer(_terms(actor_of(request), tool_request))


@router.post(
    "/tool-requests/{tool_request}/acceptance",
    auth=may(Action.TOOL_USE),
    response={200: ToolTermsShown},
    operation_id="acceptToolTerms",
    summary="Accept the terms of a granted model",
)
def accept(request: HttpRequest, tool_request: RequestName, body: ToolTermsGiven) -> HttpResponse:
    """In person; a new version asks again."""
    actor, name = actor_of(request), identified(ToolRequestId, tool_request)

    def act(context: Context) -> Answer:
        accept_model_terms(context, actor, name, digest_seen=body.digest)
        return Answer(shown=_terms(actor, tool_request))

    return once(request, act)


@router.post(
    "/tool-requests/{tool_request}/uses",
    auth=may(Action.TOOL_USE),
    response={201: HandedOutShown},
    operation_id="useTool",
    summary="Use a tool",
)
def use_one(request: HttpRequest, tool_request: RequestName, body: ToolUseGiven) -> HttpResponse:
    """The use is written down first; then you are told how to get the tool."""
    actor = actor_of(request)
    grant = _grant(actor, tool_request)

    def act(context: Context) -> Answer:
        handed = use_tool(
            context,
            services().accounts,
            actor,
            grant,
            purpose=body.purpose,
            system=body.system,
            note=body.note,
        )
        place = f"{PREFIX}/tool-requests/{tool_request}/uses"
        shown = HandedOutShown.of(handed)
        return Answer(shown=shown, status=201, headers={"Location": place})

    return once(request, act)


@router.get(
    "/tool-requests/{tool_request}/uses",
    auth=may(Action.REQUEST_READ),
    response=ToolUsePage,
    operation_id="listToolUses",
    summary="List the uses of a tool",
)
def list_uses(
    request: HttpRequest, tool_request: RequestName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Under the grant of this request, newest first; both sides read them."""
    actor = actor_of(request)
    name = _row(actor, tool_request).request.id
    found = services().tools.uses(actor, name, cursor=cursor, limit=page_size(limit))
    items = [ToolUseShown.of(one) for one in found.rows]
    return page(request, ToolUsePage(items=items, next=found.next_cursor))


@router.post(
    "/tool-requests/{tool_request}/revocation",
    auth=may(Action.REQUEST_DECIDE),
    response={200: ToolRequestShown},
    operation_id="revokeToolGrant",
    summary="Revoke a grant",
)
def revoke_one(
    request: HttpRequest, tool_request: RequestName, body: ToolReasonGiven
) -> HttpResponse:
    """It ends at once; its person reads the reason."""
    actor = actor_of(request)
    grant = _grant(actor, tool_request)

    def act(context: Context) -> Answer:
        revoke(context, actor, grant, reason=body.reason)
        return Answer(shown=_shown(actor, tool_request))

    return once(request, act)


@router.post(
    "/tool-requests/{tool_request}/return",
    auth=may(Action.TOOL_USE),
    response={200: ToolRequestShown},
    operation_id="returnToolGrant",
    summary="Give a grant back",
)
def return_one(request: HttpRequest, tool_request: RequestName) -> HttpResponse:
    """When you need it no longer."""
    actor = actor_of(request)
    grant = _grant(actor, tool_request)

    def act(context: Context) -> Answer:
        give_back(context, actor, grant)
        return Answer(shown=_shown(actor, tool_request))

    return once(request, act)


def _offer(actor: Actor, name: str) -> OfferRow:
    role = replace(actor, scopes=None)
    return services().tools.offer(role, identified(OfferId, name))


def _row(actor: Actor, name: str) -> ToolRequestRow:
    role = replace(actor, scopes=None)
    return services().tools.request(role, identified(ToolRequestId, name))


def _shown(actor: Actor, name: str) -> ToolRequestShown:
    now = services().context.clock.now()
    return ToolRequestShown.of(_row(actor, name), actor.role, now)


def _terms(actor: Actor, name: str) -> ToolTermsShown:
    model = _row(actor, name).model
    shown = ToolTermsShown.of(model) if model else None
    if shown is None:
        raise Missing(f"{name} has no terms", hint="Only a granted model has.")
    return shown


def _grant(actor: Actor, name: str) -> ToolGrantId:
    grant = _row(actor, name).grant
    if grant is None:
        raise Missing(f"{name} has no grant", hint="Read the request: it says where it stands.")
    return grant.id
