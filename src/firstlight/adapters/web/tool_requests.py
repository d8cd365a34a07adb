"""Requests for defensive tools: where each stands, by when it is answered, and every step of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.names import names_for
from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.tool_forms import given, word
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.ids import MalformedIdentifier
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.tools.access import TOOL_GRANT_MOVES, ToolGrant
from firstlight.core.review.tools.asking import REQUEST_MOVES, RequestState
from firstlight.core.review.tools.eligibility import ELIGIBILITY, Defence
from firstlight.core.review.tools.ids import ToolRequestId
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.queries.tools import ToolRequestRow
from firstlight.usecases.tools.asking import appeal, take_back
from firstlight.usecases.tools.deciding import answer_request, give_back, revoke
from firstlight.usecases.tools.models import accept_model_terms
from firstlight.usecases.tools.using import HandedOut, use_tool

_USES_SHOWN = 50


@require_safe
def tool_requests(request: HttpRequest) -> HttpResponse:
    """Of the own organisation, or to it, newest first."""
    actor = actor_of(request)
    allow(actor, Action.REQUEST_READ)
    chosen = request.GET.get("state", "")
    state = RequestState(chosen) if chosen in {one.value for one in RequestState} else None
    page = services().tools.requests(
        actor, state=state, cursor=request.GET.get("after"), limit=services().page_size
    )
    now = services().context.clock.now()
    found = {
        "page": page,
        "rows": [(row, row.request.late(now)) for row in page.rows],
        "state": state,
        "states": list(RequestState),
    }
    return render(request, "web/tool_requests.html", found)


@require_safe
def tool_request(request: HttpRequest, identifier: str) -> HttpResponse:
    """One request, with the steps that the reader may take."""
    actor = actor_of(request)
    allow(actor, Action.REQUEST_READ)
    return _page(request, _row(actor, identifier))


@require_POST
def step(request: HttpRequest, identifier: str, name: str) -> HttpResponse:
    """One step: an answer, an appeal, taking back, revoking, returning, using."""
    actor = actor_of(request)
    if name not in _STEPS:
        raise Missing(f"there is no step {name[:40]!r}")
    action, act, said = _STEPS[name]
    allow(actor, action)
    row = _row(actor, identifier)
    try:
        handed = act(request, actor, row)
    except Invalid as problem:
        return _page(request, row, problem=problem)
    if handed is not None:
        # Shown once, in the answer to the step that was written down.
        return _page(request, row, handed=handed)
    messages.success(request, said)
    return redirect("tool_request", identifier=identifier)


def _answer(request: HttpRequest, actor: Actor, row: ToolRequestRow) -> None:
    answer_request(
        services().context,
        services().accounts,
        actor,
        row.request.id,
        move=given(request.POST, "move"),
        reason=given(request.POST, "reason"),
        until=_until(given(request.POST, "until")),
    )


def _appeal(request: HttpRequest, actor: Actor, row: ToolRequestRow) -> None:
    appeal(services().context, actor, row.request.id, text=given(request.POST, "text"))


def _take_back(request: HttpRequest, actor: Actor, row: ToolRequestRow) -> None:  # noqa: ARG001  # as the others
    take_back(services().context, actor, row.request.id)


def _accept(request: HttpRequest, actor: Actor, row: ToolRequestRow) -> None:
    digest_seen = given(request.POST, "digest")
    accept_model_terms(services().context, actor, row.request.id, digest_seen=digest_seen)


def _revoke(request: HttpRequest, actor: Actor, row: ToolRequestRow) -> None:
    revoke(services().context, actor, _grant(row).id, reason=given(request.POST, "reason"))


def _return(request: HttpRequest, actor: Actor, row: ToolRequestRow) -> None:  # noqa: ARG001  # as the others
    give_back(services().context, actor, _grant(row).id)


def _use(request: HttpRequest, actor: Actor, row: ToolRequestRow) -> HandedOut:
    return use_tool(
        services().context,
        services().accounts,
        actor,
        _grant(row).id,
        purpose=word(request.POST, "purpose", Defence),
        system=given(request.POST, "system"),
        note=given(request.POST, "note"),
    )


Act = Callable[[HttpRequest, Actor, ToolRequestRow], HandedOut | None]
_STEPS: Mapping[str, tuple[Action, Act, str]] = {
    "answer": (Action.REQUEST_DECIDE, _answer, "The asker reads your answer."),
    "appeal": (Action.REQUEST_MAKE, _appeal, "Your appeal is answered by the day below."),
    "take-back": (Action.REQUEST_MAKE, _take_back, "The request is taken back."),
    "accept": (Action.TOOL_USE, _accept, "You have accepted the terms."),
    "revoke": (Action.REQUEST_DECIDE, _revoke, "The grant has ended."),
    "return": (Action.TOOL_USE, _return, "The grant is given back."),
    "use": (Action.TOOL_USE, _use, ""),
}


def _page(
    request: HttpRequest,
    row: ToolRequestRow,
    *,
    problem: Invalid | None = None,
    handed: HandedOut | None = None,
) -> HttpResponse:
    actor, now = actor_of(request), services().context.clock.now()
    asked, grant = row.request, row.grant
    uses = services().tools.uses(actor, asked.id, cursor=None, limit=_USES_SHOWN)
    moves = set(REQUEST_MOVES.possible(asked.state, actor.role))
    if grant:
        moves |= TOOL_GRANT_MOVES.possible(grant.state, actor.role)
    page = {
        "row": row,
        "asked": asked,
        "grant": grant,
        "model": row.model,
        "admits": grant is not None and _admits(grant, now),
        "mine": actor.person == asked.person,
        "late": asked.late(now),
        "moves": moves,
        "uses": uses,
        "eligibility": ELIGIBILITY[asked.eligibility],
        "names": names_for(actor, [asked.person, *(each.by for each in asked.answers)]),
        "handed": handed,
        "problem": problem,
        "given": request.POST,
    }
    return render(request, "web/tool_request.html", page, status=400 if problem else 200)


def _admits(grant: ToolGrant, now: Instant) -> bool:
    """What the page offers; each use is decided anew."""
    return "give-back" in _possible(grant) and grant.valid.contains(now)


def _possible(grant: ToolGrant) -> frozenset[str]:
    return frozenset(move.name for move in TOOL_GRANT_MOVES.moves if grant.state in move.sources)


def _row(actor: Actor, identifier: str) -> ToolRequestRow:
    try:
        return services().tools.request(actor, ToolRequestId(identifier))
    except MalformedIdentifier as error:
        raise Missing(error.message) from None


def _grant(row: ToolRequestRow) -> ToolGrant:
    if row.grant is None:
        raise Missing("this request has no grant")
    return row.grant


def _until(text: str) -> Instant | None:
    """The first moment of a day, in UTC."""
    if not text:
        return None
    try:
        return Instant(datetime.combine(date.fromisoformat(text), time(), UTC))
    except ValueError:
        raise Invalid(f"{text[:40]!r} is no day", field="until") from None
