"""Reports: the list, one report, its document as it arrived, and the form to submit one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firstlight.adapters.web.cases import maybe
from firstlight.adapters.web.reporting import document_of
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.clearinghouse.finding import Finding
from firstlight.core.clearinghouse.intake.checklist import checklist
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import FindingId
from firstlight.core.kernel.parties import Actor, Role
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
    finding, queries = _finding(actor, identifier), services().queries
    evidence = maybe(lambda: queries.evidence(actor, finding.case)) or ()
    return render(
        request,
        "web/report.html",
        {
            "finding": finding,
            "report": finding.report,
            "items": checklist(finding.report),
            "case": maybe(lambda: queries.case(actor, finding.case)),
            "evidence": [item for item in evidence if item.finding == finding.id],
        },
    )


def _finding(actor: Actor, identifier: str) -> Finding:
    allow(actor, Action.FINDING_READ)
    return services().queries.finding(actor, FindingId(identifier))


@require_safe
def document(request: HttpRequest, identifier: str) -> HttpResponse:
    """The document as it arrived, as a download that no browser runs."""
    finding = _finding(actor_of(request), identifier)
    with services().context.storage.begin() as work:
        raw = work.findings.raw(finding.id)
    response = HttpResponse(raw, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{finding.id}.json"'
    return response


@require_POST
def validate(request: HttpRequest, identifier: str) -> HttpResponse:
    """Ask for another try."""
    finding = FindingId(identifier)
    request_validation(services().context, actor_of(request), finding)
    return redirect("report", identifier=finding)


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
