"""Where notices of reviews go: mail to the reader, webhooks of their organisation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Invalid, Missing, OutgoingRefused
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.notices import webhooks

_SAID = {
    "pause": "is paused; what happens meanwhile is not sent later.",
    "resume": "is active again.",
    "remove": "is removed, and its secret destroyed.",
    "test": "gets a test within a few seconds. Reload this page to see how it went.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """The settings; a POST adds a webhook and shows its secret, once."""
    actor = actor_of(request)
    allow(actor, Action.NOTICE_MANAGE)
    page: dict[str, object] = {"given": {}}
    if request.method == "POST":
        try:
            page["made"] = webhooks.add_webhook(
                services().context,
                services().desk.vault,
                services().may_reach,
                actor,
                name=request.POST.get("name", "").strip(),
                url=request.POST.get("url", "").strip(),
            )
        except (Invalid, OutgoingRefused) as problem:
            page |= {"problem": problem, "given": request.POST}
    page["webhooks"] = services().notices.webhooks(actor)
    page["mail"] = services().notices.wants_mail(actor)
    return render(request, "web/notices.html", page, status=400 if "problem" in page else 200)


@require_POST
def set_mail(request: HttpRequest) -> HttpResponse:
    """Mail on or off, for the reader alone."""
    wanted = request.POST.get("mail") == "on"
    webhooks.set_mail(services().context, actor_of(request), wanted=wanted)
    messages.success(request, "You get mail." if wanted else "You get no more mail.")
    return redirect("notices")


@require_POST
def move_webhook(request: HttpRequest, name: str, move: str) -> HttpResponse:
    """Pause, resume, remove or test one."""
    actor = actor_of(request)
    allow(actor, Action.NOTICE_MANAGE)
    if move not in _SAID:
        raise Missing(f"there is no step {move[:20]!r}")
    context, vault = services().context, services().desk.vault
    if move == "test":
        webhooks.try_webhook(context, actor, name)
    else:
        webhooks.move_webhook(context, vault, actor, name, move)
    messages.success(request, f"{name} {_SAID[move]}")
    return redirect("notices")
