"""The first page: what needs me."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.shell import may
from firstlight.core.clearinghouse.advisory.model import AdvisoryState
from firstlight.core.clearinghouse.case import CaseState
from firstlight.core.clearinghouse.intake.checklist import Item, missing
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.access.table import Action
from firstlight.usecases.queries.port import FindingRow

_SHOWN = 8
_LOOKED_AT = 100
"""advisories among which the waiting ones are looked for"""


@dataclass(frozen=True, kw_only=True)
class Incomplete:
    """An own report with what would make it complete."""

    row: FindingRow
    missing: tuple[Item, ...]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What the role makes sensible; a stranger learns what this place is."""
    actor = actor_of(request)
    if actor.role in {Role.ANONYMOUS, Role.PENDING}:
        page = services().queries.advisories(actor, cursor=None, limit=_SHOWN)
        return render(request, "web/welcome.html", {"advisories": page.rows})
    return render(request, "web/home.html", _for_me(actor))


def _for_me(actor: Actor) -> dict[str, object]:
    queries = services().queries
    found: dict[str, object] = {"states": CaseState}
    if may(actor, Action.CASE_MOVE):
        for state in (CaseState.OPEN, CaseState.VALIDATED, CaseState.PATCHED):
            page = queries.cases(actor, state=state, cursor=None, limit=_SHOWN)
            found[f"cases_{state.value}"] = [row for row in page.rows if row.advisory is None]
    elif may(actor, Action.CASE_READ):
        found["cases"] = queries.cases(actor, state=None, cursor=None, limit=_SHOWN).rows
    recent = queries.advisories(actor, cursor=None, limit=_LOOKED_AT).rows
    if may(actor, Action.ADVISORY_APPROVE):
        waits = {AdvisoryState.DRAFT, AdvisoryState.APPROVED}
        found["waiting"] = [one for one in recent if one.state in waits]
    found["published"] = [one for one in recent if one.state is AdvisoryState.PUBLISHED][:_SHOWN]
    if may(actor, Action.JOB_READ):
        found["counts"] = services().jobs.counts()
        found["failed"] = services().jobs.poisoned(_SHOWN)
    if actor.role in {Role.FINDER, Role.MAINTAINER}:
        found["incomplete"] = _incomplete(actor)
    if may(actor, Action.REVIEW_READ):
        found["reviews"] = services().overviews.asked(actor)
    if may(actor, Action.ORGANISATION_VET):
        found["unvetted"] = [
            record
            for record in services().accounts.organisations()
            if record.organisation.vetted_at is None and record.refused_at is None
        ]
    return found


def _incomplete(actor: Actor) -> list[Incomplete]:
    queries = services().queries
    rows = queries.findings(actor, case=None, cursor=None, limit=_SHOWN).rows
    reports = [(row, missing(queries.finding(actor, row.id).report)) for row in rows]
    return [Incomplete(row=row, missing=items) for row, items in reports if items]
