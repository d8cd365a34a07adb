"""The register of duties: the timeline, one duty, the calendar feed, recording evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.formats.ical import MEDIA_TYPE, calendar
from firstlight.adapters.web.names import names_for
from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.timeline import draw
from firstlight.core.directives.history import EntryKind, HistoryEntry, HistoryId
from firstlight.core.directives.limits import OPEN_QUESTIONS, PRESS, PROHIBITIONS
from firstlight.core.directives.register import INSTRUMENTS, cite, instrument_of
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.parties import ANONYMOUS
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.directives.register import (
    Evidence,
    list_duties,
    read_duty,
    record_evidence,
    set_aside,
    withdraw_entry,
)

_KINDS = (EntryKind.DONE, EntryKind.PROGRESS)


@require_safe
def directives(request: HttpRequest) -> HttpResponse:
    """Every duty as it stands on a day, drawn and as a table."""
    day = _day(request.GET.get("as_of", ""))
    duties = list_duties(services().queries, actor_of(request), day)
    page = {
        "as_of": day,
        "duties": [(one, cite(one.duty)) for one in duties],
        "timeline": draw(duties, day),
        "instruments": INSTRUMENTS,
        "prohibitions": PROHIBITIONS,
        "questions": OPEN_QUESTIONS,
        "press": PRESS,
    }
    return render(request, "web/directives.html", page)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """The register as an iCalendar feed. The same bytes for everyone, so it may be kept a while."""
    duties = list_duties(services().queries, ANONYMOUS, _today())
    response = HttpResponse(calendar(duties, services().base_url), content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = 'inline; filename="directives.ics"'
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def directive(request: HttpRequest, section: str) -> HttpResponse:
    """One duty with its history, and the forms of those who record."""
    return _page(request, section)


@require_POST
def record(request: HttpRequest, section: str) -> HttpResponse:
    """Append evidence."""

    def act() -> HistoryEntry:
        evidence = Evidence(
            kind=_kind(_given(request, "kind")),
            on=_read_day(_given(request, "on")),
            source=_given(request, "source"),
            link=_given(request, "link"),
            text=_given(request, "text"),
        )
        return record_evidence(services().context, actor_of(request), section, evidence)

    return _append(request, section, act, "The evidence is recorded.")


@require_POST
def aside(request: HttpRequest, section: str) -> HttpResponse:
    """Say that the duty does not apply."""

    def act() -> HistoryEntry:
        day, reason = _read_day(_given(request, "aside_on")), _given(request, "reason")
        return set_aside(services().context, actor_of(request), section, on=day, reason=reason)

    return _append(request, section, act, "The duty is set aside.")


@require_POST
def withdraw(request: HttpRequest, section: str) -> HttpResponse:
    """Take an entry back."""

    def act() -> HistoryEntry:
        entry, reason = HistoryId(_given(request, "entry")), _given(request, "reason")
        return withdraw_entry(services().context, actor_of(request), section, entry, reason=reason)

    return _append(request, section, act, "The entry is withdrawn.")


def _append(
    request: HttpRequest, section: str, act: Callable[[], HistoryEntry], said: str
) -> HttpResponse:
    allow(actor_of(request), Action.DIRECTIVE_RECORD)
    try:
        entry = act()
    except Invalid as problem:
        return _page(request, section, problem, request.POST.dict())
    messages.success(request, said)
    return redirect("directive", section=entry.duty)


def _page(
    request: HttpRequest,
    section: str,
    problem: Invalid | None = None,
    given: Mapping[str, object] | None = None,
) -> HttpResponse:
    actor, day = actor_of(request), _day(request.GET.get("as_of", ""))
    found = read_duty(services().queries, actor, section, day)
    names = names_for(actor, (one.recorded_by for one in found.history))
    page = {
        "standing": found,
        "duty": found.duty,
        "cited": cite(found.duty),
        "instrument": instrument_of(found.duty),
        "history": [
            (one, one.id in found.withdrawn, names.get(one.recorded_by)) for one in found.history
        ],
        "kinds": _KINDS if found.duty.due else _KINDS[1:],
        "today": _today(),
        "as_of": day,
        "problem": problem,
        "given": given or {},
    }
    return render(request, "web/directive.html", page, status=400 if problem else 200)


def _given(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").strip()


def _kind(text: str) -> EntryKind:
    try:
        return EntryKind(text)
    except ValueError:
        raise Invalid("choose what the evidence shows", field="kind") from None


def _day(text: str) -> date:
    return _read_day(text) if text else _today()


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            f"{text[:40]!r} is no day", hint="Write it as 2026-07-15.", field="day"
        ) from None


def _today() -> date:
    return services().context.clock.now().utc.date()
