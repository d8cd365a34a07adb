"""Grants: given and revoked by the developer, halted by anyone with a reason."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Router

from firstlight.adapters.api.answers import Answer, answer, once, page
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.pieces import newest, piece
from firstlight.adapters.api.reviews.common import (
    GrantName,
    ReviewName,
    grant_named,
    names,
    review_id,
)
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.reviews.bodies import GrantGiven, Halted, Lifted, Said
from firstlight.adapters.api.wire.reviews.people import (
    GrantPage,
    GrantShown,
    MeShown,
    OwnGrantPage,
    OwnGrantShown,
)
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import GrantId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import granting
from firstlight.usecases.reviews.step import organisation_of, person_of

router = Router(tags=["reviews"])


@router.get(
    "/reviews/me",
    auth=may(Action.GRANT_READ),
    response=MeShown,
    operation_id="readMe",
    summary="Read who you are here",
)
def read_me(request: HttpRequest) -> HttpResponse:
    """What a developer needs from you in order to give you a grant."""
    actor, name_of = actor_of(request), names()
    person, organisation = person_of(actor), organisation_of(actor)
    me = MeShown(
        person=str(person),
        name=name_of(person),
        organisation=str(organisation),
        organisation_name=name_of(organisation),
        role=actor.role.value,
    )
    return answer(me)


@router.get(
    "/reviews/grants",
    auth=may(Action.GRANT_READ),
    response=OwnGrantPage,
    operation_id="listOwnGrants",
    summary="See what you may use",
)
def list_own(request: HttpRequest, cursor: Cursor = None, limit: Limit = None) -> HttpResponse:
    """Until when, for what, and under which terms; newest first."""
    rows, following = piece(
        services().reviews.own_grants(actor_of(request)),
        lambda row: str(row.grant.id),
        cursor,
        limit,
    )
    name_of = names()
    items = [OwnGrantShown.of(row, name_of) for row in rows]
    return page(request, OwnGrantPage(items=items, next=following))


@router.get(
    "/reviews/grants/{grant}",
    auth=may(Action.REVIEW_READ),
    response=GrantShown,
    operation_id="readGrant",
    summary="Read a grant",
)
def read_grant(request: HttpRequest, grant: GrantName) -> HttpResponse:
    """With every halt, its reason, and what lifts it."""
    return answer(GrantShown.of(grant_named(actor_of(request), grant), names()))


@router.post(
    "/reviews/grants/{grant}/revocation",
    auth=may(Action.REVIEW_GRANT),
    response={200: GrantShown},
    operation_id="revokeGrant",
    summary="Revoke a grant",
)
def revoke(request: HttpRequest, grant: GrantName, body: Said) -> HttpResponse:
    """It ends at once. A reason is welcome, not owed."""
    actor = actor_of(request)
    return _step(
        request,
        grant,
        lambda context, found: granting.revoke_grant(context, actor, found, reason=body.words),
    )


@router.post(
    "/reviews/grants/{grant}/suspension",
    auth=may(Action.REVIEW_SUSPEND),
    response={200: GrantShown},
    operation_id="suspendGrant",
    summary="Halt a grant",
)
def suspend(request: HttpRequest, grant: GrantName, body: Halted) -> HttpResponse:
    """With a written reason and what lifts it, which the developer sees at once."""
    actor = actor_of(request)
    return _step(
        request,
        grant,
        lambda context, found: granting.suspend_grant(
            context, actor, found, reason=body.reason, conditions=body.conditions
        ),
    )


@router.post(
    "/reviews/grants/{grant}/restoration",
    auth=may(Action.REVIEW_SUSPEND),
    response={200: GrantShown},
    operation_id="restoreGrant",
    summary="Lift a halt",
)
def restore(request: HttpRequest, grant: GrantName, body: Lifted) -> HttpResponse:
    """By the organisation that halted it; says how the conditions were met."""
    actor = actor_of(request)
    return _step(
        request,
        grant,
        lambda context, found: granting.restore_grant(context, actor, found, note=body.note),
    )


@router.get(
    "/reviews/{review}/grants",
    auth=may(Action.REVIEW_READ),
    response=GrantPage,
    operation_id="listGrants",
    summary="See who may use what",
)
def list_grants(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Of one review, newest first; ended ones too."""
    actor, name_of = actor_of(request), names()
    found = review_id(actor, review, Action.REVIEW_READ)
    rows, following = newest(
        services().reviews.grants(actor, found), lambda row: str(row.id), cursor, limit
    )
    items = [GrantShown.of(row, name_of) for row in rows]
    return page(request, GrantPage(items=items, next=following))


@router.post(
    "/reviews/{review}/grants",
    auth=may(Action.REVIEW_GRANT),
    response={201: GrantShown},
    operation_id="giveGrant",
    summary="Give a grant",
)
def give(request: HttpRequest, review: ReviewName, body: GrantGiven) -> HttpResponse:
    """One person, one artefact, one purpose, until one moment, within the audience's window."""
    actor, accounts = actor_of(request), services().accounts
    found, new = review_id(actor, review, Action.REVIEW_GRANT), body.new()

    def act(context: Context) -> Answer:
        given = granting.give_grant(context, accounts, actor, found, new)
        place = {"Location": f"/api/v1/reviews/grants/{given.id}"}
        return Answer(shown=GrantShown.of(given, names()), status=201, headers=place)

    return once(request, act)


def _step(
    request: HttpRequest, name: str, act: Callable[[Context, GrantId], Grant]
) -> HttpResponse:
    found = grant_named(actor_of(request), name).id
    return once(request, lambda context: Answer(shown=GrantShown.of(act(context, found), names())))
