"""Observations: advice to the developer, and what it says to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from firstlight.adapters.api.answers import Answer, once, page
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.pieces import newest
from firstlight.adapters.api.reviews.common import ReviewName, everywhere, names, review_id
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.reviews.bodies import ObservationGiven, ResponseGiven
from firstlight.adapters.api.wire.reviews.partners import ObservationPage, ObservationShown
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.ids import EngagementId, ObservationId
from firstlight.core.review.observations import Observation
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import advising

router = Router(tags=["reviews"])

ObservationName = Annotated[str, Path(description="identifier (obs_...)", max_length=64)]


@router.get(
    "/reviews/{review}/observations",
    auth=may(Action.REVIEW_READ),
    response=ObservationPage,
    operation_id="listObservations",
    summary="Read the observations of a review",
)
def list_observations(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """All of them, newest first, each with the developer's responses beside it."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_READ)
    return _page(request, services().reviews.observations(actor, found), cursor, limit)


@router.get(
    "/reviews/{review}/observations/own",
    auth=may(Action.REVIEW_ADVISE),
    response=ObservationPage,
    operation_id="listOwnObservations",
    summary="Read what your organisation observed",
)
def list_own(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Newest first, each with the developer's responses beside it."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ADVISE)
    rows = [
        row
        for row in services().reviews.observations(everywhere(actor), found)
        if row.organisation == actor.organisation
    ]
    return _page(request, rows, cursor, limit)


@router.post(
    "/reviews/{review}/observations",
    auth=may(Action.REVIEW_ADVISE),
    response={201: ObservationShown},
    operation_id="writeObservation",
    summary="Tell the developer something",
)
def observe(request: HttpRequest, review: ReviewName, body: ObservationGiven) -> HttpResponse:
    """Advice: it has a title and words, and nothing follows from it by itself."""
    actor = actor_of(request)
    found = review_id(actor, review, Action.REVIEW_ADVISE)

    def act(context: Context) -> Answer:
        made = advising.observe(context, actor, found, title=body.title, text=body.text)
        return _made(made, 201)

    return once(request, act)


@router.post(
    "/reviews/{review}/observations/{observation}/wordings",
    auth=may(Action.REVIEW_ADVISE),
    response={200: ObservationShown},
    operation_id="rewordObservation",
    summary="Say an observation anew",
)
def reword(
    request: HttpRequest, review: ReviewName, observation: ObservationName, body: ObservationGiven
) -> HttpResponse:
    """By its author's organisation; the earlier version stays."""
    actor = actor_of(request)
    found = _named(actor, review_id(actor, review, Action.REVIEW_ADVISE), observation)

    def act(context: Context) -> Answer:
        return _made(advising.reword(context, actor, found, title=body.title, text=body.text), 200)

    return once(request, act)


@router.post(
    "/reviews/{review}/observations/{observation}/responses",
    auth=may(Action.REVIEW_ARRANGE),
    response={200: ObservationShown},
    operation_id="respondToObservation",
    summary="Respond to an observation",
)
def respond(
    request: HttpRequest, review: ReviewName, observation: ObservationName, body: ResponseGiven
) -> HttpResponse:
    """By the developer, to one version; or not at all."""
    actor = actor_of(request)
    found = _named(actor, review_id(actor, review, Action.REVIEW_ARRANGE), observation)

    def act(context: Context) -> Answer:
        said = advising.respond(context, actor, found, wording=body.wording, text=body.text)
        return _made(said, 200)

    return once(request, act)


def _named(actor: Actor, review: EngagementId, name: str) -> ObservationId:
    """An observation that the actor may read, in this review. Raises Missing."""
    wanted = identified(ObservationId, name)
    for row in services().reviews.observations(everywhere(actor), review):
        if row.id == wanted:
            return wanted
    raise Missing(f"there is no observation {wanted} for you in this review")


def _made(observation: Observation, status: int) -> Answer:
    wire = ObservationShown.of(observation, names())
    place = {"Location": f"/api/v1/reviews/{observation.engagement}/observations"}
    return Answer(shown=wire, status=status, headers=place)


def _page(
    request: HttpRequest, found: Sequence[Observation], cursor: str | None, limit: int | None
) -> HttpResponse:
    rows, following = newest(found, lambda row: str(row.id), cursor, limit)
    name_of = names()
    items = [ObservationShown.of(row, name_of) for row in rows]
    return page(request, ObservationPage(items=items, next=following))
