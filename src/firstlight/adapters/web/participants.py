"""The register of participants: the page, its files, entering and leaving."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.tool_forms import given, word
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.model import DeveloperSize
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.participants.register import Entry, enter_register, leave_register
from firstlight.usecases.queries.tools import RegisterRow

_COLUMNS = ("role", "name", "size", "since", "until", "scope", "models")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""a cell that begins so is taken for a formula by spreadsheets"""


@require_safe
def participants(request: HttpRequest) -> HttpResponse:
    """Who chose to be named, and how long developers wait for an answer, by their size."""
    return _page(request)


@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """The register as JSON."""
    rows = [_facts(row) for row in _rows(request)]
    return _file(json.dumps({"items": rows}, indent=2), "application/json", "participants.json")


@require_safe
def as_csv(request: HttpRequest) -> HttpResponse:
    """The register as CSV (RFC 4180)."""
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(_COLUMNS)
    for row in _rows(request):
        facts = _facts(row)
        sheet.writerow([_cell(facts[name]) for name in _COLUMNS])
    return _file(written.getvalue(), "text/csv; charset=utf-8", "participants.csv")


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Name the own organisation, or change what is said of it."""
    actor = actor_of(request)
    allow(actor, Action.PARTICIPANT_LIST)
    try:
        enter_register(services().context, services().accounts, actor, _entry(request, actor))
    except Invalid as problem:
        return _page(request, problem)
    messages.success(request, "Your organisation is in the register.")
    return redirect("participants")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Take the own organisation out."""
    leave_register(services().context, actor_of(request))
    messages.success(request, "The register shows nothing of your organisation any more.")
    return redirect("participants")


def _page(request: HttpRequest, problem: Invalid | None = None) -> HttpResponse:
    actor = actor_of(request)
    own = services().tools.own_entry(actor)
    page = {
        "rows": _rows(request),
        "waiting": services().reviews.waiting(actor),
        "own": own,
        "given": request.POST if problem else _said(actor),
        "sizes": list(DeveloperSize) if actor.role is Role.DEVELOPER else (),
        "problem": problem,
    }
    return render(request, "web/participants.html", page, status=400 if problem else 200)


def _rows(request: HttpRequest) -> list[RegisterRow]:
    actor = actor_of(request)
    allow(actor, Action.PARTICIPANT_READ)
    return list(services().tools.register(actor))


def _said(actor: Actor) -> dict[str, str]:
    """What the form begins with: the present entry."""
    own = services().tools.own_entry(actor)
    if own is None:
        return {}
    return {
        "scope": own.scope,
        "since": own.since.isoformat(),
        "until": own.until.isoformat() if own.until else "",
        "size": own.size.value if own.size else "",
    }


def _entry(request: HttpRequest, actor: Actor) -> Entry:
    until = given(request.POST, "until")
    developer = actor.role is Role.DEVELOPER
    return Entry(
        scope=given(request.POST, "scope"),
        since=_day(given(request.POST, "since"), "since"),
        until=_day(until, "until") if until else None,
        size=word(request.POST, "size", DeveloperSize) if developer else None,
    )


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is no day", hint="Write it as 2026-09-01.", field=field
        ) from None


def _facts(row: RegisterRow) -> dict[str, object]:
    return {
        "role": row.role,
        "name": row.name,
        "size": row.size,
        "since": row.since.isoformat() if row.since else None,
        "until": row.until.isoformat() if row.until else None,
        "scope": row.scope,
        "models": [f"{one.name} {one.version}" for one in row.models],
    }


def _cell(value: object) -> str:
    if isinstance(value, list):
        return _cell("; ".join(value))
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _file(content: str, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    # An organisation that took itself out must not live on in a cache.
    response.headers["Cache-Control"] = "no-store"
    return response
