"""Defensive tools: what is offered, who may ask, how long answers take; offering and asking."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.tool_forms import given, offer_in, request_in
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.ids import MalformedIdentifier
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.artefacts import Safeguards
from firstlight.core.review.criteria import Sector
from firstlight.core.review.tools.eligibility import ELIGIBILITY, NEWEST, AskerKind, Defence
from firstlight.core.review.tools.ids import OfferId
from firstlight.core.review.tools.offers import MOST_ANSWER_DAYS, MOST_GRANT_DAYS
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.queries.tools import OfferRow
from firstlight.usecases.tools.asking import ask
from firstlight.usecases.tools.offering import publish_offer, withdraw_offer

_ENDPOINTS_FROM = 50
"""engagements among which a developer's endpoints are looked for"""


@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    """Everything that is offered, who may ask for it, and how long answers take."""
    actor, now = actor_of(request), services().context.clock.now()
    allow(actor, Action.TOOL_READ)
    page = {
        "page": services().tools.offers(
            actor, cursor=request.GET.get("after"), limit=services().page_size
        ),
        "eligibility": ELIGIBILITY[NEWEST],
        "times": services().tools.answer_times(actor, now),
    }
    return render(request, "web/tools.html", page)


@require_safe
def offer(request: HttpRequest, identifier: str) -> HttpResponse:
    """One offer, with the form of those who may ask for it."""
    return _offer_page(request, identifier)


@require_POST
def ask_for(request: HttpRequest, identifier: str) -> HttpResponse:
    """Ask, in person and for named systems."""
    actor = actor_of(request)
    allow(actor, Action.REQUEST_MAKE)
    row = _row(actor, identifier)
    try:
        new = request_in(request.POST, ELIGIBILITY[row.offer.eligibility].items)
        made = ask(services().context, services().accounts, actor, row.offer.id, new)
    except Invalid as problem:
        return _offer_page(request, identifier, problem)
    messages.success(request, "Your request is on its way. You are answered by the day below.")
    return redirect("tool_request", identifier=str(made.id))


@require_POST
def withdraw(request: HttpRequest, identifier: str) -> HttpResponse:
    """Take an offer back."""
    actor = actor_of(request)
    allow(actor, Action.TOOL_OFFER)
    row, reason = _row(actor, identifier), given(request.POST, "reason")
    try:
        withdraw_offer(services().context, actor, row.offer.id, reason=reason)
    except Invalid as problem:
        return _offer_page(request, identifier, problem)
    messages.success(request, "The offer is taken back.")
    return redirect("offer", identifier=identifier)


@require_http_methods(["GET", "HEAD", "POST"])
def new_offer(request: HttpRequest) -> HttpResponse:
    """The form for a new offer, and what it sends."""
    actor = actor_of(request)
    allow(actor, Action.TOOL_OFFER)
    problem = None
    if request.method == "POST":
        try:
            made = publish_offer(services().context, actor, offer_in(request.POST))
        except Invalid as found:
            problem = found
        else:
            messages.success(request, "It is offered, and public.")
            return redirect("offer", identifier=str(made.id))
    page = {
        "problem": problem,
        "given": request.POST,
        "askers": list(AskerKind),
        "purposes": list(Defence),
        "chosen": {*request.POST.getlist("askers"), *request.POST.getlist("purposes")},
        "endpoints": _endpoints(actor),
        "most_answer_days": MOST_ANSWER_DAYS,
        "most_grant_days": MOST_GRANT_DAYS,
    }
    return render(request, "web/new_offer.html", page, status=400 if problem else 200)


def _offer_page(
    request: HttpRequest, identifier: str, problem: Invalid | None = None
) -> HttpResponse:
    row = _row(actor_of(request), identifier)
    page = {
        "row": row,
        "offer": row.offer,
        "eligibility": ELIGIBILITY[row.offer.eligibility],
        "sectors": list(Sector),
        "problem": problem,
        "given": request.POST,
        "chosen": set(request.POST.getlist("purposes")),
    }
    return render(request, "web/offer.html", page, status=400 if problem else 200)


def _row(actor: Actor, identifier: str) -> OfferRow:
    try:
        return services().tools.offer(actor, OfferId(identifier))
    except MalformedIdentifier as error:
        raise Missing(error.message) from None


def _endpoints(actor: Actor) -> Mapping[str, str]:
    """What a developer can offer of its models: place to name."""
    if actor.role is not Role.DEVELOPER:
        return {}
    reviews = services().reviews
    rows = reviews.engagements(actor, state=None, cursor=None, limit=_ENDPOINTS_FROM).rows
    found = [reviews.engagement(actor, row.id) for row in rows]
    return {
        f"{one.id} {each.id}": f"{one.model.name} {one.model.version}: {each.name}"
        for one in found
        for each in one.artefacts
        if each.safeguards is Safeguards.SHIPPED and each.removed_at is None
    }
