"""Reports: the list, one report, its document as it arrived, and the form to submit one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firstlight.adapters.web.following import follow_report
from firstlight.adapters.web.reporting import document_of
from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.sight import maybe, see_report
from firstlight.core.clearinghouse.intake.checklist import checklist
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import ANONYMOUS_REPORT
from firstlight.usecases.findings.submit import submit
from firstlight.usecases.findings.validate import request_validation


@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """Newest first."""
    actor = actor_of(request)
    allow(actor, Action.FINDING_READ)
    page = services().queries.findings(
        actor, case=None, cursor=request.GET.get("after"), limit=services().page_size
    )
    return render(request, "web/reports.html", {"page": page})


@require_safe
def report(request: HttpRequest, identifier: str) -> HttpResponse:
    """One report with everything it says, and what it still lacks."""
    actor = actor_of(request)
    seen, queries = see_report(actor, identifier), services().queries
    finding = seen.finding
    return render(
        request,
        "web/report.html",
        {
            "finding": finding,
            "report": finding.report,
            "items": checklist(finding.report),
            "case": maybe(lambda: queries.case(actor, finding.case)),
            "evidence": seen.evidence,
            "follow": follow_report(seen, request.GET.get("tried", "")),
        },
    )


@require_safe
def document(request: HttpRequest, identifier: str) -> HttpResponse:
    """The document as it arrived, as a download that no browser runs."""
    finding = see_report(actor_of(request), identifier).finding
    with services().context.storage.begin() as work:
        raw = work.findings.raw(finding.id)
    response = HttpResponse(raw, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{finding.id}.json"'
    return response


@require_POST
def validate(request: HttpRequest, identifier: str) -> HttpResponse:
    """Ask for another try."""
    actor = actor_of(request)
    allow(actor, Action.FINDING_VALIDATE)
    seen = see_report(actor, identifier)
    request_validation(services().context, actor, seen.finding.id)
    address = reverse("report", args=[str(seen.finding.id)])
    return redirect(f"{address}?tried={len(seen.evidence)}")


@require_http_methods(["GET", "HEAD", "POST"])
def new_report(request: HttpRequest) -> HttpResponse:
    """The form; after it, the receipt with what is still missing."""
    actor = actor_of(request)
    allow(actor, Action.FINDING_SUBMIT)
    if request.method != "POST":
        return render(request, "web/new_report.html", {"given": {}})
    if actor.role is Role.ANONYMOUS:
        services().brake.hit(ANONYMOUS_REPORT, services().door.address_of(request))
    try:
        raw = document_of(request.POST, request.FILES, services().upload_bytes)
        receipts = submit(services().context, actor, services().read_report(raw), raw)
    except Invalid as problem:
        page = {"problem": problem, "given": request.POST}
        return render(request, "web/new_report.html", page, status=400)
    return render(request, "web/receipt.html", {"receipts": receipts})
