"""The register of duties: as of any day, and recording what shows how a duty stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import PREFIX, Answer, answer, once
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.directives import (
    AsideGiven,
    DutyShown,
    EntryWithdrawal,
    EvidenceGiven,
    HistoryEntryShown,
    RegisterShown,
)
from firstlight.core.directives.history import EntryKind, HistoryEntry, HistoryId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.directives.register import (
    Evidence,
    list_duties,
    read_duty,
    record_evidence,
    set_aside,
    withdraw_entry,
)

router = Router(tags=["directives"])

Section = Annotated[
    str, Path(description="name of the duty: 2(d), 2d, BOD-26-04, ...", max_length=40)
]
AsOf = Annotated[
    date | None, Query(description="the day to look at, as 2026-07-15; today (UTC) when left out")
]


@router.get(
    "/directives",
    auth=may(Action.DIRECTIVE_READ),
    response=RegisterShown,
    operation_id="listDirectives",
    summary="Read the register of duties",
)
def list_directives(request: HttpRequest, as_of: AsOf = None) -> HttpResponse:
    """Every duty with its status on the day, instruments, prohibitions, and open questions."""
    day = _day(as_of)
    found = list_duties(services().queries, actor_of(request), day)
    return answer(RegisterShown.of(list(found), day))


@router.get(
    "/directives/{section}",
    auth=may(Action.DIRECTIVE_READ),
    response=DutyShown,
    operation_id="readDirective",
    summary="Read a duty",
)
def read_directive(request: HttpRequest, section: Section, as_of: AsOf = None) -> HttpResponse:
    """Its status on the day, and its whole history, withdrawn entries included."""
    standing = read_duty(services().queries, actor_of(request), section, _day(as_of))
    return answer(DutyShown.of(standing))


@router.post(
    "/directives/{section}/evidence",
    auth=may(Action.DIRECTIVE_RECORD),
    response={201: HistoryEntryShown},
    operation_id="recordEvidence",
    summary="Record evidence for a duty",
)
def record(request: HttpRequest, section: Section, body: EvidenceGiven) -> HttpResponse:
    """Append it to the public history; nothing is written over."""
    actor = actor_of(request)
    evidence = Evidence(
        kind=EntryKind(body.kind.value),
        on=body.on,
        source=body.source,
        link=body.link,
        text=body.text,
    )
    return _appended(request, lambda context: record_evidence(context, actor, section, evidence))


@router.post(
    "/directives/{section}/not-applicable",
    auth=may(Action.DIRECTIVE_RECORD),
    response={201: HistoryEntryShown},
    operation_id="setDirectiveAside",
    summary="Say that a duty does not apply",
)
def aside(request: HttpRequest, section: Section, body: AsideGiven) -> HttpResponse:
    """From a day on, with a public reason. Evidence that it was done counts more."""
    actor = actor_of(request)
    return _appended(
        request,
        lambda context: set_aside(context, actor, section, on=body.on, reason=body.reason),
    )


@router.post(
    "/directives/{section}/withdrawals",
    auth=may(Action.DIRECTIVE_RECORD),
    response={201: HistoryEntryShown},
    operation_id="withdrawEvidence",
    summary="Withdraw an entry that was wrong",
)
def withdraw(request: HttpRequest, section: Section, body: EntryWithdrawal) -> HttpResponse:
    """It stays in the history with the reason, and counts on no day."""
    actor, entry = actor_of(request), identified(HistoryId, body.entry)
    return _appended(
        request,
        lambda context: withdraw_entry(context, actor, section, entry, reason=body.reason),
    )


def _appended(request: HttpRequest, act: Callable[[Context], HistoryEntry]) -> HttpResponse:
    def do(context: Context) -> Answer:
        entry = act(context)
        place = f"{PREFIX}/directives/{entry.duty}"
        return Answer(shown=HistoryEntryShown.of(entry), status=201, headers={"Location": place})

    return once(request, do)


def _day(as_of: date | None) -> date:
    return as_of or services().context.clock.now().utc.date()
