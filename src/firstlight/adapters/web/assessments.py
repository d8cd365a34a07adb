"""Assessments of models that were shared, in the cut that the reader's role may see (3(a))."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from firstlight.adapters.web.names import names_for
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.table import Action, allow

_MOMENTS = ("asked_at", "determined_at")


@require_safe
def assessments(request: HttpRequest) -> HttpResponse:
    """Newest first. A researcher sees what both sides shared; each side sees its own whole."""
    actor = actor_of(request)
    allow(actor, Action.ASSESSMENT_READ)
    found = services().reviews.assessments(actor)
    shown = [
        {key: Instant.parse(str(value)) if key in _MOMENTS else value for key, value in cut.items()}
        for cut in found
    ]
    offices = services().door.known({str(cut["office"]) for cut in found if "office" in cut})
    page = {
        "assessments": shown,
        "offices": {label: name for label, (name, _) in offices.items()},
        "names": names_for(actor, (cut.get("by") for cut in found)),
        "researcher": actor.role is Role.RESEARCHER,
    }
    return render(request, "web/assessments.html", page)
