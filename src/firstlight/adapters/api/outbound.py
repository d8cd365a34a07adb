"""The outbound guard: its verdicts, and what a coordinator decides about held texts."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from firstlight.adapters.api.answers import Answer, answer, once, page, page_size
from firstlight.adapters.api.find import identified
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.parameters import Cursor, Limit
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.outbound import (
    Refusal,
    Release,
    VerdictPage,
    VerdictShown,
    VerdictText,
)
from firstlight.core.guard.record import KeptState, VerdictId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.guard import deciding

router = Router(tags=["guard"])

VerdictName = Annotated[str, Path(description="identifier (gvd_...)", max_length=64)]
State = Annotated[KeptState | None, Query(description="only these; left out for all")]


@router.get(
    "/guard/verdicts",
    auth=may(Action.GUARD_READ),
    response=VerdictPage,
    operation_id="listVerdicts",
    summary="List verdicts of the outbound guard",
)
def list_verdicts(
    request: HttpRequest, state: State = None, cursor: Cursor = None, limit: Limit = None
) -> HttpResponse:
    """The newest first, without their texts."""
    states = [state] if state else []
    found = services().verdicts.verdicts(
        actor_of(request), states, cursor=cursor, limit=page_size(limit)
    )
    items = [VerdictShown.of(row) for row in found.rows]
    return page(request, VerdictPage(items=items, next=found.next_cursor))


@router.get(
    "/guard/verdicts/{verdict}",
    auth=may(Action.GUARD_READ),
    response=VerdictShown,
    operation_id="readVerdict",
    summary="Read a verdict",
)
def read_verdict(request: HttpRequest, verdict: VerdictName) -> HttpResponse:
    """Without its text."""
    found = services().verdicts.verdict(actor_of(request), identified(VerdictId, verdict))
    return answer(VerdictShown.of(found))


@router.get(
    "/guard/verdicts/{verdict}/text",
    auth=may(Action.GUARD_OPEN),
    response=VerdictText,
    operation_id="readVerdictText",
    summary="Read the text of a verdict",
)
def read_text(request: HttpRequest, verdict: VerdictName) -> HttpResponse:
    """Recipient, original, and the words that the guard proposes. That you read it is recorded."""
    name = identified(VerdictId, verdict)
    response = answer(
        VerdictText.of(deciding.open_kept(services().context, actor_of(request), name))
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post(
    "/guard/verdicts/{verdict}/release",
    auth=may(Action.GUARD_DECIDE),
    response={200: VerdictShown},
    operation_id="releaseText",
    summary="Let a held text out",
)
def release(request: HttpRequest, verdict: VerdictName, body: Release) -> HttpResponse:
    """A message leaves within seconds; an advisory when its time has come."""
    actor, name = actor_of(request), identified(VerdictId, verdict)

    def act(context: Context) -> Answer:
        kept = deciding.release(context, actor, name, body.reason, rewritten=body.rewritten)
        return Answer(shown=VerdictShown.of(kept))

    return once(request, act)


@router.post(
    "/guard/verdicts/{verdict}/refusal",
    auth=may(Action.GUARD_DECIDE),
    response={200: VerdictShown},
    operation_id="refuseText",
    summary="Keep a held text in",
)
def refuse(request: HttpRequest, verdict: VerdictName, body: Refusal) -> HttpResponse:
    """For good."""
    actor, name = actor_of(request), identified(VerdictId, verdict)

    def act(context: Context) -> Answer:
        kept = deciding.refuse(context, actor, name, body.reason)
        return Answer(shown=VerdictShown.of(kept))

    return once(request, act)
