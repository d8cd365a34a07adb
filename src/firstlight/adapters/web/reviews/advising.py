"""Observations, and the developer's responses beside them: advice, and what was made of it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from firstlight.adapters.web.reviews.forms import Problem, answer, given, whole
from firstlight.adapters.web.reviews.sight import Sight, named, see, show
from firstlight.adapters.web.services import services
from firstlight.core.kernel.errors import Missing
from firstlight.core.review.ids import ObservationId
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.reviews import advising


@require_http_methods(["GET", "HEAD", "POST"])
def advice(request: HttpRequest, number: str) -> HttpResponse:
    """All of it; reviewers write."""
    seen = see(request, number)
    if request.method != "POST":
        return show(request, seen, "advice", _page(seen))
    allow(seen.actor, Action.REVIEW_ADVISE)
    title, text = given(request, "title"), given(request, "text")

    def act() -> None:
        advising.observe(services().context, seen.actor, seen.engagement.id, title=title, text=text)

    return _step(request, seen, act, "The developer has your observation.")


def _page(seen: Sight) -> dict[str, object]:
    found = services().reviews.observations(seen.actor, seen.engagement.id)
    labels: list[object] = [each.organisation for each in found]
    labels += [one.by for each in found for one in each.wordings]
    labels += [one.by for each in found for one in each.responses]
    return {"observations": found, "names": named(seen.actor, labels)}


def _step(request: HttpRequest, seen: Sight, act: Callable[[], None], said: str) -> HttpResponse:
    def page(problem: Problem) -> HttpResponse:
        return show(request, seen, "advice", _page(seen), problem=problem)

    return answer(request, page, act, said=said, to=("review_advice", seen.engagement.number))


def _inside(seen: Sight, identifier: str) -> ObservationId:
    found = services().reviews.observations(seen.actor, seen.engagement.id)
    if identifier not in {str(each.id) for each in found}:
        raise Missing(f"there is no observation {identifier[:40]!r} in this engagement")
    return ObservationId(identifier)


@require_POST
def reword(request: HttpRequest, number: str, identifier: str) -> HttpResponse:
    """Say it anew; the earlier version stays."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ADVISE)
    wanted = _inside(seen, identifier)
    title, text = given(request, "title"), given(request, "text")

    def act() -> None:
        advising.reword(services().context, seen.actor, wanted, title=title, text=text)

    return _step(request, seen, act, "The new version stands; the earlier one is kept.")


@require_POST
def respond(request: HttpRequest, number: str, identifier: str) -> HttpResponse:
    """The developer's response to one version."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ARRANGE)
    wanted = _inside(seen, identifier)

    def act() -> None:
        wording, text = whole(request, "wording"), given(request, "text")
        advising.respond(services().context, seen.actor, wanted, wording=wording, text=text)

    return _step(request, seen, act, "Your response stands beside the observation.")
