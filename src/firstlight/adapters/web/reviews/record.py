"""The record: who saw what, the closing report in three cuts, the signed receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from firstlight.adapters.web.names import Known
from firstlight.adapters.web.names import labels_in as labels_of
from firstlight.adapters.web.reviews.sight import (
    Sight,
    artefacts_by_id,
    named,
    people_in,
    see,
    show,
)
from firstlight.adapters.web.reviews.telling import artefacts_in, labels_in, tell
from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.sight import maybe
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.engagement import keys_due
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.access.table import Action, Thing, allow
from firstlight.usecases.queries.reviews import Cut
from firstlight.usecases.reviews.ending import KEY

_ENTRIES = 200
"""newest entries of the ledger that the page shows; the export has all"""
_ANY = Thing(marking=Marking.AMBER_STRICT)
"""an engagement of somebody else, in which the reader has no part"""
_FOR = {
    Cut.INTERNAL: "All of it, for the developer and the offices that take part.",
    Cut.OVERSIGHT: "Steps, times and reasons, for those who check that the rules were kept. "
    "Without what was asked, shown or observed, and without names of people.",
    Cut.PUBLIC: "For anyone: numbers, and no word that a person wrote.",
}


@require_safe
def history(request: HttpRequest, number: str) -> HttpResponse:
    """Who had what, and every step in the ledger for those who may read it."""
    seen = see(request, number)
    found = seen.engagement
    grants = services().reviews.grants(seen.actor, found.id)
    subjects = [str(found.id)]
    page = services().queries.ledger(seen.actor, subjects=subjects, cursor=None, limit=_ENTRIES)
    labels = [*people_in(grants), *labels_of(page.rows)]
    names = {**named(seen.actor, labels), str(found.id): Known(words="this review")}
    told = {
        "grants": grants,
        "artefacts_by_id": artefacts_by_id(found),
        "acceptances": services().reviews.acceptances(seen.actor, found.id),
        "entries": page.rows,
        "more": page.next_cursor is not None,
        "names": names,
    }
    return show(request, seen, "history", told)


@require_safe
def record(request: HttpRequest, number: str) -> HttpResponse:
    """The cuts of the report and the receipts."""
    seen = see(request, number)
    cuts = [(cut, _FOR[cut], _readable(seen, cut)) for cut in Cut]
    page = {
        "cuts": cuts,
        "receipts": services().reviews.receipts(seen.actor, seen.engagement.id),
        "acts": seen.engagement.acts,
        "keys_due": keys_due(seen.engagement),
    }
    return show(request, seen, "record", page)


def _readable(seen: Sight, cut: Cut) -> bool:
    return maybe(lambda: _report(seen, cut)) is not None


def _report(seen: Sight, cut: Cut) -> Mapping[str, Json]:
    return services().reviews.report(seen.actor, seen.engagement.id, cut)


def _cut(text: str) -> Cut:
    try:
        return Cut(text)
    except ValueError:
        raise Missing(f"there is no cut {text[:40]!r}") from None


@require_safe
def report(request: HttpRequest, number: str, cut: str) -> HttpResponse:
    """One cut as a page."""
    seen, which = see(request, number), _cut(cut)
    found = _report(seen, which)
    page = {"cut": which, "for": _FOR[which], "facts": tell(found, _names(seen.actor, found))}
    return show(request, seen, "report", page)


@require_safe
def report_file(request: HttpRequest, number: str, cut: str, kind: str) -> HttpResponse:
    """One cut as a file: JSON, or HTML that prints and needs nothing else."""
    seen, which = see(request, number), _cut(cut)
    return file_of(seen.actor, _report(seen, which), f"{number}-{which.value}", kind)


def file_of(actor: Actor, found: Mapping[str, Json], name: str, kind: str) -> HttpResponse:
    """A report to download. Raises Missing for a kind that there is not."""
    if kind == "json":
        body, media = json.dumps(found, indent=1, ensure_ascii=False), "application/json"
    elif kind == "html":
        facts = tell(found, _names(actor, found))
        body = render_to_string("web/review/report_file.html", {"name": name, "facts": facts})
        media = "text/html"
    else:
        raise Missing(f"there is no file of kind {kind[:10]!r}")
    response = HttpResponse(body, content_type=f"{media}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _names(actor: Actor, found: Mapping[str, Json]) -> Mapping[str, Known]:
    return {**named(actor, labels_in(dict(found))), **artefacts_in(found)}


@require_safe
def receipt(request: HttpRequest, number: str, which: str) -> HttpResponse:
    """A signed receipt as it was given: a DSSE envelope."""
    seen = see(request, number)
    for each in services().reviews.receipts(seen.actor, seen.engagement.id):
        if str(each.number) == which:
            return _envelope(each.envelope, f"{number}-receipt-{each.number}")
    raise Missing(f"there is no receipt {which[:10]!r}")


@require_safe
def act(request: HttpRequest, number: str, which: str) -> HttpResponse:
    """A signed act of the developer as it was kept: a DSSE envelope."""
    seen = see(request, number)
    for each in seen.engagement.acts:
        if str(each.number) == which:
            return _envelope(each.envelope, f"{number}-act-{each.number}")
    raise Missing(f"there is no act {which[:10]!r}")


def _envelope(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/vnd.dsse+json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.dsse.json"'
    return response


@require_safe
def receipt_key(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """The public key of receipts: 64 hexadecimal digits. The same for everyone."""
    key = services().context.signer.public_key(KEY).hex()
    response = HttpResponse(f"{key}\n", content_type="text/plain; charset=us-ascii")
    response.headers["Content-Disposition"] = 'attachment; filename="firstlight-receipt.key"'
    return response


@require_safe
def oversight(request: HttpRequest) -> HttpResponse:
    """Every engagement, for those who check that the rules were kept."""
    actor = actor_of(request)
    allow(actor, Action.REPORT_READ, _ANY)
    page = services().overviews.oversight(
        actor, cursor=request.GET.get("after"), limit=services().page_size
    )
    return render(request, "web/review/oversight.html", {"page": page})


@require_safe
def oversight_report(request: HttpRequest, identifier: str, kind: str = "") -> HttpResponse:
    """One engagement in the oversight cut, as page or file."""
    actor = actor_of(request)
    allow(actor, Action.REPORT_READ, _ANY)
    found = services().reviews.report(actor, EngagementId(identifier), Cut.OVERSIGHT)
    if kind:
        return file_of(actor, found, f"{found['number']}-oversight", kind)
    page = {
        "id": identifier,
        "number": found["number"],
        "facts": tell(found, _names(actor, found)),
        "for": _FOR[Cut.OVERSIGHT],
    }
    return render(request, "web/review/oversight_report.html", page)
