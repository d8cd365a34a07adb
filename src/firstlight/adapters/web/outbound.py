"""What the outbound guard holds: the list, one text, and the decision about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.shell import may
from firstlight.core.guard.model import Channel
from firstlight.core.guard.record import KeptState, VerdictId
from firstlight.core.kernel.errors import Missing
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.guard import deciding

_SAID = {
    "release": "It is released: a message leaves at once, an advisory when its time has come.",
    "rewritten": "The other words are released, and leave at once.",
    "refuse": "It is refused, and stays in.",
}


@require_safe
def verdicts(request: HttpRequest) -> HttpResponse:
    """Those that wait; others by `?state=`."""
    actor = actor_of(request)
    allow(actor, Action.GUARD_READ)
    asked = request.GET.get("state", KeptState.HELD.value)
    states = [state for state in KeptState if state.value == asked] or [KeptState.HELD]
    wanted = states[0].value
    found = services().verdicts.verdicts(
        actor, states, cursor=request.GET.get("after") or None, limit=services().page_size
    )
    page = {"page": found, "states": list(KeptState), "state": wanted, "keep": f"&state={wanted}"}
    return render(request, "web/verdicts.html", page)


@require_safe
def verdict(request: HttpRequest, identifier: str) -> HttpResponse:
    """One with its text, for who may read that; the reading is recorded."""
    actor = actor_of(request)
    allow(actor, Action.GUARD_READ)
    kept = services().verdicts.verdict(actor, VerdictId(identifier))
    opened = None
    if may(actor, Action.GUARD_OPEN):
        opened = deciding.open_kept(services().context, actor, kept.id)
    page = {
        "kept": kept,
        "opened": opened,
        "decides": may(actor, Action.GUARD_DECIDE) and kept.state is KeptState.HELD,
        "other_words": opened and opened.proposed and kept.channel is not Channel.DOCUMENT,
    }
    response = render(request, "web/verdict.html", page)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def decide(request: HttpRequest, identifier: str, move: str) -> HttpResponse:
    """Release as it is or in other words, or refuse."""
    actor = actor_of(request)
    allow(actor, Action.GUARD_DECIDE)
    if move not in _SAID:
        raise Missing(f"there is no step {move[:20]!r}")
    name, reason = VerdictId(identifier), request.POST.get("reason", "")
    context = services().context
    if move == "refuse":
        deciding.refuse(context, actor, name, reason)
    else:
        deciding.release(context, actor, name, reason, rewritten=move == "rewritten")
    messages.success(request, _SAID[move])
    return redirect("verdicts")
