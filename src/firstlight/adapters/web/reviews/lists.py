"""The first page of reviews: what is asked of the reader, and what concerns them, by role."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.reviews.forms import given
from firstlight.adapters.web.reviews.sight import named, people_in
from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.shell import may
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.asked import Ask
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.queries.review_overviews import AskedRow
from firstlight.usecases.reviews.arranging import leave

_PLACE = {
    Ask.OFFICE: "review_people",
    Ask.QUESTION: "review_questions",
    Ask.SHARING: "review_questions",
    Ask.PROPOSAL: "review_partners",
    Ask.APPEAL: "review_partners",
    Ask.OBSERVATION: "review_advice",
    Ask.HALT: "review_people",
}
"""on which part of the engagement each is answered"""


@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """What the role makes sensible; a stranger learns what a review is."""
    actor = actor_of(request)
    allow(actor, Action.REPORT_READ)
    if actor.role is Role.AUDITOR:
        return redirect("oversight_reviews")
    if not any(may(actor, action) for action in (Action.REVIEW_READ, Action.REVIEW_APPEAL)):
        page = {"assessments": services().reviews.assessments(actor)}
        return render(request, "web/review/welcome.html", page)
    if actor.role is Role.PARTNER:
        return render(request, "web/review/of_partner.html", _for_partner(actor))
    return render(request, "web/review/index.html", _for_side(request, actor))


def _for_side(request: HttpRequest, actor: Actor) -> dict[str, object]:
    """For a developer or an office."""
    chosen = request.GET.get("state", "")
    state = EngagementState(chosen) if chosen in set(EngagementState) else None
    listed = services().reviews.engagements(
        actor, state=state, cursor=request.GET.get("after"), limit=services().page_size
    )
    asked = services().overviews.asked(actor)
    return {
        "page": listed,
        "state": state,
        "states": list(EngagementState),
        "asked": _grouped(asked),
        "names": named(actor, (row.asked.about for row in asked)),
        "requests": services().reviews.requests(actor),
    }


def _grouped(asked: Sequence[AskedRow]) -> list[tuple[AskedRow, str, int]]:
    """One line for each kind and engagement, with the oldest, where it is answered, how many."""
    found: dict[tuple[str, Ask, str], list[AskedRow]] = {}
    for row in asked:
        who = row.asked.about if row.asked.what is Ask.OFFICE else ""
        found.setdefault((row.number, row.asked.what, who), []).append(row)
    return [(rows[0], _PLACE[rows[0].asked.what], len(rows)) for rows in found.values()]


def _for_partner(actor: Actor) -> dict[str, object]:
    grants = services().overviews.colleague_grants(actor)
    return {
        "partnerships": services().reviews.own_partnerships(actor),
        "grants": grants,
        "names": named(actor, people_in(row.grant for row in grants)),
        "now": services().context.clock.now(),
    }


@require_POST
def take_back(request: HttpRequest, identifier: str) -> HttpResponse:
    """An office takes its request back, or leaves."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_ASK)
    leave(services().context, actor, EngagementId(identifier), words=given(request, "words"))
    return redirect("reviews")
