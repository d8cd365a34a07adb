"""The ledger: read what concerns you, and export it for checking offline."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from firstlight.adapters.api.answers import page, page_size
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.operations import EntryShown, LedgerExport, LedgerPage
from firstlight.core.kernel.canonical import canonical
from firstlight.usecases.access.table import Action
from firstlight.usecases.ledger.export import export_ledger

router = Router(tags=["ledger"])

Subjects = Annotated[
    list[str] | None,
    Query(description="only entries about these identifiers", max_length=50),
]


@router.get(
    "/ledger",
    auth=may(Action.LEDGER_READ),
    response=LedgerPage,
    operation_id="readLedger",
    summary="Read the ledger",
)
def read_ledger(
    request: HttpRequest,
    subject: Subjects = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> HttpResponse:
    """Entries that you may open, newest first, each with what proves it."""
    found = services().queries.ledger(
        actor_of(request), subjects=subject, cursor=cursor, limit=page_size(limit)
    )
    shown = LedgerPage(items=[EntryShown.of(one) for one in found.rows], next=found.next_cursor)
    return page(request, shown)


@router.get(
    "/ledger/export",
    auth=may(Action.LEDGER_READ),
    response=LedgerExport,
    operation_id="exportLedger",
    summary="Export the ledger with its proofs",
)
def export(request: HttpRequest, subject: Subjects = None) -> HttpResponse:
    """A signed checkpoint, your entries with proofs, and consistency with earlier checkpoints.

    Check it with `firstlight ledger verify FILE --key KEYFILE`; that needs neither this server nor
    its database.
    """
    parts = services()
    bundle = export_ledger(parts.context, parts.queries, actor_of(request), subject)
    # Canonical bytes: the offline check then notices any altered byte, not only altered meaning.
    return HttpResponse(canonical(bundle), content_type="application/json")
