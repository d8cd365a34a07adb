"""What is read about reviews afterwards, or by everybody: reports, receipts, figures, keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from firstlight.adapters.api.answers import answer, page, page_size
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import OPEN, actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.pieces import by_content, piece
from firstlight.adapters.api.reviews.common import (
    Number,
    ReviewName,
    download,
    review_id,
    review_named,
    signed,
)
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.reviews.ending import (
    ClosingReceipt,
    JsonPage,
    KeyList,
    KeyShown,
    OversightItem,
    OversightPage,
    ReceiptList,
    WaitingList,
    WaitingShown,
)
from firstlight.adapters.api.wire.reviews.people import (
    StandardList,
    StandardShown,
)
from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.standard_terms import NEWEST, STANDARD_TERMS
from firstlight.usecases.access.table import Action
from firstlight.usecases.queries.reviews import Cut
from firstlight.usecases.reviews import acts, ending

fixed = Router(tags=["reviews"])
"""addresses whose second word is fixed; they stand before those that name a review"""
named = Router(tags=["reviews"])


@fixed.get(
    "/reviews/assessments",
    auth=may(Action.ASSESSMENT_READ),
    response=JsonPage,
    operation_id="listAssessments",
    summary="Read assessments",
)
def list_assessments(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """The cut for your role, newest first: researchers read what both sides agreed to share."""
    return _documents(request, services().reviews.assessments(actor_of(request)), cursor, limit)


@fixed.get(
    "/reviews/reports/public",
    auth=may(Action.REPORT_READ),
    response=JsonPage,
    operation_id="listPublicReports",
    summary="Read the public reports",
)
def list_public(request: HttpRequest, cursor: Cursor = None, limit: Limit = None) -> HttpResponse:
    """Of every closed review, in an order that tells nothing."""
    return _documents(request, services().reviews.public_reports(actor_of(request)), cursor, limit)


@fixed.get(
    "/reviews/reports/oversight",
    auth=may(Action.REPORT_READ),
    response=OversightPage,
    operation_id="listOversight",
    summary="List reviews whose oversight report you may read",
)
def list_oversight(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """For auditors, newest first; empty for others. It does not tell which model it is."""
    found = services().reviews.overseen(actor_of(request), cursor=cursor, limit=page_size(limit))
    items = [OversightItem.of(row) for row in found.rows]
    return page(request, OversightPage(items=items, next=found.next_cursor))


@fixed.get(
    "/reviews/waiting",
    auth=may(Action.REPORT_READ),
    response=WaitingList,
    operation_id="readWaiting",
    summary="Compare how long developers wait for an answer",
)
def read_waiting(request: HttpRequest) -> HttpResponse:
    """By size of developer; what is not answered yet counts as waiting."""
    rows = services().reviews.waiting(actor_of(request))
    return answer(WaitingList(items=[WaitingShown.of(row) for row in rows]))


@fixed.get(
    "/reviews/standard-terms",
    auth=OPEN,
    response=StandardList,
    operation_id="listStandardTerms",
    summary="Read the standard terms",
)
def list_standard(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """Published, by version; a developer changes what it likes."""
    items = [StandardShown.of(each) for each in STANDARD_TERMS.values()]
    return answer(StandardList(items=items, newest=NEWEST))


@fixed.get(
    "/reviews/keys",
    auth=OPEN,
    response=KeyList,
    operation_id="listReviewKeys",
    summary="Read the keys that sign receipts and acts",
)
def list_keys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the router's signature
    """Compare them with what the operator told you by another way before you rely on them."""
    signer = services().context.signer
    keys = {name: signer.public_key(name) for name in (ending.KEY, acts.KEY)}
    items = [
        KeyShown(purpose=name, key_id=digest(key), public_key=key.hex())
        for name, key in keys.items()
    ]
    return answer(KeyList(items=items))


@named.get(
    "/reviews/{review}/receipts",
    auth=may(Action.REVIEW_READ),
    response=ReceiptList,
    operation_id="listReceipts",
    summary="List the receipts of a review",
)
def list_receipts(request: HttpRequest, review: ReviewName) -> HttpResponse:
    """The one of the close; and the one of destroyed keys, when that came later."""
    actor = actor_of(request)
    rows = services().reviews.receipts(actor, review_id(actor, review, Action.REVIEW_READ))
    return answer(ReceiptList(items=[ClosingReceipt.of(row) for row in rows]))


@named.get(
    "/reviews/{review}/receipts/{number}",
    auth=may(Action.REVIEW_READ),
    response={200: None},
    operation_id="readReceipt",
    summary="Download a signed receipt",
    openapi_extra=signed("A receipt"),
)
def read_receipt(request: HttpRequest, review: ReviewName, number: Number) -> HttpResponse:
    """Check it with `firstlight review receipt verify FILE --key KEY`, without this server."""
    actor = actor_of(request)
    found = review_named(actor, review)
    for row in services().reviews.receipts(actor, found.id):
        if row.number == number:
            return download(row.envelope, f"{found.number}-receipt-{number}.json")
    raise Missing(f"{found.number} has no receipt {number}")


@named.get(
    "/reviews/{review}/reports/{cut}",
    auth=may(Action.REPORT_READ),
    response={200: None},
    operation_id="readReviewReport",
    summary="Read the report of a review",
    openapi_extra={
        "responses": {
            200: {
                "description": "The report, in one of three cuts",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        }
    },
)
def read_report(
    request: HttpRequest,
    review: ReviewName,
    cut: Annotated[Cut, Path(description="internal, oversight or public")],
) -> HttpResponse:
    """Internal: developer and offices. Oversight: auditors. Public: anyone, once it is closed."""
    actor = actor_of(request)
    report = services().reviews.report(actor, _reported(actor, review, cut), cut)
    return HttpResponse(canonical(report), content_type="application/json")


def _reported(actor: Actor, name: str, cut: Cut) -> EngagementId:
    """Which review's report is asked for.

    A public report is found by its identifier alone by those who read nothing else of the review:
    numbers can be counted through, and when a report appears would tell who closed when.
    """
    if name.startswith(f"{EngagementId.prefix}_"):
        return identified(EngagementId, name)
    own = Action.REPORT_READ if cut is not Cut.INTERNAL else Action.REVIEW_READ
    return review_id(actor, name, own)


def _documents(
    request: HttpRequest,
    found: Sequence[Mapping[str, Json]],
    cursor: str | None,
    limit: int | None,
) -> HttpResponse:
    rows, following = piece(found, by_content, cursor, limit)
    return page(request, JsonPage(items=[dict(row) for row in rows], next=following))
