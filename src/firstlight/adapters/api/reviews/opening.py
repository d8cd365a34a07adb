"""Begin a review, ask and answer whether a model is covered, change the plan, end it."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from firstlight.adapters.api.answers import (
    PREFIX,
    Answer,
    answer,
    once,
    page,
    page_size,
)
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.pieces import piece
from firstlight.adapters.api.reviews.common import (
    Number,
    ReviewName,
    change,
    change_seen,
    made,
    review_id,
    review_named,
    shown,
)
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.operations import Accepted
from firstlight.adapters.api.wire.reviews.bodies import (
    CoverageAnswered,
    CoverageAsked,
    HoldGiven,
    Launched,
    PlanChanged,
    ReviewOpened,
    ReviewRequested,
    Said,
)
from firstlight.adapters.api.wire.reviews.ending import Closed, ClosingReceipt
from firstlight.adapters.api.wire.reviews.engagement import ReviewItem, ReviewPage, ReviewShown
from firstlight.adapters.api.wire.reviews.people import RequestPage, RequestShown
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.review.engagement import EngagementState
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import arranging, ending, opening

router = Router(tags=["reviews"])


@router.get(
    "/reviews",
    auth=may(Action.REVIEW_READ),
    response=ReviewPage,
    operation_id="listReviews",
    summary="List reviews",
)
def list_reviews(
    request: HttpRequest,
    state: Annotated[EngagementState | None, Query(description="only those in this state")] = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> HttpResponse:
    """Those of your developer, or in which your office takes part; newest first."""
    found = services().reviews.engagements(
        actor_of(request), state=state, cursor=cursor, limit=page_size(limit)
    )
    items = [ReviewItem.of(row) for row in found.rows]
    return page(request, ReviewPage(items=items, next=found.next_cursor))


@router.post(
    "/reviews",
    auth=may(Action.REVIEW_ARRANGE),
    response={201: ReviewShown},
    operation_id="openReview",
    summary="Open a review",
)
def open_review(request: HttpRequest, body: ReviewOpened) -> HttpResponse:
    """A developer opens a review of its model; what an office asked for becomes the same one."""
    actor = actor_of(request)

    def act(context: Context) -> Answer:
        opened = opening.open_engagement(
            context,
            actor,
            name=body.name,
            version=body.version,
            size=body.size,
            plan=body.plan.plan(),
            marking=body.marking,
        )
        return made(actor, opened, 201)

    return once(request, act)


@router.post(
    "/reviews/questions",
    auth=may(Action.REVIEW_ARRANGE),
    response={201: ReviewShown},
    operation_id="askCoverage",
    summary="Ask whether a model is covered",
)
def ask(request: HttpRequest, body: CoverageAsked) -> HttpResponse:
    """One office is asked, and nothing else is shown to it. The developer may stop there."""
    actor, accounts = actor_of(request), services().accounts

    def act(context: Context) -> Answer:
        asked = opening.ask_coverage(
            context,
            accounts,
            actor,
            name=body.name,
            version=body.version,
            size=body.size,
            text=body.text,
            office=OrganisationId(body.office),
        )
        return made(actor, asked, 201)

    return once(request, act)


@router.post(
    "/reviews/requests",
    auth=may(Action.REVIEW_ASK),
    response={201: Accepted},
    operation_id="requestReview",
    summary="Ask a developer for a review",
)
def ask_for(request: HttpRequest, body: ReviewRequested) -> HttpResponse:
    """The developer need not answer. Offices that ask for one model meet in one review."""
    actor, accounts = actor_of(request), services().accounts

    def act(context: Context) -> Answer:
        found = opening.request_review(
            context,
            accounts,
            actor,
            developer=OrganisationId(body.developer),
            name=body.name,
            version=body.version,
            words=body.words,
        )
        place = {"Location": f"{PREFIX}/reviews/requests"}
        return Answer(shown=Accepted(subject=str(found)), status=201, headers=place)

    return once(request, act)


@router.get(
    "/reviews/requests",
    auth=may(Action.REVIEW_ASK),
    response=RequestPage,
    operation_id="listRequests",
    summary="See what your office asked for",
)
def list_requests(request: HttpRequest, cursor: Cursor = None, limit: Limit = None) -> HttpResponse:
    """Asking, member, declined or left; newest first."""
    rows, following = piece(
        services().reviews.requests(actor_of(request)),
        lambda row: str(row.engagement),
        cursor,
        limit,
    )
    return page(request, RequestPage(items=[RequestShown.of(row) for row in rows], next=following))


@router.get(
    "/reviews/{review}",
    auth=may(Action.REVIEW_READ),
    response=ReviewShown,
    operation_id="readReview",
    summary="Read a review",
)
def read_review(request: HttpRequest, review: ReviewName) -> HttpResponse:
    """Plan, questions, artefacts, terms, windows, launches; offices and people have own lists."""
    actor = actor_of(request)
    return answer(shown(actor, review_named(actor, review)))


@router.post(
    "/reviews/{review}/plan",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="changePlan",
    summary="Change the plan of a review",
)
def change_plan(request: HttpRequest, review: ReviewName, body: PlanChanged) -> HttpResponse:
    """All of the plan anew. Needs If-Match with the ETag of the review as you saw it."""
    actor = actor_of(request)
    return change_seen(
        request,
        review,
        lambda context, found: opening.change_plan(
            context,
            actor,
            found.id,
            plan=body.plan.plan(),
            size=body.size,
            marking=body.marking,
            seen=found.version,
        ),
    )


@router.post(
    "/reviews/{review}/hold",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="setHold",
    summary="Set retention and legal hold",
)
def set_hold(request: HttpRequest, review: ReviewName, body: HoldGiven) -> HttpResponse:
    """Of sealed documents, in every state, a closed review included. Needs If-Match."""
    actor = actor_of(request)
    return change_seen(
        request,
        review,
        lambda context, found: arranging.set_hold(
            context,
            actor,
            found.id,
            retention_days=body.retention_days,
            legal_hold=body.legal_hold,
            seen=found.version,
        ),
    )


@router.post(
    "/reviews/{review}/answer",
    auth=may(Action.REVIEW_ANSWER),
    response={200: ReviewShown},
    operation_id="answerCoverage",
    summary="Answer whether a model is covered",
)
def answer_coverage(
    request: HttpRequest, review: ReviewName, body: CoverageAnswered
) -> HttpResponse:
    """Share the assessment with the developer. What it says changes nothing that can be done."""
    actor = actor_of(request)
    return change(
        request,
        review,
        Action.REVIEW_ANSWER,
        lambda context, found: opening.answer_coverage(context, actor, found, body.answer()),
    )


@router.post(
    "/reviews/{review}/questions/{number}/sharing",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ReviewShown},
    operation_id="shareAssessment",
    summary="Share an assessment with researchers",
)
def share(request: HttpRequest, review: ReviewName, number: Number) -> HttpResponse:
    """The developer agrees to show one that the office found fit for researchers."""
    actor = actor_of(request)
    return change(
        request,
        review,
        Action.REVIEW_ARRANGE,
        lambda context, found: opening.share_assessment(context, actor, found, number),
    )


@router.post(
    "/reviews/{review}/launch",
    auth=may(Action.REVIEW_END),
    response={200: ReviewShown},
    operation_id="launchModel",
    summary="Record a launch",
)
def launch(request: HttpRequest, review: ReviewName, body: Launched) -> HttpResponse:
    """The developer's alone, from every state, at any time. Nobody is asked; nothing waits."""
    actor = actor_of(request)
    return change(
        request,
        review,
        Action.REVIEW_END,
        lambda context, found: ending.launch(
            context, actor, found, to=body.to, keeps_access=body.keeps_access
        ),
    )


@router.post(
    "/reviews/{review}/withdrawal",
    auth=may(Action.REVIEW_END),
    response={200: ReviewShown},
    operation_id="withdrawModel",
    summary="Take a model out of its review",
)
def withdraw(request: HttpRequest, review: ReviewName, body: Said) -> HttpResponse:
    """Every window and grant ends now. A reason is welcome, not owed."""
    actor = actor_of(request)
    return change(
        request,
        review,
        Action.REVIEW_END,
        lambda context, found: ending.withdraw(context, actor, found, reason=body.words),
    )


@router.post(
    "/reviews/{review}/close",
    auth=may(Action.REVIEW_END),
    response={200: Closed},
    operation_id="closeReview",
    summary="Close a review",
)
def close(request: HttpRequest, review: ReviewName) -> HttpResponse:
    """Grants end, keys of sealed documents are destroyed as soon as allowed, a receipt is signed.

    Sent again it does what is left to do, and answers the newest receipt.
    """
    actor, parts = actor_of(request), services()
    found = review_id(actor, review, Action.REVIEW_END)
    # Not inside one unit of work: a key that is destroyed comes back with no rollback, so the
    # close is stored before. The use case itself is safely repeated.
    receipt = ending.close(parts.context, parts.vault, actor, found)
    wire = Closed(review=str(found), receipt=ClosingReceipt.of(receipt))
    return answer(wire, {"Cache-Control": "no-store"})


@router.post(
    "/reviews/{review}/departure",
    auth=may(Action.REVIEW_ASK),
    response={200: Accepted},
    operation_id="leaveReview",
    summary="Leave a review, or take a request back",
)
def leave(request: HttpRequest, review: ReviewName, body: Said) -> HttpResponse:
    """Your office takes no part any more; its grants end."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ASK)

    def act(context: Context) -> Answer:
        arranging.leave(context, actor, found, words=body.words)
        return Answer(shown=Accepted(subject=str(found)))

    return once(request, act)
