"""What a coordinator does with a case besides the flaw itself: close, reopen, bring people in."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.shell import may
from firstlight.core.clearinghouse.case import CASE_MOVES, Case, PartyRole
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Actor, Organisation, OrganisationKind
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import OrganisationRecord
from firstlight.usecases.cases.lead import add_maintainer, move_case
from firstlight.usecases.queries.port import PartyRow

_WORDS = {"close": "The case is closed.", "reopen": "The case is open again."}
"""the moves that a person chooses; grouping takes the others"""
_LONGEST_REASON = 2000


def moves_of(actor: Actor, case: Case) -> frozenset[str]:
    """Which of the moves the reader may choose now."""
    if not may(actor, Action.CASE_MOVE):
        return frozenset()
    return CASE_MOVES.possible(case.state, actor.role) & _WORDS.keys()


def maintainers_for(actor: Actor, parties: Sequence[PartyRow]) -> list[Organisation]:
    """Vetted maintainers that can still be brought in; empty for those who may bring nobody in."""
    if not may(actor, Action.CASE_PARTY):
        return []
    there = {party.organisation for party in parties if party.role is PartyRole.MAINTAINER}
    records = services().accounts.organisations()
    found = [one.organisation for one in records if _is_maintainer(one)]
    return sorted((one for one in found if one.id not in there), key=lambda one: one.name)


def _is_maintainer(record: OrganisationRecord) -> bool:
    known = record.organisation
    return (
        known.kind is OrganisationKind.MAINTAINER
        and known.vetted_at is not None
        and record.refused_at is None
    )


@require_POST
def move(request: HttpRequest, number: str) -> HttpResponse:
    """Close or reopen; the form carries the version that was seen."""
    actor = actor_of(request)
    allow(actor, Action.CASE_MOVE)
    found = services().queries.case_by_number(actor, number)
    name, reason = request.POST.get("move", ""), request.POST.get("reason", "").strip()
    if name not in _WORDS:
        raise Invalid("close or reopen?", field="move")
    if not reason or len(reason) > _LONGEST_REASON:
        raise Invalid(f"give a reason of at most {_LONGEST_REASON} characters", field="reason")
    version = version_of(request)
    move_case(services().context, actor, found.id, name, reason=reason, version=version)
    messages.success(request, _WORDS[name])
    return redirect("case", number=number)


@require_POST
def bring_in(request: HttpRequest, number: str) -> HttpResponse:
    """Make a vetted maintainer a party; whether it gets the raw feed stands in its own record."""
    actor = actor_of(request)
    allow(actor, Action.CASE_PARTY)
    found = services().queries.case_by_number(actor, number)
    wanted = OrganisationId(request.POST.get("organisation", ""))
    parts = services()
    add_maintainer(parts.context, parts.accounts, actor, found.id, wanted)
    name = parts.accounts.organisation(wanted).organisation.name
    messages.success(request, f"{name} takes part in the case.")
    return redirect("case", number=number)


def version_of(request: HttpRequest) -> int:
    """The version that a form shows.

    Raises:
        Invalid: the form names none.
    """
    text = request.POST.get("version", "")
    if not (text.isascii() and text.isdigit()):
        raise Invalid("the form lacks the version that you saw", field="version")
    return int(text)
