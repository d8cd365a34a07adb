"""Uses of endpoints: register an endpoint, see what is used, stop everything; keys and presence.

A key is made by PUT, not by a POST that may be replayed: its answer is kept nowhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Path, Router

from firstlight.adapters.api.answers import Answer, answer, once, page, page_size
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.uses import (
    AccessShown,
    EndpointGiven,
    EndpointShown,
    HaltGiven,
    KeyMade,
    Left,
    NoteGiven,
    OverviewShown,
    PresenceGiven,
    PresenceShown,
    ReasonGiven,
    SecondedShown,
    Stopped,
    UsePage,
    UseShown,
)
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId, UseId
from firstlight.core.review.spending import Prices
from firstlight.core.review.using import Part
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.uses import content, endpoints, keys, presence, stopping

router = Router(tags=["uses"])

ReviewName = Annotated[
    str, Path(description="identifier (eng_...) or number (FR-2026-0001)", max_length=64)
]
GrantName = Annotated[str, Path(description="identifier (grt_...)", max_length=64)]
ArtefactName = Annotated[str, Path(description="identifier (art_...)", max_length=64)]


def _engagement(request: HttpRequest, name: str) -> EngagementId:
    """Found without regard to the token's scopes, which the gate and the use case know."""
    return services().uses.engagement_named(replace(actor_of(request), scopes=None), name).id


@router.get(
    "/reviews/{review}/use",
    auth=may(Action.USE_READ),
    response=OverviewShown,
    operation_id="readUse",
    summary="See how an endpoint is used now",
)
def overview(request: HttpRequest, review: ReviewName) -> HttpResponse:
    """Sums by person and purpose, uses without an end, who is present. Ask again with the ETag."""
    found = services().uses.overview(
        actor_of(request), _engagement(request, review), services().context.clock.now()
    )
    return answer(OverviewShown.of(found))


@router.get(
    "/reviews/{review}/uses",
    auth=may(Action.USE_READ),
    response=UsePage,
    operation_id="listUses",
    summary="List uses",
)
def list_uses(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Newest first: every one for the developer, the own ones for who uses the endpoint."""
    found = services().uses.uses(
        actor_of(request), _engagement(request, review), cursor=cursor, limit=page_size(limit)
    )
    shown = UsePage(items=[UseShown.of(one) for one in found.rows], next=found.next_cursor)
    return page(request, shown)


@router.get(
    "/reviews/{review}/uses/{use}/content/{part}",
    auth=may(Action.USE_CONTENT),
    response={200: None},
    operation_id="readUseContent",
    summary="Read content that was kept",
    openapi_extra={
        "responses": {
            200: {
                "description": "exactly the bytes that passed",
                "content": {
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            }
        }
    },
)
def read_content(
    request: HttpRequest,
    review: ReviewName,
    use: Annotated[str, Path(description="identifier (use_...)", max_length=64)],
    part: Annotated[Part, Path(description="which side")],
) -> StreamingHttpResponse:
    """Only where the plan keeps content. Each reading is a ledger entry."""
    parts = services()
    pieces = content.read_content(
        parts.context,
        parts.vault,
        actor_of(request),
        _engagement(request, review),
        use=identified(UseId, use),
        part=part,
    )
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post(
    "/reviews/{review}/halt",
    auth=may(Action.REVIEW_GRANT),
    response=Stopped,
    operation_id="haltEverything",
    summary="Stop every use now",
)
def halt(request: HttpRequest, review: ReviewName, body: HaltGiven) -> HttpResponse:
    """Open answers end within a second. `resumeEverything` takes it back."""
    actor, identifier = actor_of(request), _engagement(request, review)

    def act(context: Context) -> Answer:
        count = stopping.halt_everything(
            context, actor, identifier, reason=body.reason, conditions=body.conditions
        )
        return Answer(shown=Stopped(grants=count))

    return once(request, act)


@router.post(
    "/reviews/{review}/resume",
    auth=may(Action.REVIEW_GRANT),
    response=Stopped,
    operation_id="resumeEverything",
    summary="Lift your own halts",
)
def go_on(request: HttpRequest, review: ReviewName, body: NoteGiven) -> HttpResponse:
    """Halts of others stay."""
    actor, identifier = actor_of(request), _engagement(request, review)

    def act(context: Context) -> Answer:
        count = stopping.let_go_on(context, actor, identifier, note=body.note)
        return Answer(shown=Stopped(grants=count))

    return once(request, act)


@router.post(
    "/reviews/{review}/revoke-all",
    auth=may(Action.REVIEW_GRANT),
    response=Stopped,
    operation_id="revokeEverything",
    summary="Revoke every grant for good",
)
def revoke_all(request: HttpRequest, review: ReviewName, body: ReasonGiven) -> HttpResponse:
    """The way back is to give new grants."""
    actor, identifier = actor_of(request), _engagement(request, review)

    def act(context: Context) -> Answer:
        count = stopping.revoke_everything(context, actor, identifier, reason=body.reason)
        return Answer(shown=Stopped(grants=count))

    return once(request, act)


@router.get(
    "/reviews/{review}/artefacts/{artefact}/endpoint",
    auth=may(Action.USE_READ),
    response=EndpointShown,
    operation_id="readEndpoint",
    summary="See where an endpoint is reached",
)
def read_endpoint(request: HttpRequest, review: ReviewName, artefact: ArtefactName) -> HttpResponse:
    """For its developer; the key is shown to nobody."""
    found = services().uses.endpoint(
        actor_of(request), _engagement(request, review), identified(ArtefactId, artefact)
    )
    return answer(EndpointShown.of(found))


@router.put(
    "/reviews/{review}/artefacts/{artefact}/endpoint",
    auth=may(Action.REVIEW_ARRANGE),
    response=EndpointShown,
    operation_id="setEndpoint",
    summary="Say where an endpoint is reached",
)
def set_endpoint(
    request: HttpRequest, review: ReviewName, artefact: ArtefactName, body: EndpointGiven
) -> HttpResponse:
    """The key is sealed before it is stored. Left out, the one that is there stays."""
    parts, prices = services(), body.prices
    found = endpoints.set_endpoint(
        parts.context,
        parts.vault,
        actor_of(request),
        _engagement(request, review),
        identified(ArtefactId, artefact),
        address=body.address,
        key=body.key,
        prices=Prices(input=prices.input, output=prices.output) if prices else None,
    )
    return answer(EndpointShown.of(found))


@router.get(
    "/seconded-grants",
    auth=may(Action.REVIEW_PRESENT),
    response=SecondedShown,
    operation_id="listSecondedGrants",
    summary="List grants that need you as a second person",
)
def seconded(request: HttpRequest) -> HttpResponse:
    """Those that stand, newest first."""
    parts = services()
    found = parts.uses.seconded(actor_of(request), parts.context.clock.now())
    return answer(SecondedShown(items=[AccessShown.of(one, parts.gateway_url) for one in found]))


@router.get(
    "/grants/{grant}/access",
    auth=may(Action.REVIEW_PRESENT),
    response=AccessShown,
    operation_id="readAccess",
    summary="See what a grant lets you do now",
)
def read_access(request: HttpRequest, grant: GrantName) -> HttpResponse:
    """For its person, and for its second people."""
    parts = services()
    found = parts.uses.access(
        actor_of(request), identified(GrantId, grant), parts.context.clock.now()
    )
    return answer(AccessShown.of(found, parts.gateway_url))


@router.put(
    "/grants/{grant}/key",
    auth=may(Action.REVIEW_USE),
    response=KeyMade,
    operation_id="makeGrantKey",
    summary="Make the key of your grant",
)
def make_key(request: HttpRequest, grant: GrantName) -> HttpResponse:
    """Shown once. The one before stops at once, and what it began is cut."""
    parts = services()
    made = keys.make_key(parts.context, actor_of(request), identified(GrantId, grant))
    response = answer(
        KeyMade(
            grant=str(made.kept.grant),
            key=made.key,
            number=made.kept.number,
            gateway=parts.gateway_url,
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post(
    "/grants/{grant}/presence",
    auth=may(Action.REVIEW_PRESENT),
    response={201: PresenceShown},
    operation_id="beginPresence",
    summary="Be present as a second person",
)
def begin_presence(request: HttpRequest, grant: GrantName, body: PresenceGiven) -> HttpResponse:
    """For so many minutes from now; done again, it renews the time."""
    actor, identifier = actor_of(request), identified(GrantId, grant)

    def act(context: Context) -> Answer:
        found = presence.begin_presence(context, actor, identifier, minutes=body.minutes)
        place = f"/api/v1/grants/{identifier}/access"
        return Answer(shown=PresenceShown.of(found), status=201, headers={"Location": place})

    return once(request, act)


@router.post(
    "/grants/{grant}/presence/end",
    auth=may(Action.REVIEW_PRESENT),
    response=Left,
    operation_id="endPresence",
    summary="Leave",
)
def end_presence(request: HttpRequest, grant: GrantName) -> HttpResponse:
    """What needs you there is cut within a second."""
    actor, identifier = actor_of(request), identified(GrantId, grant)

    def act(context: Context) -> Answer:
        return Answer(shown=Left(sessions=presence.end_presence(context, actor, identifier)))

    return once(request, act)
