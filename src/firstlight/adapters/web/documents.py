"""Sealed documents of a review: the developer's page, and the page of those who may read them."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import FirstlightError, Invalid, Missing, TooLarge
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.documents import KINDS, MEDIA_TYPES, Download, NoDocument
from firstlight.core.review.engagement import Engagement, keys_due
from firstlight.core.review.ids import ArtefactId, DocumentId, DownloadId
from firstlight.core.review.use import UseDenied
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.documents import reading, tracing, uploading

_COPIES = 100
"""that the reader's page shows; the developer's page leads on to older ones"""
_MOST_DIGITS = 5
_ACCEPT = ",".join((*MEDIA_TYPES, *(end for ends in MEDIA_TYPES.values() for end in ends)))


@require_safe
def review_documents(request: HttpRequest, number: str) -> HttpResponse:
    """What was uploaded to a review, who had which copy, and for how long it is kept."""
    actor = actor_of(request)
    allow(actor, Action.DOWNLOAD_READ)
    return _page(request, actor, number)


@require_POST
def upload_document(request: HttpRequest, number: str) -> HttpResponse:
    """Seal a file as the next version."""
    actor = actor_of(request)
    allow(actor, Action.DOCUMENT_WRITE)
    found = services().reviews.engagement_by_number(actor, number)
    try:
        file = _file(request)
        made = uploading.upload_document(
            services().context,
            services().desk,
            actor,
            found.id,
            ArtefactId(request.POST.get("artefact", "")),
            name=file.name or "",
            media_type=file.content_type or "",
            content=file.read(),
        )
    except (Invalid, NoDocument) as problem:
        return _page(request, actor, number, problem)
    messages.success(request, f"Version {made.version} of {made.name} is sealed.")
    return redirect("review_documents", number=number)


@require_safe
def my_documents(request: HttpRequest) -> HttpResponse:
    """What the reader may read, whether now, and which copies they asked for."""
    actor = actor_of(request)
    allow(actor, Action.DOCUMENT_READ)
    rows = services().documents.own_documents(actor)
    shown = []
    for row in rows:
        standing = reading.standing(services().context, services().desk, actor, row.document)
        denied = standing if isinstance(standing, UseDenied) else None
        shown.append((row, None if denied else standing, denied))
    copies = services().documents.own_copies(actor, limit=_COPIES)
    return render(request, "web/my_documents.html", {"rows": shown, "copies": copies})


@require_POST
def ask_copy(request: HttpRequest, identifier: str) -> HttpResponse:
    """List a copy, then lead to it."""
    actor = actor_of(request)
    allow(actor, Action.DOCUMENT_READ)
    listed = reading.ask_copy(services().context, services().desk, actor, DocumentId(identifier))
    return redirect("document_copy", identifier=listed.id)


@require_safe
def read_copy(request: HttpRequest, identifier: str) -> HttpResponse:
    """The bytes of a listed copy."""
    actor = actor_of(request)
    allow(actor, Action.DOCUMENT_READ)
    found = reading.read_copy(services().context, services().desk, actor, DownloadId(identifier))
    response = HttpResponse(found.content, content_type=found.document.media_type)
    named = content_disposition_header(as_attachment=True, filename=found.document.name)
    response.headers["Content-Disposition"] = named or "attachment"
    return response


def _page(
    request: HttpRequest, actor: Actor, number: str, problem: FirstlightError | None = None
) -> HttpResponse:
    found = services().reviews.engagement_by_number(actor, number)
    rows = services().documents.documents(actor, found.id)
    listed = [
        (artefact, [row for row in rows if row.document.artefact == artefact.id])
        for artefact in found.artefacts
        if artefact.kind in KINDS
    ]
    after = request.GET.get("after") or None
    limit = services().page_size
    code = request.GET.get("code", "").strip()
    page = {
        "review": found,
        "listed": listed,
        "taking": found.shows,
        "open_artefacts": [one for one, _ in listed if one.removed_at is None],
        "copies": services().documents.copies(actor, found.id, cursor=after, limit=limit),
        "due": keys_due(found),
        "hold": _hold(found),
        "accept": _ACCEPT,
        "code": code,
        "traced": _traced(actor, code),
        "problem": problem,
    }
    status = 200 if problem is None else 400
    return render(request, "web/review_documents.html", page, status=status)


def _hold(found: Engagement) -> str:
    return found.plan.legal_hold if found.plan else ""


def _traced(actor: Actor, code: str) -> Download | None:
    """None when there was no code, or no copy carries it."""
    if not code:
        return None
    try:
        return tracing.trace(services().context, services().desk, actor, code)
    except Missing:
        return None


def _file(request: HttpRequest) -> UploadedFile[bytes]:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("choose a file", field="file")
    if (file.size or 0) > services().upload_bytes:
        raise TooLarge(limit=services().upload_bytes)
    return file
