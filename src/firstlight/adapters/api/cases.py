"""Cases: list, read, follow, assess, group, move."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from firstlight.adapters.api.answers import (
    PREFIX,
    Answer,
    answer,
    once,
    page,
    page_size,
    tag_header,
)
from firstlight.adapters.api.find import case_named
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import CaseName, Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.tags import require_match
from firstlight.adapters.api.wire.cases import (
    Assessment,
    CaseItem,
    CasePage,
    CaseShown,
    Duplicates,
    DuplicateWord,
    EvidenceList,
    EvidenceShown,
    MaintainerAdded,
    MoveAsked,
    PriorityShown,
)
from firstlight.adapters.api.wire.operations import Accepted
from firstlight.core.clearinghouse.case import CASE_MOVES, Case, CaseState
from firstlight.core.clearinghouse.priority.asset import AssetContext, YesNo
from firstlight.core.clearinghouse.priority.record import priority_record
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import FindingId, OrganisationId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action
from firstlight.usecases.cases.grouping import decide_duplicate, grouping_of, undo_decision
from firstlight.usecases.cases.lead import add_maintainer, move_case
from firstlight.usecases.cases.priority import assess, priority_of
from firstlight.usecases.context import Context

router = Router(tags=["cases"])

_OFFERED = ("close", "reopen")
"""moves that a person takes by name; the others follow from what is decided or observed"""


@router.get(
    "/cases",
    auth=may(Action.CASE_READ),
    response=CasePage,
    operation_id="listCases",
    summary="List cases",
)
def list_cases(
    request: HttpRequest,
    state: Annotated[CaseState | None, Query(description="only those in this state")] = None,
    cursor: Cursor = None,
    limit: Limit = None,
) -> HttpResponse:
    """Those that you may see, newest first."""
    found = services().queries.cases(
        actor_of(request), state=state, cursor=cursor, limit=page_size(limit)
    )
    shown = CasePage(items=[CaseItem.of(row) for row in found.rows], next=found.next_cursor)
    return page(request, shown)


@router.get(
    "/cases/{case}",
    auth=may(Action.CASE_READ),
    response=CaseShown,
    operation_id="readCase",
    summary="Read a case",
)
def read_case(request: HttpRequest, case: CaseName) -> HttpResponse:
    """One case with its parties, and the steps that you may take."""
    actor = actor_of(request)
    return answer(_shown(actor, case_named(actor, case)))


@router.get(
    "/cases/{case}/evidence",
    auth=may(Action.EVIDENCE_READ),
    response=EvidenceList,
    operation_id="listEvidence",
    summary="Read the evidence of a case",
)
def list_evidence(request: HttpRequest, case: CaseName) -> HttpResponse:
    """What was run, assessed and verified, oldest first; of reports that you may see."""
    actor = actor_of(request)
    found = services().queries.evidence(actor, case_named(actor, case).id)
    return answer(EvidenceList(items=[EvidenceShown.of(one) for one in found]))


@router.get(
    "/cases/{case}/priority",
    auth=may(Action.CASE_READ),
    response=PriorityShown,
    operation_id="readPriority",
    summary="Ask how urgent a case is",
)
def read_priority(
    request: HttpRequest,
    case: CaseName,
    exposed: Annotated[
        YesNo, Query(description="whether strangers on public networks reach the asset")
    ] = YesNo.UNKNOWN,
    detected: Annotated[
        date | None, Query(description="the day on which the flaw was found on the asset")
    ] = None,
) -> HttpResponse:
    """BOD 26-04 for your asset, SSVC, CVSS, KEV and EPSS, with the path that led to each.

    Unknown exposure counts as exposed. What was not loaded says so; it is never taken for "no".
    """
    actor = actor_of(request)
    asset = AssetContext(exposed=exposed, detected=detected)
    found = priority_of(services().context, actor, case_named(actor, case).id, asset)
    return answer(PriorityShown.of(priority_record(found)))


@router.post(
    "/cases/{case}/assessment",
    auth=may(Action.CASE_MOVE),
    response={200: PriorityShown},
    operation_id="assessCase",
    summary="Answer the decision points of a case",
)
def assess_case(request: HttpRequest, case: CaseName, body: Assessment) -> HttpResponse:
    """Keep a coordinator's answers; the latest count. Returns the priority that follows."""
    actor = actor_of(request)
    found = case_named(actor, case)

    def act(context: Context) -> Answer:
        priority = assess(context, actor, found.id, body.answers, body.reason)
        return Answer(shown=PriorityShown.of(priority_record(priority)))

    return once(request, act)


@router.get(
    "/cases/{case}/duplicates",
    auth=may(Action.EVIDENCE_READ),
    response=Duplicates,
    operation_id="explainDuplicates",
    summary="Ask why reports stand in one case",
)
def explain_duplicates(request: HttpRequest, case: CaseName) -> HttpResponse:
    """The reasons that hold its reports together, what else may belong to it, and what was said."""
    actor = actor_of(request)
    found = case_named(actor, case)
    return answer(Duplicates.of(grouping_of(services().context, actor, found.id)))


@router.post(
    "/cases/{case}/duplicates",
    auth=may(Action.DUPLICATE_DECIDE),
    response={200: Duplicates},
    operation_id="decideDuplicate",
    summary="Confirm or split two reports",
)
def decide(request: HttpRequest, case: CaseName, body: DuplicateWord) -> HttpResponse:
    """A person's word stands above the program's grouping until it is taken back."""
    actor = actor_of(request)
    found = case_named(actor, case)
    left, right = FindingId(body.left), FindingId(body.right)

    def act(context: Context) -> Answer:
        _require_in(context, found, left, right)
        decide_duplicate(context, actor, left, right, same=body.same, reason=body.reason)
        return Answer(shown=Duplicates.of(grouping_of(context, actor, found.id)))

    return once(request, act)


@router.delete(
    "/cases/{case}/duplicates",
    auth=may(Action.DUPLICATE_DECIDE),
    response={200: Duplicates},
    operation_id="undoDuplicate",
    summary="Take a word on two reports back",
)
def undo(
    request: HttpRequest,
    case: CaseName,
    left: Annotated[str, Query(max_length=64, description="a report of this case")],
    right: Annotated[str, Query(max_length=64, description="the other report")],
) -> HttpResponse:
    """Grouping is then as if it had never been said; what was not said is taken back for free."""
    actor, context = actor_of(request), services().context
    found = case_named(actor, case)
    one, other = FindingId(left), FindingId(right)
    _require_in(context, found, one, other)
    undo_decision(context, actor, one, other)
    return answer(Duplicates.of(grouping_of(context, actor, found.id)))


@router.post(
    "/cases/{case}/parties",
    auth=may(Action.CASE_PARTY),
    response={200: Accepted},
    operation_id="addMaintainer",
    summary="Bring a maintainer into a case",
)
def bring_in(request: HttpRequest, case: CaseName, body: MaintainerAdded) -> HttpResponse:
    """It sees the case once the flaw was reproduced, or at once if it asked for the raw feed."""
    actor = actor_of(request)
    found = case_named(actor, case)
    organisation, accounts = OrganisationId(body.organisation), services().accounts

    def act(context: Context) -> Answer:
        add_maintainer(context, accounts, actor, found.id, organisation)
        return Answer(shown=Accepted(subject=str(found.id)))

    return once(request, act)


@router.post(
    "/cases/{case}/moves",
    auth=may(Action.CASE_MOVE),
    response={200: CaseShown},
    operation_id="moveCase",
    summary="Close or reopen a case",
)
def move(request: HttpRequest, case: CaseName, body: MoveAsked) -> HttpResponse:
    """Needs If-Match with the ETag of the case as you saw it."""
    actor = actor_of(request)
    found = case_named(actor, case)

    def act(context: Context) -> Answer:
        require_match(request, _shown(actor, found))
        moved = move_case(
            context, actor, found.id, body.move, reason=body.reason, version=found.version
        )
        shown = _shown(actor, moved)
        return Answer(
            shown=shown, headers={"Location": f"{PREFIX}/cases/{moved.id}"} | tag_header(shown)
        )

    return once(request, act)


def _shown(actor: Actor, case: Case) -> CaseShown:
    queries, reader = services().queries, replace(actor, scopes=None)
    advisory = queries.advisory_of(reader, case.id)
    possible = CASE_MOVES.possible(case.state, actor.role)
    return CaseShown.of(
        case,
        queries.parties(reader, case.id),
        str(advisory.id) if advisory else None,
        [name for name in _OFFERED if name in possible],
    )


def _require_in(context: Context, case: Case, left: FindingId, right: FindingId) -> None:
    """The address names a case, so at least one of the two belongs to it.

    Raises:
        Invalid: neither does.
        Missing: one of them does not exist.
    """
    with context.storage.begin() as work:
        here = {case.id} & {
            place
            for name in (left, right)
            for place in (work.findings.get(name).case, work.findings.get(name).home)
        }
    if not here:
        raise Invalid("neither report belongs to this case", field="left")
