"""Sealed documents: upload, list, ask for a copy and fetch it, trace a mark, keep or hold."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import PREFIX, Answer, answer, once, page, page_size
from firstlight.adapters.api.bodies import document as body_of
from firstlight.adapters.api.find import identified, review_named
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit, ReviewName
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.documents import (
    CopyAsked,
    CopyPage,
    CopyShown,
    DocumentShown,
    KeepingShown,
    OwnDocuments,
    OwnDocumentShown,
    ShelfRow,
    ShelfShown,
    Traced,
)
from firstlight.core.review.documents import MEDIA_TYPES
from firstlight.core.review.ids import ArtefactId, DocumentId, DownloadId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.documents import reading, tracing, uploading

router = Router(tags=["documents"])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
Artefact = Annotated[str, Path(max_length=64, description="identifier (art_...)")]


@router.post(
    "/reviews/{review}/artefacts/{artefact}/documents",
    auth=may(Action.DOCUMENT_WRITE, document=True),
    response={201: DocumentShown},
    operation_id="uploadDocument",
    summary="Upload a document",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "types that can carry a reader's mark; others are refused",
            "content": dict.fromkeys(sorted(MEDIA_TYPES), _BINARY),
        }
    },
)
def upload_document(
    request: HttpRequest,
    review: ReviewName,
    artefact: Artefact,
    name: Annotated[str, Query(min_length=1, max_length=200, description="of the file")],
) -> HttpResponse:
    """Seal it with the review's key, as the next version of a system card or evaluation logs.

    Whoever reads it gets a copy with a mark of their own. Weights are never uploaded.
    """
    actor, desk = actor_of(request), services().desk
    found = review_named(actor, review)
    upload = uploading.check(
        services().context,
        desk,
        actor,
        found.id,
        identified(ArtefactId, artefact),
        name=name,
        media_type=str(request.content_type),
        content=body_of(request),
    )

    def act(context: Context) -> Answer:
        shown = DocumentShown.of(uploading.keep(context, desk, actor, upload))
        place = f"{PREFIX}/reviews/{found.number}/documents"
        return Answer(shown=shown, status=201, headers={"Location": place})

    return once(request, act)


@router.get(
    "/reviews/{review}/documents",
    auth=may(Action.DOWNLOAD_READ),
    response=ShelfShown,
    operation_id="listDocuments",
    summary="List the documents of a review",
)
def list_documents(request: HttpRequest, review: ReviewName) -> HttpResponse:
    """Every version that you uploaded, how often it was read, and for how long it is kept."""
    actor = actor_of(request)
    found = review_named(actor, review)
    rows = services().documents.documents(actor, found.id)
    shown = ShelfShown(items=[ShelfRow.of(row) for row in rows], keeping=KeepingShown.of(found))
    return answer(shown)


@router.get(
    "/reviews/{review}/copies",
    auth=may(Action.DOWNLOAD_READ),
    response=CopyPage,
    operation_id="listCopies",
    summary="See who had which document",
)
def list_copies(
    request: HttpRequest, review: ReviewName, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Each copy, listed before it left. The same stands in the ledger of the review."""
    actor = actor_of(request)
    found = review_named(actor, review)
    rows = services().documents.copies(actor, found.id, cursor=cursor, limit=page_size(limit))
    items = [CopyShown.of(row) for row in rows.rows]
    return page(request, CopyPage(items=items, next=rows.next_cursor))


@router.get(
    "/documents",
    auth=may(Action.DOCUMENT_READ),
    response=OwnDocuments,
    operation_id="listOwnDocuments",
    summary="List the documents that you may read",
)
def list_own_documents(request: HttpRequest) -> HttpResponse:
    """Those of your grants that have not ended, newest first. The time decides at each copy."""
    rows = services().documents.own_documents(actor_of(request))
    return answer(OwnDocuments(items=[OwnDocumentShown.of(row) for row in rows]))


@router.post(
    "/documents/{document}/copies",
    auth=may(Action.DOCUMENT_READ),
    response={201: CopyAsked},
    operation_id="askCopy",
    summary="Ask for a copy of a document",
)
def ask_copy(
    request: HttpRequest,
    document: Annotated[str, Path(max_length=64, description="identifier (doc_...)")],
) -> HttpResponse:
    """List a copy for you in the ledger; then fetch it at `content`, within ten minutes.

    It carries your name and a code. The same decision as at the gateway lets you in: window, grant,
    terms, and a second person where the grant asks for one.
    """
    actor, desk = actor_of(request), services().desk
    wanted = identified(DocumentId, document)

    def act(context: Context) -> Answer:
        listed = reading.ask_copy(context, desk, actor, wanted)
        shown = CopyAsked.of(listed, PREFIX)
        return Answer(shown=shown, status=201, headers={"Location": shown.content})

    return once(request, act)


@router.get(
    "/copies/{download}/content",
    auth=may(Action.DOCUMENT_READ),
    response={200: None},
    operation_id="readCopy",
    summary="Fetch a copy",
    openapi_extra={
        "responses": {
            200: {
                "description": "The document, marked with its reader",
                "content": dict.fromkeys(sorted(MEDIA_TYPES), _BINARY),
            }
        }
    },
)
def read_copy(
    request: HttpRequest,
    download: Annotated[str, Path(max_length=64, description="identifier (dld_...)")],
) -> HttpResponse:
    """The bytes of a copy that you asked for. What has ended since is not handed out."""
    found = reading.read_copy(
        services().context, services().desk, actor_of(request), identified(DownloadId, download)
    )
    response = HttpResponse(found.content, content_type=found.document.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{found.document.id}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get(
    "/marks/{code}",
    auth=may(Action.DOWNLOAD_READ),
    response=Traced,
    operation_id="traceMark",
    summary="Find out whose copy it was",
)
def trace_mark(
    request: HttpRequest,
    code: Annotated[str, Path(max_length=40, description="FLM- and four groups of four")],
) -> HttpResponse:
    """From a code that turned up outside to the one copy of your documents that carries it.

    It is a reason to ask, no proof of who passed it on.
    """
    found = tracing.trace(services().context, services().desk, actor_of(request), code)
    return answer(Traced.of(found))
