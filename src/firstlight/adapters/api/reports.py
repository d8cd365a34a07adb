"""Reports: send, list, read, try again."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from firstlight.adapters.api.answers import PREFIX, Answer, answer, once, page, page_size
from firstlight.adapters.api.bodies import document
from firstlight.adapters.api.find import case_named, finding_named
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, FindingName, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.operations import Accepted
from firstlight.adapters.api.wire.reports import (
    ReceiptShown,
    ReportPage,
    ReportRow,
    ReportShown,
    Submitted,
)
from firstlight.adapters.formats.plain import write_plain
from firstlight.core.clearinghouse.finding import Finding
from firstlight.core.clearinghouse.intake.relay import relayed
from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, Reach, rule
from firstlight.usecases.accounts.port import ANONYMOUS_REPORT
from firstlight.usecases.context import Context
from firstlight.usecases.findings.submit import DEFAULT_MARKING, submit
from firstlight.usecases.findings.validate import request_validation

router = Router(tags=["reports"])

_ACCEPTED = (
    "application/json",
    "application/sarif+json",
    "application/csaf+json",
    "application/osv+json",
    "application/zip",
    "application/x-tar",
    "application/gzip",
    "application/octet-stream",
)
_EXAMPLE = {
    "title": "Stack overflow when a deeply nested array is parsed",
    "description": "parse_value recurses once for each '[' without a limit.",
    "trigger": "A JSON text of 100,000 opening brackets.",
    "product": {"purl": "pkg:generic/example", "versions": ["1.0.0"]},
    "severity": {"vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"},
}


class ContactNotShared(Refused):
    """The finder has not agreed to be named to you, and the document names them."""

    code = "report.contact_not_shared"
    next_step = "Read the report without its document; a coordinator can ask the finder."


@router.post(
    "/reports",
    auth=may(Action.FINDING_SUBMIT, document=True),
    response={201: Submitted},
    operation_id="submitReport",
    summary="Send a report",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "SARIF 2.1.0, CSAF 2.0 or 2.1, OSV, plain JSON, or a zip or tar of them;"
            " the content decides",
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": _EXAMPLE},
                **{
                    kind: {"schema": {"type": "object"}}
                    for kind in _ACCEPTED
                    if kind.endswith("+json")
                },
                **{
                    kind: {"schema": {"type": "string", "format": "binary"}}
                    for kind in _ACCEPTED
                    if not kind.endswith("json")
                },
            },
        }
    },
)
def submit_report(
    request: HttpRequest,
    marking: Annotated[
        Marking, Query(description="how far it may travel (TLP 2.0)")
    ] = DEFAULT_MARKING,
) -> HttpResponse:
    """Take in every report of a document, complete or not.

    Each receipt names what is still missing, with what to send. Nothing is refused for being
    incomplete. The same document from the same organisation is taken once. Anonymous reports are
    possible, within a rate limit; they cannot be followed afterwards, so keep the receipt.
    """
    actor, parts = actor_of(request), services()
    if actor.person is None:
        parts.brake.hit(ANONYMOUS_REPORT, parts.address_of(request))
    raw = document(request, *_ACCEPTED)
    read_as, reports = parts.read_any(raw, str(request.content_type))

    def act(context: Context) -> Answer:
        receipts = submit(context, actor, reports, raw, marking)
        shown = Submitted(
            format=read_as, receipts=[ReceiptShown.of(receipt, PREFIX) for receipt in receipts]
        )
        place = shown.receipts[0].links["report"] if len(receipts) == 1 else f"{PREFIX}/reports"
        return Answer(shown=shown, status=201, headers={"Location": place})

    return once(request, act)


@router.get(
    "/reports",
    auth=may(Action.FINDING_READ),
    response=ReportPage,
    operation_id="listReports",
    summary="List reports",
)
def list_reports(
    request: HttpRequest,
    case: Annotated[str | None, Query(max_length=64, description="only those of this case")] = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> HttpResponse:
    """Those that you may see, newest first."""
    actor = actor_of(request)
    of_case = case_named(actor, case).id if case else None
    found = services().queries.findings(actor, case=of_case, cursor=cursor, limit=page_size(limit))
    shown = ReportPage(items=[ReportRow.of(row) for row in found.rows], next=found.next_cursor)
    return page(request, shown)


@router.get(
    "/reports/{finding}",
    auth=may(Action.FINDING_READ),
    response=ReportShown,
    operation_id="readReport",
    summary="Read a report",
)
def read_report(request: HttpRequest, finding: FindingName) -> HttpResponse:
    """One report. Contact data appear only where the finder agreed, or to whom it is needed."""
    actor = actor_of(request)
    found = finding_named(actor, finding)
    return answer(ReportShown.of(found, with_contact=_knows_contact(actor, found)))


@router.get(
    "/reports/{finding}/document",
    auth=may(Action.FINDING_READ),
    response={200: None},
    operation_id="readDocument",
    summary="Read the document of a report",
    openapi_extra={
        "responses": {
            200: {
                "description": "The bytes as they arrived",
                "content": {
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            }
        }
    },
)
def read_document(request: HttpRequest, finding: FindingName) -> HttpResponse:
    """The document exactly as it arrived, proofs included. Handle it with care."""
    actor = actor_of(request)
    found = finding_named(actor, finding)
    if not _knows_contact(actor, found):
        raise ContactNotShared
    with services().context.storage.begin() as work:
        raw = work.findings.raw(found.id)
    response = HttpResponse(raw, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.id}"'
    return response


@router.get(
    "/reports/{finding}/relay",
    auth=may(Action.FINDING_READ),
    response={200: None},
    operation_id="relayReport",
    summary="Hand a report on to another coordinator",
    openapi_extra={
        "responses": {
            200: {
                "description": "A plain report",
                "content": {
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            }
        }
    },
)
def relay_report(request: HttpRequest, finding: FindingName) -> HttpResponse:
    """As a plain report, proofs included: its provenance word for word, this hop at its end.

    Credit goes on; the contact only where the finder agreed, or to whom it is known.
    """
    actor = actor_of(request)
    found = finding_named(actor, finding)
    with services().context.storage.look() as work:
        number = work.cases.get(found.home).number
    handed = relayed(
        found.report,
        by=services().base_url,
        handles=[str(found.id), number],
        with_contact=_knows_contact(actor, found),
    )
    response = HttpResponse(write_plain(handed), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.id}.json"'
    return response


@router.post(
    "/reports/{finding}/validation",
    auth=may(Action.FINDING_VALIDATE),
    response={202: Accepted},
    operation_id="validateReport",
    summary="Try a report again",
)
def validate_report(request: HttpRequest, finding: FindingName) -> HttpResponse:
    """Ask for another run of its proofs, for instance after a target was added."""
    actor = actor_of(request)
    found = finding_named(actor, finding)

    def act(context: Context) -> Answer:
        request_validation(context, actor, found.id)
        return Answer(shown=Accepted(subject=str(found.id)), status=202)

    return once(request, act)


def _knows_contact(actor: Actor, finding: Finding) -> bool:
    """Whether the asker may learn who reported: the own organisation, a coordinator, by consent."""
    reach = rule(replace(actor, scopes=None), Action.FINDING_READ).reach
    mine = actor.organisation is not None and actor.organisation == finding.organisation
    return mine or reach is Reach.EVERYTHING or finding.report.contact.share_with_maintainer
