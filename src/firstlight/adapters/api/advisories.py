"""Advisories: draft, change, approve, take back; and their rendered documents."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Router

from firstlight.adapters.api.answers import (
    PREFIX,
    Answer,
    answer,
    once,
    page,
    page_size,
    tag_header,
)
from firstlight.adapters.api.find import advisory_named, case_named
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import AdvisoryName, CaseName, Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.tags import require_match
from firstlight.adapters.api.wire.advisories import (
    AdvisoryPage,
    AdvisoryShown,
    AdvisoryText,
    Approval,
    Withdrawal,
)
from firstlight.core.clearinghouse.advisory.draft import Text
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.usecases.access.table import Action
from firstlight.usecases.advisories.prepare import (
    approve_advisory,
    draft_advisory,
    edit_advisory,
    move_advisory,
)
from firstlight.usecases.advisories.publish import withdraw_published
from firstlight.usecases.context import Context

router = Router(tags=["advisories"])


@router.post(
    "/cases/{case}/advisory",
    auth=may(Action.ADVISORY_WRITE),
    response={201: AdvisoryShown},
    operation_id="draftAdvisory",
    summary="Draft the advisory of a case",
)
def draft(request: HttpRequest, case: CaseName) -> HttpResponse:
    """A first text from the reports, with the versions that were observed here."""
    actor = actor_of(request)
    found = case_named(actor, case)
    return once(request, lambda context: _made(draft_advisory(context, actor, found.id), 201))


@router.get(
    "/advisories",
    auth=may(Action.ADVISORY_READ),
    response=AdvisoryPage,
    operation_id="listAdvisories",
    summary="List advisories",
)
def list_advisories(
    request: HttpRequest, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """Those that you may see, newest first; without a token, those that are public."""
    found = services().queries.advisories(actor_of(request), cursor=cursor, limit=page_size(limit))
    items = [AdvisoryShown.of(advisory) for advisory in found.rows]
    return page(request, AdvisoryPage(items=items, next=found.next_cursor))


@router.get(
    "/advisories/{advisory}",
    auth=may(Action.ADVISORY_READ),
    response=AdvisoryShown,
    operation_id="readAdvisory",
    summary="Read an advisory",
)
def read_advisory(request: HttpRequest, advisory: AdvisoryName) -> HttpResponse:
    """One advisory. Its ETag is what a change has to name in If-Match."""
    return answer(AdvisoryShown.of(advisory_named(actor_of(request), advisory)))


@router.patch(
    "/advisories/{advisory}",
    auth=may(Action.ADVISORY_WRITE),
    response=AdvisoryShown,
    operation_id="editAdvisory",
    summary="Change a draft",
)
def edit(request: HttpRequest, advisory: AdvisoryName, body: AdvisoryText) -> HttpResponse:
    """Replace the parts that are named. Needs If-Match."""
    actor = actor_of(request)
    found = advisory_named(actor, advisory)
    require_match(request, AdvisoryShown.of(found))
    text = Text(**body.model_dump())
    saved = edit_advisory(services().context, actor, found.id, text, version=found.version)
    shown = AdvisoryShown.of(saved)
    return answer(shown, tag_header(shown))


@router.post(
    "/advisories/{advisory}/approval",
    auth=may(Action.ADVISORY_APPROVE),
    response={200: AdvisoryShown},
    operation_id="approveAdvisory",
    summary="Approve an advisory",
)
def approve(request: HttpRequest, advisory: AdvisoryName, body: Approval) -> HttpResponse:
    """Stand for the text that you saw and name the moment of its release. Needs If-Match."""
    actor = actor_of(request)
    go_live = Instant.parse(body.go_live)
    return _change(
        request,
        advisory,
        lambda context, found: approve_advisory(
            context, actor, found.id, go_live, version=found.version
        ),
    )


@router.post(
    "/advisories/{advisory}/return",
    auth=may(Action.ADVISORY_WRITE),
    response={200: AdvisoryShown},
    operation_id="returnAdvisory",
    summary="Return an approved advisory to draft",
)
def return_to_draft(request: HttpRequest, advisory: AdvisoryName) -> HttpResponse:
    """Take an approval back before go-live. Needs If-Match."""
    actor = actor_of(request)
    return _change(
        request,
        advisory,
        lambda context, found: move_advisory(
            context, actor, found.id, "return", version=found.version
        ),
    )


@router.post(
    "/advisories/{advisory}/withdrawal",
    auth=may(Action.ADVISORY_WRITE),
    response={200: AdvisoryShown},
    operation_id="withdrawAdvisory",
    summary="Withdraw an advisory",
)
def withdraw(request: HttpRequest, advisory: AdvisoryName, body: Withdrawal) -> HttpResponse:
    """Take it back; a published one in public, with the reason as a revision. Needs If-Match."""
    actor = actor_of(request)

    def act(context: Context, found: Advisory) -> Advisory:
        if found.state is AdvisoryState.PUBLISHED:
            return withdraw_published(context, actor, found.id, body.reason, services().render)
        return move_advisory(
            context, actor, found.id, "withdraw", version=found.version, reason=body.reason
        )

    return _change(request, advisory, act)


def _rendered(kind: str) -> dict[str, object]:
    return {
        "responses": {
            200: {
                "description": f"The {kind} document, as it stands or would stand in public",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        }
    }


@router.get(
    "/advisories/{advisory}/csaf",
    auth=may(Action.ADVISORY_READ),
    response={200: None},
    operation_id="readCsaf",
    summary="Read an advisory as CSAF 2.0",
    openapi_extra=_rendered("CSAF 2.0"),
)
def read_csaf(request: HttpRequest, advisory: AdvisoryName) -> HttpResponse:
    """The rendered document; of a draft, a preview."""
    return _document(request, advisory, "csaf/")


@router.get(
    "/advisories/{advisory}/osv",
    auth=may(Action.ADVISORY_READ),
    response={200: None},
    operation_id="readOsv",
    summary="Read an advisory as OSV",
    openapi_extra=_rendered("OSV"),
)
def read_osv(request: HttpRequest, advisory: AdvisoryName) -> HttpResponse:
    """The rendered document; of a draft, a preview."""
    return _document(request, advisory, "osv/")


def _change(
    request: HttpRequest, name: str, change: Callable[[Context, Advisory], Advisory]
) -> HttpResponse:
    """A POST that changes the version that the asker saw."""
    found = advisory_named(actor_of(request), name)

    def act(context: Context) -> Answer:
        require_match(request, AdvisoryShown.of(found))
        return _made(change(context, found), 200)

    return once(request, act)


def _made(advisory: Advisory, status: int) -> Answer:
    shown = AdvisoryShown.of(advisory)
    place = {"Location": f"{PREFIX}/advisories/{advisory.id}"}
    return Answer(shown=shown, status=status, headers=place | tag_header(shown))


def _document(request: HttpRequest, name: str, folder: str) -> HttpResponse:
    found = advisory_named(actor_of(request), name)
    for path, content in services().render(found).items():
        if path.startswith(folder) and path.endswith(".json"):
            return HttpResponse(content, content_type="application/json")
    raise Missing("this advisory has no such document")
