"""Pages that wait for a job: what they wait for, and a cheap address that tells when it is over.

The tag of a page is a digest of the states that its reader sees. A small script asks for it now and
then and reloads when it has changed; without scripts the page says that the person may reload.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.views.decorators.http import require_safe

from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.sight import CaseSight, ReportSight, see_case, see_report
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.finding import FindingState
from firstlight.core.clearinghouse.patches.model import PatchState

_SOON = timedelta(minutes=10)
"""a go-live time further away is not waited for in front of a page"""


@dataclass(frozen=True, kw_only=True)
class Following:
    """What a page tells its script."""

    address: str
    tag: str
    why: str
    """what is being waited for, as a sentence"""


def follow_case(seen: CaseSight) -> Following | None:
    """What the case's page waits for; None when nothing is running."""
    if any(row.state is FindingState.RECEIVED for row in seen.findings):
        why = "A proof is being run."
    elif any(patch.state is PatchState.PROPOSED for patch in seen.patches):
        why = "A patch is being checked."
    elif _goes_live_soon(seen.advisory):
        why = "The advisory goes live within minutes."
    else:
        return None
    address = reverse("case_news", args=[seen.case.number])
    return Following(address=address, tag=_tag_of_case(seen), why=why)


def _goes_live_soon(advisory: Advisory | None) -> bool:
    if advisory is None or advisory.state is not AdvisoryState.APPROVED:
        return False
    soon = services().context.clock.now().plus(_SOON)
    return advisory.go_live is not None and advisory.go_live <= soon


def follow_report(seen: ReportSight, tried_before: str) -> Following | None:
    """What a report's page waits for.

    Args:
        seen: the report with what was tried
        tried_before: how often it had been tried when somebody asked for another try; from the
            address, empty when nobody did
    """
    count = tried_before if tried_before.isascii() and tried_before.isdigit() else ""
    again = bool(count) and str(len(seen.evidence)) == count
    if seen.finding.state is not FindingState.RECEIVED and not again:
        return None
    address = reverse("report_news", args=[str(seen.finding.id)])
    return Following(address=address, tag=_tag_of_report(seen), why="The proof is being run.")


def _tag_of_case(seen: CaseSight) -> str:
    return tag_of(
        seen.case.version,
        *(f"{row.id} {row.state}" for row in seen.findings),
        *(item.id for item in seen.evidence),
        *(f"{patch.id} {patch.state}" for patch in seen.patches),
        f"{seen.advisory.id} {seen.advisory.version}" if seen.advisory else "",
    )


def _tag_of_report(seen: ReportSight) -> str:
    return tag_of(seen.finding.state, seen.finding.case, *(item.id for item in seen.evidence))


def tag_of(*parts: object) -> str:
    """A tag that changes with any of these."""
    text = "\n".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@require_safe
def case_news(request: HttpRequest, number: str) -> HttpResponse:
    """304 while a case is as the tag in If-None-Match says; an empty answer when it is not."""
    return news(request, _tag_of_case(see_case(actor_of(request), number)))


@require_safe
def report_news(request: HttpRequest, identifier: str) -> HttpResponse:
    """The same for a report."""
    return news(request, _tag_of_report(see_report(actor_of(request), identifier)))


def news(request: HttpRequest, tag: str) -> HttpResponse:
    """304 while the tag is the one that the page has; an empty answer when it is not."""
    quoted = f'"{tag}"'
    same = request.headers.get("If-None-Match") == quoted
    response = HttpResponseNotModified() if same else HttpResponse(status=204)
    response.headers["ETag"] = quoted
    return response
