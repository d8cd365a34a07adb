"""Advisories: the list, one of them, approving it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firstlight.adapters.web.leading import version_of
from firstlight.adapters.web.names import names_for
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.clearinghouse.advisory.draft import Text
from firstlight.core.clearinghouse.advisory.model import ADVISORY_MOVES
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import AdvisoryId, CaseId
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.advisories.prepare import (
    approve_advisory,
    draft_advisory,
    edit_advisory,
    move_advisory,
)
from firstlight.usecases.advisories.publish import withdraw_published

ZONES = (
    "UTC",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Nairobi",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
)

_PARTS = ("title", "summary", "details", "mitigation", "cvss")


@require_safe
def advisories(request: HttpRequest) -> HttpResponse:
    """Newest first; a stranger sees what is published."""
    actor = actor_of(request)
    page = services().queries.advisories(
        actor, cursor=request.GET.get("after"), limit=services().page_size
    )
    return render(request, "web/advisories.html", {"page": page})


@require_safe
def advisory(request: HttpRequest, identifier: str) -> HttpResponse:
    """One advisory, with what may be done to it now."""
    actor = actor_of(request)
    allow(actor, Action.ADVISORY_READ)
    found = services().queries.advisory(actor, AdvisoryId(identifier))
    soon = services().context.clock.now().plus(timedelta(days=1)).utc
    return render(
        request,
        "web/advisory.html",
        {
            "advisory": found,
            "names": names_for(actor, [found.approved_by]),
            "moves": ADVISORY_MOVES.possible(found.state, actor.role),
            "zones": ZONES,
            "suggested": soon.replace(minute=0).strftime("%Y-%m-%dT%H:%M"),
        },
    )


@require_POST
def draft(request: HttpRequest, case: str) -> HttpResponse:
    """Draft one from a case."""
    made = draft_advisory(services().context, actor_of(request), CaseId(case))
    return redirect("advisory", identifier=made.id)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, identifier: str) -> HttpResponse:
    """Change a draft; the form carries the version that it shows."""
    actor, found = actor_of(request), AdvisoryId(identifier)
    allow(actor, Action.ADVISORY_WRITE)
    shown = services().queries.advisory(actor, found)
    page: dict[str, object] = {"advisory": shown, "given": shown}
    if request.method != "POST":
        return render(request, "web/edit_advisory.html", page)
    parts = {name: request.POST.get(name, "").replace("\r\n", "\n").strip() for name in _PARTS}
    try:
        edit_advisory(services().context, actor, found, Text(**parts), version=version_of(request))
    except Invalid as problem:
        page |= {"problem": problem, "given": parts}
        return render(request, "web/edit_advisory.html", page, status=400)
    return redirect("advisory", identifier=found)


@require_POST
def approve(request: HttpRequest, identifier: str) -> HttpResponse:
    """Stand for the text that was seen; the form carries its version."""
    actor = actor_of(request)
    allow(actor, Action.ADVISORY_APPROVE)
    go_live = (
        services().context.clock.now()
        if request.POST.get("at_once")
        else moment_of(request.POST.get("go_live", ""), request.POST.get("zone", ""))
    )
    found = AdvisoryId(identifier)
    approve_advisory(services().context, actor, found, go_live, version=version_of(request))
    return redirect("advisory", identifier=found)


@require_POST
def move(request: HttpRequest, identifier: str) -> HttpResponse:
    """Return to draft, or withdraw."""
    found, name = AdvisoryId(identifier), request.POST.get("move", "")
    reason = request.POST.get("reason", "").strip()
    actor, context = actor_of(request), services().context
    allow(actor, Action.ADVISORY_WRITE)
    if name == "withdraw-published":
        if not reason:
            raise Invalid("a public withdrawal needs its reason", field="reason")
        withdraw_published(context, actor, found, reason, services().render)
    else:
        move_advisory(context, actor, found, name, version=version_of(request), reason=reason)
    return redirect("advisory", identifier=found)


def moment_of(text: str, zone: str) -> Instant:
    """A day and hour on the wall of a zone, as a moment.

    Raises:
        Invalid: no such zone, or no such day and hour.
    """
    if zone not in available_timezones():
        raise Invalid(f"{zone[:40]!r} is no time zone", field="zone")
    try:
        local = datetime.fromisoformat(text)
        return Instant(local.replace(tzinfo=ZoneInfo(zone)))
    except (ValueError, OverflowError, ZoneInfoNotFoundError):
        raise Invalid(f"{text[:40]!r} is no day and hour", field="go_live") from None
