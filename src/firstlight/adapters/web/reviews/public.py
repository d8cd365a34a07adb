"""What anyone may read: the rules of a review, the reports of those that ended, the waiting."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from firstlight.adapters.web.reviews import choices
from firstlight.adapters.web.reviews.drawing import draw_waiting
from firstlight.adapters.web.reviews.telling import tell
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.review.criteria import CRITERIA
from firstlight.core.review.standard_terms import STANDARD_TERMS
from firstlight.usecases.access.table import Action, allow


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Criteria for partners and standard terms, every version: the same for all."""
    allow(actor_of(request), Action.REPORT_READ)
    page = {
        "criteria": list(CRITERIA.values())[::-1],
        "terms": list(STANDARD_TERMS.values())[::-1],
        "excluded": choices.EXCLUDED,
    }
    return render(request, "web/review/rules.html", page)


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """The public cut of every review that ended."""
    actor = actor_of(request)
    allow(actor, Action.REPORT_READ)
    found = services().reviews.public_reports(actor)
    page = {"reports": [(each, tell(each, {})) for each in found]}
    return render(request, "web/review/public.html", page)


@require_safe
def reports_file(request: HttpRequest) -> HttpResponse:
    """The same as JSON."""
    actor = actor_of(request)
    allow(actor, Action.REPORT_READ)
    found = [dict(each) for each in services().reviews.public_reports(actor)]
    response = JsonResponse({"reports": found}, json_dumps_params={"indent": 1})
    response.headers["Content-Disposition"] = 'attachment; filename="reviews.json"'
    return response


@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """How long developers wait for an answer, by size: drawn, and as a table."""
    actor = actor_of(request)
    allow(actor, Action.REPORT_READ)
    rows, height = draw_waiting(services().reviews.waiting(actor))
    return render(request, "web/review/waiting.html", {"rows": rows, "height": height})
