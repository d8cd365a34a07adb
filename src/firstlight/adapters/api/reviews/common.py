"""What the operations of a review share: finding, showing, changing, downloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path

from firstlight.adapters.api.answers import PREFIX, Answer, once, tag_header
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of
from firstlight.adapters.api.services import services
from firstlight.adapters.api.tags import require_match
from firstlight.adapters.api.wire.reviews.engagement import ReviewShown
from firstlight.adapters.api.wire.reviews.people import NameOf
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.engagement import ENGAGEMENT_MOVES, Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId, PartnerId
from firstlight.core.review.partners import Partner
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context

DSSE = "application/vnd.dsse.envelope.v1+json"
"""a signed envelope"""

ReviewName = Annotated[
    str, Path(description="identifier (eng_...) or number (FR-2026-0001)", max_length=64)
]
GrantName = Annotated[str, Path(description="identifier (grt_...)", max_length=64)]
PartnerName = Annotated[str, Path(description="identifier (prt_...)", max_length=64)]
Number = Annotated[int, Path(ge=1, le=1000, description="1, 2, 3, ... within the review")]


def everywhere(actor: Actor) -> Actor:
    """The actor without regard to scopes: whether a thing exists is a matter of the role."""
    return replace(actor, scopes=None)


def review_id(actor: Actor, name: str, action: Action) -> EngagementId:
    """The review that this action of the actor's role reaches. Raises Missing."""
    return services().reviews.reached(everywhere(actor), name, action)


def review_named(actor: Actor, name: str) -> Engagement:
    """A review that the actor may read. Raises Missing."""
    reader = everywhere(actor)
    return services().reviews.engagement(reader, review_id(actor, name, Action.REVIEW_READ))


def grant_named(actor: Actor, name: str) -> Grant:
    """A grant that the actor may read. Raises Missing."""
    return services().reviews.grant(everywhere(actor), identified(GrantId, name))


def partner_named(actor: Actor, name: str) -> Partner:
    """A partner that the actor may read. Raises Missing."""
    return services().reviews.partner(everywhere(actor), identified(PartnerId, name))


def names() -> NameOf:
    """Looks names up, each once; nobody of this name gives an empty one."""
    accounts = services().accounts

    @cache
    def name_of(who: PersonId | OrganisationId) -> str:
        try:
            if isinstance(who, PersonId):
                return accounts.person(who).name
            return accounts.organisation(who).organisation.name
        except Missing:
            return ""

    return name_of


def shown(actor: Actor, found: Engagement) -> ReviewShown:
    """A review as its reader gets it, everywhere the same bytes for one version."""
    developer = names()(found.model.developer)
    moves = ENGAGEMENT_MOVES.possible(found.state, actor.role)
    return ReviewShown.of(found, developer, sorted(moves))


def made(actor: Actor, found: Engagement, status: int = 200) -> Answer:
    """The answer to a change: what stands now, where, and its tag for the next change."""
    wire = shown(actor, found)
    place = {"Location": f"{PREFIX}/reviews/{found.id}"}
    return Answer(shown=wire, status=status, headers=place | tag_header(wire))


def change(
    request: HttpRequest,
    name: str,
    action: Action,
    act: Callable[[Context, EngagementId], Engagement],
) -> HttpResponse:
    """A POST that is possible whatever the version."""
    actor = actor_of(request)
    found = review_id(actor, name, action)
    return once(request, lambda context: made(actor, act(context, found)))


def change_seen(
    request: HttpRequest, name: str, act: Callable[[Context, Engagement], Engagement]
) -> HttpResponse:
    """A POST that changes the version that the asker saw; needs If-Match."""
    actor = actor_of(request)
    found = review_named(actor, name)

    def do(context: Context) -> Answer:
        require_match(request, shown(actor, found))
        return made(actor, act(context, found))

    return once(request, do)


def download(content: bytes, name: str) -> HttpResponse:
    """A signed envelope, byte for byte, to be kept."""
    response = HttpResponse(content, content_type=DSSE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def signed(what: str) -> dict[str, Any]:
    """How an operation that answers an envelope describes itself."""
    content = {DSSE: {"schema": {"type": "object"}}}
    return {"responses": {200: {"description": f"{what} in a DSSE envelope", "content": content}}}
