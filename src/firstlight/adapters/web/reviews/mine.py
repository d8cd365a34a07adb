"""What I may use, and where I am the second person. Terms are accepted here, personally."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from firstlight.adapters.web.reviews import choices
from firstlight.adapters.web.reviews.forms import Problem, answer, given, status
from firstlight.adapters.web.reviews.sight import named, people_in
from firstlight.adapters.web.reviews.terms_diff import changed
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.grants import GrantState
from firstlight.core.review.standard_terms import standard
from firstlight.core.review.terms import Heading
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.queries.reviews import OwnGrant
from firstlight.usecases.reviews.arranging import accept_terms


@require_safe
def access(request: HttpRequest) -> HttpResponse:
    """My grants: what, for what, until when, and what is missing."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_ACCEPT)
    now = services().context.clock.now()
    rows = services().reviews.own_grants(actor)
    beside = [row for row in services().overviews.second_grants(actor) if not _over(row, now)]
    page = {
        "standing": [(row, stand(row, now)) for row in rows if not _over(row, now)],
        "over": [row for row in rows if _over(row, now)],
        "beside": beside,
        "names": named(actor, people_in(row.grant for row in (*rows, *beside))),
    }
    return render(request, "web/review/mine.html", page)


def _over(row: OwnGrant, now: Instant) -> bool:
    return row.grant.state is GrantState.REVOKED or row.grant.valid.end <= now


def stand(row: OwnGrant, now: Instant) -> tuple[str, str]:
    """How a grant stands, as a tone and a sentence: the first thing that is missing."""
    if row.grant.state is GrantState.SUSPENDED:
        return "bad", "Halted; reason and conditions are below"
    if row.terms is None:
        return "busy", "The developer has set no terms yet"
    if not row.accepted:
        return "busy", "Read and accept the terms first"
    if now < row.grant.valid.start:
        return "busy", "It has not begun"
    running = [each for each in row.windows if each.period.contains(now)]
    if not running:
        coming = any(now < each.period.start for each in row.windows)
        return "busy", "The window has not begun" if coming else "No window is open"
    return "good", "Open"


@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest, number: str) -> HttpResponse:
    """The terms of a grant's engagement, with what the developer changed; to accept or not."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_ACCEPT)
    row = _row(actor, number)
    if request.method != "POST":
        return _terms(request, row, None)

    def act() -> None:
        digest = given(request, "digest")
        accept_terms(services().context, actor, row.grant.engagement, digest_seen=digest)

    return answer(
        request,
        lambda problem: _terms(request, row, problem),
        act,
        said="You have accepted these terms, for yourself.",
        to=("my_access",),
    )


def _terms(request: HttpRequest, row: OwnGrant, problem: Problem | None) -> HttpResponse:
    if row.terms is None:
        raise Missing("the developer has set no terms yet")
    page = {
        "row": row,
        "terms": row.terms,
        "diff": changed(row.terms, standard(row.terms.standard)),
        "headings": [(each, row.terms.texts[each]) for each in Heading],
        "excluded": choices.EXCLUDED,
        "ticked": [use.value for use in row.terms.excluded],
        "problem": problem,
    }
    return render(request, "web/review/my_terms.html", page, status=status(problem))


def _row(actor: Actor, number: str) -> OwnGrant:
    rows = (*services().reviews.own_grants(actor), *services().overviews.second_grants(actor))
    for row in rows:
        if row.number == number:
            return row
    raise Missing(f"no grant names you in {number[:40]!r}")
