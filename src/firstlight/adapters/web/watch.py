"""What happened and what is running: the ledger and the jobs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.names import labels_in, names_for
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.ids import JobId
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.jobs import retry_job
from firstlight.usecases.ledger.export import export_ledger

_FAILED_SHOWN = 200
_CHECKPOINTS_SHOWN = 10


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """Entries newest first, the newest checkpoints, and how to check them offline."""
    actor = actor_of(request)
    allow(actor, Action.LEDGER_READ)
    subject = request.GET.get("about", "").strip()
    page = services().queries.ledger(
        actor,
        subjects=[subject] if subject else None,
        cursor=request.GET.get("after"),
        limit=services().page_size,
    )
    with services().context.storage.begin() as work:
        checkpoints = work.ledger.checkpoints()
    shown = list(reversed(checkpoints))[:_CHECKPOINTS_SHOWN]
    names = names_for(actor, labels_in(page.rows))
    found = {"page": page, "checkpoints": shown, "subject": subject, "names": names}
    return render(request, "web/ledger.html", found)


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The reader's entries with proofs and a fresh signed checkpoint, as one file."""
    subject = request.POST.get("about", "").strip()
    bundle = export_ledger(
        services().context,
        services().queries,
        actor_of(request),
        [subject] if subject else None,
    )
    response = JsonResponse(bundle, json_dumps_params={"indent": 1})
    response.headers["Content-Disposition"] = 'attachment; filename="ledger.json"'
    return response


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """How much there is to do, and what failed too often."""
    allow(actor_of(request), Action.JOB_READ)
    queue = services().jobs
    found = {"counts": queue.counts(), "failed": queue.poisoned(_FAILED_SHOWN)}
    return render(request, "web/jobs.html", found)


@require_POST
def retry(request: HttpRequest, identifier: str) -> HttpResponse:
    """Give a failed job its tries again."""
    parts = services()
    retry_job(parts.context, parts.jobs, actor_of(request), JobId(identifier))
    messages.success(request, "The job runs again.")
    return redirect("jobs")
