"""Floods: send a file of many records piece by piece, see what became of it, read candidates."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import PREFIX, Answer, answer, once, page, page_size
from firstlight.adapters.api.bodies import document
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.flood import (
    BatchPage,
    BatchShown,
    CandidatePage,
    CandidateShown,
    FaultList,
    FaultShown,
)
from firstlight.adapters.api.wire.reports import ReceiptShown
from firstlight.core.clearinghouse.finding import Report
from firstlight.core.clearinghouse.intake.flood import BatchId, CandidateId
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.findings.flood import (
    add_piece,
    cancel_batch,
    close_batch,
    open_batch,
    promote,
)
from firstlight.usecases.findings.submit import DEFAULT_MARKING

router = Router(tags=["floods"])

BatchName = Annotated[str, Path(description="identifier (bat_...)", max_length=64)]
CandidateName = Annotated[str, Path(description="identifier (can_...)", max_length=64)]
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.post(
    "/imports",
    auth=may(Action.FINDING_IMPORT),
    response={201: BatchShown},
    operation_id="openImport",
    summary="Begin to send a file of many records",
)
def open_import(
    request: HttpRequest,
    name: Annotated[str, Query(max_length=200, description="the file's name, for people")] = "",
    marking: Annotated[
        Marking, Query(description="how far its records may travel (TLP 2.0)")
    ] = DEFAULT_MARKING,
    package: Annotated[
        str, Query(max_length=300, description="purl of records that name no package themselves")
    ] = "",
) -> HttpResponse:
    """Then put its bytes, then close it.

    A finder whose share is used up is answered with 429 and told when to go on.
    """
    actor = actor_of(request)

    def act(context: Context) -> Answer:
        batch = open_batch(context, actor, name=name, marking=marking, purl=package)
        place = f"{PREFIX}/imports/{batch.id}"
        return Answer(shown=BatchShown.of(batch), status=201, headers={"Location": place})

    return once(request, act)


@router.put(
    "/imports/{batch}/bytes",
    auth=may(Action.FINDING_IMPORT, document=True),
    response=BatchShown,
    operation_id="sendImportBytes",
    summary="Send the next piece of a file",
    openapi_extra={"requestBody": {"required": True, "content": _BYTES}},
)
def send_bytes(
    request: HttpRequest,
    batch: BatchName,
    offset: Annotated[int, Query(ge=0, le=1 << 50, description="byte where this piece begins")],
) -> HttpResponse:
    """At most 8 MiB at once. The same piece twice changes nothing; `size` says where to go on."""
    data = document(request, "application/octet-stream")
    name = identified(BatchId, batch)
    kept = add_piece(services().context, actor_of(request), name, offset=offset, data=data)
    return answer(BatchShown.of(kept))


@router.post(
    "/imports/{batch}/close",
    auth=may(Action.FINDING_IMPORT),
    response={202: BatchShown},
    operation_id="closeImport",
    summary="Say that all bytes are here",
)
def close_import(request: HttpRequest, batch: BatchName) -> HttpResponse:
    """A worker reads the file; read the batch to follow it."""
    actor, name = actor_of(request), identified(BatchId, batch)

    def act(context: Context) -> Answer:
        return Answer(shown=BatchShown.of(close_batch(context, actor, name)), status=202)

    return once(request, act)


@router.delete(
    "/imports/{batch}",
    auth=may(Action.FINDING_IMPORT),
    response=BatchShown,
    operation_id="cancelImport",
    summary="Stop sending a file",
)
def cancel_import(request: HttpRequest, batch: BatchName) -> HttpResponse:
    """Its bytes go; possible until it is closed."""
    name = identified(BatchId, batch)
    return answer(BatchShown.of(cancel_batch(services().context, actor_of(request), name)))


@router.get(
    "/imports",
    auth=may(Action.FINDING_READ),
    response=BatchPage,
    operation_id="listImports",
    summary="List files of many records",
)
def list_imports(request: HttpRequest, cursor: Cursor = None, limit: Limit = None) -> HttpResponse:
    """Those that you may see, newest first."""
    found = services().floods.batches(actor_of(request), cursor=cursor, limit=page_size(limit))
    items = [BatchShown.of(row) for row in found.rows]
    return page(request, BatchPage(items=items, next=found.next_cursor))


@router.get(
    "/imports/{batch}",
    auth=may(Action.FINDING_READ),
    response=BatchShown,
    operation_id="readImport",
    summary="Read how far a file has come",
)
def read_import(request: HttpRequest, batch: BatchName) -> HttpResponse:
    """While it is sent and while it is read."""
    name = identified(BatchId, batch)
    return answer(BatchShown.of(services().floods.batch(actor_of(request), name)))


@router.get(
    "/imports/{batch}/faults",
    auth=may(Action.FINDING_READ),
    response=FaultList,
    operation_id="listImportFaults",
    summary="List the records that could not be read",
)
def list_faults(request: HttpRequest, batch: BatchName) -> HttpResponse:
    """Each with its position and its reason; the good ones are kept."""
    found = services().floods.faults(actor_of(request), identified(BatchId, batch))
    return answer(FaultList(items=[FaultShown.of(one) for one in found]))


@router.get(
    "/candidates",
    auth=may(Action.FINDING_READ),
    response=CandidatePage,
    operation_id="listCandidates",
    summary="List candidates",
)
def list_candidates(
    request: HttpRequest,
    batch: Annotated[str | None, Query(max_length=64, description="only of this file")] = None,
    package: Annotated[
        str | None, Query(max_length=300, description="only of this purl, without version")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> HttpResponse:
    """What scanners say, newest first; a candidate is no report until somebody makes it one."""
    found = services().floods.candidates(
        actor_of(request),
        batch=BatchId(batch) if batch else None,
        package=package,
        cursor=cursor,
        limit=page_size(limit),
    )
    items = [CandidateShown.of(row) for row in found.rows]
    return page(request, CandidatePage(items=items, next=found.next_cursor))


@router.get(
    "/candidates/{candidate}",
    auth=may(Action.FINDING_READ),
    response=CandidateShown,
    operation_id="readCandidate",
    summary="Read a candidate",
)
def read_candidate(request: HttpRequest, candidate: CandidateName) -> HttpResponse:
    """With the report that was made of it, if there is one."""
    name = identified(CandidateId, candidate)
    return answer(CandidateShown.of(services().floods.candidate(actor_of(request), name)))


@router.get(
    "/candidates/{candidate}/document",
    auth=may(Action.FINDING_READ),
    response={200: None},
    operation_id="readCandidateDocument",
    summary="Read the record itself",
    openapi_extra={"responses": {200: {"description": "The record alone", "content": _BYTES}}},
)
def read_record(request: HttpRequest, candidate: CandidateName) -> HttpResponse:
    """In its own format; a SARIF result as a log of its own, with its rule."""
    name = identified(CandidateId, candidate)
    found = services().floods.document(actor_of(request), name)
    response = HttpResponse(found, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return response


@router.post(
    "/candidates/{candidate}/report",
    auth=may(Action.FINDING_IMPORT),
    response={201: ReceiptShown},
    operation_id="promoteCandidate",
    summary="Make a report of a candidate",
)
def promote_candidate(request: HttpRequest, candidate: CandidateName) -> HttpResponse:
    """It is taken in as if it had been sent alone; doing it twice gives the same report."""
    actor, name = actor_of(request), identified(CandidateId, candidate)
    read_any = services().read_any

    def read_one(raw: bytes) -> list[Report]:
        return list(read_any(raw, "application/octet-stream")[1])

    def act(context: Context) -> Answer:
        made = promote(context, actor, name, read_one)
        shown = ReceiptShown.of(made.receipt, PREFIX)
        return Answer(shown=shown, status=201, headers={"Location": shown.links["report"]})

    return once(request, act)
