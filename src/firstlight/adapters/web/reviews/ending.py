"""Launch, withdraw, close: the developer's alone, always there, one confirmation away.

Each page says what the step does. None asks for anything first: no state of the review, no answer
and no person stands between the developer and its decision (Executive Order 14409, 3(c)).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from firstlight.adapters.web.reviews import choices
from firstlight.adapters.web.reviews.forms import Problem, answer, chosen, given, yes
from firstlight.adapters.web.reviews.sight import Sight, see, show
from firstlight.adapters.web.services import services
from firstlight.core.review.engagement import ReleaseTo
from firstlight.core.review.model import UNDO
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.reviews import ending

_BOTH = ["GET", "HEAD", "POST"]


def _seen(request: HttpRequest, number: str) -> Sight:
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_END)
    return seen


def _step(
    request: HttpRequest, seen: Sight, template: str, act: Callable[[], object], said: str
) -> HttpResponse:
    plan = seen.engagement.plan
    found = {
        "to": choices.RELEASED_TO,
        "keeps_access": choices.KEEPS_ACCESS,
        "undo": UNDO[plan.release_form] if plan else None,
        "plan": plan,
    }

    def page(problem: Problem | None) -> HttpResponse:
        return show(request, seen, template, found, problem=problem)

    if request.method != "POST":
        return page(None)
    to = "review_record" if template == "close" else "review"
    return answer(request, page, act, said=said, to=(to, seen.engagement.number))


@require_http_methods(_BOTH)
def launch(request: HttpRequest, number: str) -> HttpResponse:
    """Record a launch."""
    seen = _seen(request, number)

    def act() -> None:
        to, keeps = chosen(request, "to", ReleaseTo), yes(request, "keeps_access")
        identifier = seen.engagement.id
        ending.launch(services().context, seen.actor, identifier, to=to, keeps_access=keeps)

    return _step(request, seen, "launch", act, "The launch is on record.")


@require_http_methods(_BOTH)
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take the model out of the review."""
    seen = _seen(request, number)

    def act() -> None:
        reason = given(request, "reason")
        ending.withdraw(services().context, seen.actor, seen.engagement.id, reason=reason)

    return _step(request, seen, "withdraw", act, "Withdrawn. All access has ended.")


@require_http_methods(_BOTH)
def close(request: HttpRequest, number: str) -> HttpResponse:
    """End it with a receipt."""
    seen = _seen(request, number)

    def act() -> None:
        ending.close(services().context, services().vault, seen.actor, seen.engagement.id)

    return _step(request, seen, "close", act, "Closed. The signed receipt is below.")
