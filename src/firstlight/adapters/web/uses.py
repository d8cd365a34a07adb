"""Use of an endpoint, live, for its developer; a grant's key for its person; presence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.chart import draw
from firstlight.adapters.web.following import Following, news, tag_of
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import FirstlightError, Invalid, Missing
from firstlight.core.kernel.ids import Identifier, MalformedIdentifier, PersonId
from firstlight.core.review.artefacts import ArtefactKind
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId
from firstlight.core.review.presence import MOST_MINUTES, USUAL_MINUTES
from firstlight.core.review.spending import MICRO, Prices
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.queries.uses import Access, Overview
from firstlight.usecases.uses import endpoints, keys, presence, stopping
from firstlight.usecases.uses.keys import MadeKey

_SHOWN = 50
Name = TypeVar("Name", bound=Identifier)


@require_safe
def review_use(request: HttpRequest, number: str) -> HttpResponse:
    """Chart and table, what runs now, one button that stops everything."""
    return _use_page(request, number)


def _use_page(
    request: HttpRequest,
    number: str,
    problem: FirstlightError | None = None,
    given: Mapping[str, object] | None = None,
) -> HttpResponse:
    actor, parts = actor_of(request), services()
    allow(actor, Action.USE_READ)
    engagement = parts.uses.engagement_named(actor, number)
    seen = parts.uses.overview(actor, engagement.id, parts.context.clock.now())
    latest = parts.uses.uses(actor, engagement.id, cursor=request.GET.get("after"), limit=_SHOWN)
    uses = (*seen.open, *latest.rows)
    people = {one.person for one in seen.tallies} | {one.person for one in seen.present}
    people |= {one for use in uses for one in (use.person, use.second) if one is not None}
    names = _names(people)
    registered = {one.artefact: one for one in seen.endpoints}
    page = {
        "engagement": engagement,
        "seen": seen,
        "chart": draw(seen.tallies, names),
        "names": names,
        "latest": latest,
        "page": latest,
        "endpoints": [
            (one, registered.get(one.id))
            for one in engagement.artefacts
            if one.kind is ArtefactKind.ENDPOINT and one.removed_at is None
        ],
        "follow": _following(seen),
        "usual_reason": stopping.USUAL_REASON,
        "usual_conditions": stopping.USUAL_CONDITIONS,
        "goes_on": stopping.GOES_ON,
        "micro": MICRO,
        "problem": problem,
        "given": given or {},
    }
    return render(request, "web/review_use.html", page, status=400 if problem else 200)


def _names(people: Collection[PersonId]) -> Mapping[PersonId, str]:
    """The people to whom the reader gave grants, by name."""
    known = services().door.known({str(one) for one in people})
    return {one: known[str(one)][0] for one in people if str(one) in known}


def _following(seen: Overview) -> Following:
    address = reverse("review_use_news", args=[seen.number])
    return Following(
        address=address, tag=tag_of(*seen.pulse), why="Uses appear here as they happen."
    )


@require_safe
def review_use_news(request: HttpRequest, number: str) -> HttpResponse:
    """304 while nothing has changed for this reader."""
    actor, parts = actor_of(request), services()
    allow(actor, Action.USE_READ)
    engagement = parts.uses.engagement_named(actor, number)
    seen = parts.uses.overview(actor, engagement.id, parts.context.clock.now())
    return news(request, tag_of(*seen.pulse))


@require_POST
def stop_uses(request: HttpRequest, number: str) -> HttpResponse:
    """Halt everything, let it go on, or revoke for good."""

    def act(engagement: EngagementId) -> str:
        parts, actor = services(), actor_of(request)
        how = request.POST.get("how", "")
        if how == "halt":
            count = stopping.halt_everything(
                parts.context,
                actor,
                engagement,
                reason=_given(request, "reason"),
                conditions=_given(request, "conditions"),
            )
            return f"Stopped. {count} grants are halted."
        if how == "resume":
            count = stopping.let_go_on(
                parts.context, actor, engagement, note=_given(request, "note")
            )
            return f"{count} grants go on."
        if how == "revoke" and request.POST.get("sure") == "yes":
            count = stopping.revoke_everything(
                parts.context, actor, engagement, reason=_given(request, "words")
            )
            return f"{count} grants are revoked for good."
        raise Invalid("say what is to happen, and tick the box for what cannot be taken back")

    return _change(request, number, Action.REVIEW_GRANT, act)


@require_POST
def register_endpoint(request: HttpRequest, number: str, artefact: str) -> HttpResponse:
    """Say where an endpoint is reached, with which key."""

    def act(engagement: EngagementId) -> str:
        parts = services()
        endpoints.set_endpoint(
            parts.context,
            parts.vault,
            actor_of(request),
            engagement,
            _named(ArtefactId, artefact),
            address=_given(request, "address"),
            key=_given(request, "key") or None,
            prices=_prices(_given(request, "price_in"), _given(request, "price_out")),
        )
        return "The endpoint is registered. Its key is sealed and is not shown again."

    return _change(request, number, Action.REVIEW_ARRANGE, act)


def _change(
    request: HttpRequest, number: str, action: Action, act: Callable[[EngagementId], str]
) -> HttpResponse:
    actor = actor_of(request)
    allow(actor, action)
    engagement = services().uses.engagement_named(actor, number)
    try:
        said = act(engagement.id)
    except Invalid as problem:
        given = {name: text for name, text in request.POST.dict().items() if name != "key"}
        return _use_page(request, number, problem, given)
    messages.success(request, said)
    return redirect("review_use", number=engagement.number)


def _prices(price_in: str, price_out: str) -> Prices | None:
    if not price_in and not price_out:
        return None
    try:
        amounts = [Decimal(text) * MICRO for text in (price_in, price_out)]
        return Prices(input=int(amounts[0]), output=int(amounts[1]))
    except (InvalidOperation, OverflowError, ValueError):
        raise Invalid("write both prices as numbers, or none", field="price_in") from None


@require_safe
def my_access(request: HttpRequest, identifier: str) -> HttpResponse:
    """A grant: its key, how to point a client at it, what is left, who is present."""
    return _access_page(request, identifier)


@require_POST
def make_key(request: HttpRequest, identifier: str) -> HttpResponse:
    """Make or replace the own grant's key; the answer shows it once."""
    grant = _named(GrantId, identifier)
    made = keys.make_key(services().context, actor_of(request), grant)
    response = _access_page(request, identifier, made)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def be_present(request: HttpRequest, identifier: str) -> HttpResponse:
    """Come, renew, or leave as a second person."""
    parts, actor, grant = services(), actor_of(request), _named(GrantId, identifier)
    allow(actor, Action.REVIEW_PRESENT)
    if request.POST.get("how") == "leave":
        presence.end_presence(parts.context, actor, grant)
        messages.success(request, "You have left. What needs you there ends within a second.")
    else:
        minutes = request.POST.get("minutes", "")
        if not minutes.isascii() or not minutes.isdigit():
            raise Invalid("say for how many minutes", field="minutes")
        presence.begin_presence(parts.context, actor, grant, minutes=int(minutes[:6]))
        messages.success(request, "You are present.")
    return redirect("my_access_grant", identifier=identifier)


def _access_page(
    request: HttpRequest, identifier: str, made: MadeKey | None = None
) -> HttpResponse:
    parts, actor = services(), actor_of(request)
    allow(actor, Action.REVIEW_PRESENT)
    now = parts.context.clock.now()
    seen = parts.uses.access(actor, _named(GrantId, identifier), now)
    page = {
        "seen": seen,
        "made": made,
        "ended": seen.grant.valid.end <= now or seen.grant.ended_at is not None,
        "there": actor.person in {one.person for one in seen.present},
        "names": _names({*seen.grant.seconds, seen.grant.person}),
        "amounts": _amounts(seen),
        "dialects": [one.value for one in seen.artefact.dialects],
        "gateway": parts.gateway_url,
        "usual_minutes": USUAL_MINUTES,
        "most_minutes": MOST_MINUTES,
    }
    return render(request, "web/my_access_grant.html", page)


def _amounts(seen: Access) -> list[tuple[str, str, str]]:
    """What is limited: name, what is left, how much there was."""
    found = []
    for name in ("requests", "tokens", "money"):
        given, left = getattr(seen.grant.budget, name), getattr(seen.left, name)
        if given is not None:
            of = MICRO if name == "money" else 1
            found.append((name, f"{left / of:,.6g}", f"{given / of:,.6g}"))
    return found


def _named(kind: type[Name], text: str) -> Name:
    try:
        return kind(text)
    except MalformedIdentifier as error:
        raise Missing(error.message) from None


def _given(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()
