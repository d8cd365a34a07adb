"""Cases: the list, the story of one, and what a coordinator or maintainer does to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from firstlight.adapters.web.following import follow_case
from firstlight.adapters.web.leading import maintainers_for, moves_of
from firstlight.adapters.web.names import Known, labels_in, names_for
from firstlight.adapters.web.services import actor_of, services
from firstlight.adapters.web.sight import ALL, CaseSight, maybe, see_case
from firstlight.adapters.web.story import tell
from firstlight.core.clearinghouse.case import Case, CaseState, EvidenceKind
from firstlight.core.clearinghouse.priority.asset import AssetContext, YesNo
from firstlight.core.clearinghouse.priority.tables import points
from firstlight.core.kernel.errors import Invalid, TooLarge
from firstlight.core.kernel.ids import CaseId, FindingId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.cases.grouping import (
    Grouping,
    decide_duplicate,
    grouping_of,
    undo_decision,
)
from firstlight.usecases.cases.priority import QUESTIONS, assess, priority_of
from firstlight.usecases.patches.propose import propose_patch
from firstlight.usecases.ports import Committed

_QUESTIONS = tuple((name, getattr(points, name.upper())) for name in QUESTIONS)
"""what a coordinator can answer, with the published decision point of each"""


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Newest first, by state if one is chosen."""
    actor = actor_of(request)
    allow(actor, Action.CASE_READ)
    chosen = request.GET.get("state", "")
    state = CaseState(chosen) if chosen in {one.value for one in CaseState} else None
    page = services().queries.cases(
        actor, state=state, cursor=request.GET.get("after"), limit=services().page_size
    )
    return render(
        request, "web/cases.html", {"page": page, "state": state, "states": list(CaseState)}
    )


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The story of a case from top to bottom."""
    actor = actor_of(request)
    seen = see_case(actor, number)
    return render(request, "web/case.html", _page(actor, seen, _asset(request)))


def _page(actor: Actor, seen: CaseSight, asset: AssetContext) -> dict[str, object]:
    queries, context = services().queries, services().context
    found, rows = seen.case, seen.findings
    parties = maybe(lambda: queries.parties(actor, found.id)) or ()
    grouping = maybe(lambda: grouping_of(context, actor, found.id))
    subjects = [str(found.id), *(str(row.id) for row in rows)]
    page = maybe(lambda: queries.ledger(actor, subjects=subjects, cursor=None, limit=ALL))
    entries = page.rows if page else ()
    checks = {item.patch: item for item in seen.evidence if item.patch}
    priority = maybe(lambda: priority_of(context, actor, found.id, asset))
    numbers = {str(row.id): index for index, row in enumerate(rows, 1)}
    names = {
        **names_for(actor, _labels(seen, grouping, entries)),
        **{label: Known(words=f"report {number}") for label, number in numbers.items()},
        str(found.id): Known(words="this case"),
    }
    runs = [item for item in seen.evidence if item.kind is EvidenceKind.VALIDATION]
    return {
        "case": found,
        "story": tell(found, rows, seen.evidence, seen.patches, seen.advisory),
        "follow": follow_case(seen),
        "findings": rows,
        "numbers": numbers,
        "parties": parties,
        "maintainers": maintainers_for(actor, parties),
        "moves": moves_of(actor, found),
        "grouping": grouping,
        "runs": sorted(runs, key=lambda item: (numbers.get(str(item.finding), 0), item.at)),
        "assessments": [item for item in seen.evidence if item.kind is EvidenceKind.ASSESSMENT],
        "priority": priority,
        "asset": asset,
        "questions": _QUESTIONS,
        "patches": [(patch, checks.get(patch.id)) for patch in seen.patches],
        "advisory": seen.advisory,
        "merged_into": _survivor(actor, found),
        "entries": entries,
        "names": names,
    }


def _labels(
    seen: CaseSight, grouping: Grouping | None, entries: Sequence[Committed]
) -> Iterator[object]:
    """Everybody who is named somewhere on the page."""
    yield from (patch.author for patch in seen.patches)
    yield from (item.body.get("by") for item in seen.evidence)
    yield from (one.by for one in grouping.decisions) if grouping else ()
    yield from labels_in(entries)
    yield seen.advisory.approved_by if seen.advisory else None


def _survivor(actor: Actor, found: Case) -> Case | None:
    into = found.merged_into
    return maybe(lambda: services().queries.case(actor, into)) if into else None


def _asset(request: HttpRequest) -> AssetContext:
    """The asset that the reader asks about, from the address; unknown when not said."""
    exposed = request.GET.get("exposed", "")
    detected = request.GET.get("detected", "")
    try:
        return AssetContext(
            exposed=YesNo(exposed) if exposed else YesNo.UNKNOWN,
            detected=date.fromisoformat(detected) if detected else None,
            source="you, on this page",
        )
    except ValueError:
        raise Invalid("the asset's exposure or day cannot be read", field="detected") from None


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a coordinator's answers to the decision points."""
    actor = actor_of(request)
    allow(actor, Action.CASE_MOVE)
    found = services().queries.case_by_number(actor, number)
    given = {name: request.POST.get(name, "") for name in QUESTIONS if request.POST.get(name)}
    reason = request.POST.get("reason", "").strip()
    if not given or not reason:
        raise Invalid("answer at least one question, and say on what the answer rests")
    assess(services().context, actor, found.id, given, reason)
    return redirect("case", number=number)


@require_POST
def duplicate(request: HttpRequest, number: str) -> HttpResponse:
    """Confirm that two reports are one flaw, split them, or take the word back."""
    actor, context = actor_of(request), services().context
    allow(actor, Action.DUPLICATE_DECIDE)
    left = FindingId(request.POST.get("left", ""))
    right = FindingId(request.POST.get("right", ""))
    word, reason = request.POST.get("word"), request.POST.get("reason", "")
    if word == "undo":
        undo_decision(context, actor, left, right)
    elif word in {"same", "different"}:
        decide_duplicate(context, actor, left, right, same=word == "same", reason=reason)
    else:
        raise Invalid("same or different?", field="word")
    messages.success(request, "Kept. The reports have been grouped anew.")
    return redirect("case", number=number)


@require_POST
def patch(request: HttpRequest, number: str) -> HttpResponse:
    """Propose a patch, pasted or as a file."""
    actor = actor_of(request)
    allow(actor, Action.PATCH_PROPOSE)
    found: CaseId = services().queries.case_by_number(actor, number).id
    file = request.FILES.get("file")
    if file is not None and (file.size or 0) > services().upload_bytes:
        raise TooLarge(limit=services().upload_bytes)
    try:
        diff = file.read().decode("utf-8") if file else request.POST.get("diff", "")
    except UnicodeDecodeError:
        raise Invalid("the patch is not UTF-8 text", field="diff") from None
    propose_patch(services().context, actor, found, diff.replace("\r\n", "\n"))
    messages.success(request, "The patch is being checked.")
    return redirect("case", number=number)
