"""What a developer arranges: artefacts, terms, windows."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from firstlight.adapters.web.reviews import choices
from firstlight.adapters.web.reviews.drawing import days_of
from firstlight.adapters.web.reviews.forms import (
    Problem,
    answer,
    chosen,
    given,
    moment_or_none,
    whole,
    yes,
)
from firstlight.adapters.web.reviews.overview import windows_told
from firstlight.adapters.web.reviews.sight import Sight, named, see, show
from firstlight.adapters.web.reviews.terms_diff import changed
from firstlight.adapters.web.services import services
from firstlight.core.review.artefacts import ArtefactKind, Dialect, Safeguards
from firstlight.core.review.ids import ArtefactId
from firstlight.core.review.standard_terms import NEWEST, STANDARD_TERMS, standard
from firstlight.core.review.terms import Heading, OutOfPurpose
from firstlight.core.review.window import Audience
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.reviews import arranging

_BOTH = ["GET", "HEAD", "POST"]


@require_http_methods(_BOTH)
def artefacts(request: HttpRequest, number: str) -> HttpResponse:
    """What is shown, one by one; the developer adds."""
    seen = see(request, number)
    if request.method != "POST":
        return _artefacts(request, seen, None)
    allow(seen.actor, Action.REVIEW_ARRANGE)

    def act() -> None:
        new = _artefact(request)
        arranging.add_artefact(services().context, seen.actor, seen.engagement.id, new)

    return answer(
        request,
        lambda problem: _artefacts(request, seen, problem),
        act,
        said="It is on the list. A grant opens it.",
        to=("review_artefacts", number),
    )


def _artefacts(request: HttpRequest, seen: Sight, problem: Problem | None) -> HttpResponse:
    listed = seen.engagement.artefacts
    found = {
        "shown": [each for each in listed if each.removed_at is None],
        "removed": [each for each in listed if each.removed_at is not None],
        "kind": choices.KIND,
        "safeguards": choices.SAFEGUARDS,
        "dialects": choices.DIALECTS,
        "ticked": request.POST.getlist("dialects") if problem else [],
    }
    return show(request, seen, "artefacts", found, problem=problem)


def _artefact(request: HttpRequest) -> arranging.NewArtefact:
    kind = chosen(request, "kind", ArtefactKind)
    endpoint = kind is ArtefactKind.ENDPOINT
    known = set(Dialect)
    return arranging.NewArtefact(
        kind=kind,
        name=given(request, "name"),
        safeguards=chosen(request, "safeguards", Safeguards) if endpoint else None,
        models=given(request, "models").splitlines() if endpoint else (),
        dialects=[Dialect(each) for each in request.POST.getlist("dialects") if each in known],
        digest=given(request, "digest"),
    )


@require_POST
def remove_artefact(request: HttpRequest, number: str, artefact: str) -> HttpResponse:
    """Take one back; its uses end at once."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ARRANGE)
    wanted = ArtefactId(artefact)
    return answer(
        request,
        lambda problem: _artefacts(request, seen, problem),
        lambda: arranging.remove_artefact(
            services().context, seen.actor, seen.engagement.id, wanted
        ),
        said="It is taken back. Nobody can use it now.",
        to=("review_artefacts", number),
    )


@require_http_methods(_BOTH)
def terms(request: HttpRequest, number: str) -> HttpResponse:
    """The terms with the developer's changes; everyone accepts them here, the developer sets."""
    seen = see(request, number)
    if request.method != "POST":
        return show(request, seen, "terms", _terms(seen))
    allow(seen.actor, Action.REVIEW_ARRANGE)

    def page(problem: Problem) -> HttpResponse:
        found = _terms(seen) | {"ticked": request.POST.getlist("excluded")}
        return show(request, seen, "terms", found, problem=problem)

    return answer(
        request,
        page,
        lambda: _set_terms(request, seen),
        said="The terms are set. Everyone accepts them anew.",
        to=("review_terms", number),
    )


def _set_terms(request: HttpRequest, seen: Sight) -> None:
    known = set(OutOfPurpose)
    arranging.set_terms(
        services().context,
        seen.actor,
        seen.engagement.id,
        changes={each: given(request, each) for each in Heading if each.value in request.POST},
        excluded=[OutOfPurpose(w) for w in request.POST.getlist("excluded") if w in known],
        version=given(request, "standard") or NEWEST,
    )


def _terms(seen: Sight) -> dict[str, object]:
    present = seen.engagement.present_terms
    basis = standard(present.standard if present else NEWEST)
    texts = present.texts if present else basis.texts
    accepted = services().reviews.acceptances(seen.actor, seen.engagement.id)
    mine = [each for each in accepted if each.person == seen.actor.person]
    return {
        "terms": present,
        "standard": basis,
        "versions": list(STANDARD_TERMS),
        "diff": changed(present, basis) if present else [],
        "headings": [(each, texts[each]) for each in Heading],
        "excluded": choices.EXCLUDED,
        "ticked": [use.value for use in (present or basis).excluded],
        "accepted": [each for each in accepted if present and each.digest == present.digest],
        "i_accepted": any(present and each.digest == present.digest for each in mine),
        "names": named(
            seen.actor, [*(each.person for each in accepted), present and present.set_by]
        ),
    }


@require_POST
def accept_terms(request: HttpRequest, number: str) -> HttpResponse:
    """Accept, for oneself, the version that the page showed."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ACCEPT)

    def act() -> None:
        digest = given(request, "digest")
        arranging.accept_terms(
            services().context, seen.actor, seen.engagement.id, digest_seen=digest
        )

    def page(problem: Problem) -> HttpResponse:
        return show(request, seen, "terms", _terms(seen), problem=problem)

    to = ("review_terms", number)
    return answer(request, page, act, said="You have accepted these terms, for yourself.", to=to)


@require_http_methods(_BOTH)
def windows(request: HttpRequest, number: str) -> HttpResponse:
    """Who is let in from when to when; the developer sets."""
    if request.method != "POST":
        return _windows(request, see(request, number), None)
    return _change_windows(request, number, _set, "The window is set.")


def _windows(request: HttpRequest, seen: Sight, problem: Problem | None) -> HttpResponse:
    now = services().context.clock.now()
    elsewhere = services().overviews.days_elsewhere(seen.actor, seen.engagement.id)
    windows = seen.engagement.windows
    page = {
        "windows": windows_told(seen),
        "days": days_of(windows, elsewhere, now),
        "early": choices.EARLY,
        "left": {each.audience for each in windows if not each.over(now)},
        "audiences": list(Audience),
    }
    return show(request, seen, "windows", page, problem=problem)


def _change_windows(
    request: HttpRequest, number: str, change: Callable[[HttpRequest, Sight], None], said: str
) -> HttpResponse:
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ARRANGE)
    return answer(
        request,
        lambda problem: _windows(request, seen, problem),
        lambda: change(request, seen),
        said=said,
        to=("review_windows", number),
    )


def _set(request: HttpRequest, seen: Sight) -> None:
    audience = chosen(request, "audience", Audience)
    arranging.set_window(
        services().context,
        seen.actor,
        seen.engagement.id,
        audience=audience,
        days=whole(request, "days"),
        start=moment_or_none(request, "start"),
        early=yes(request, "early") if audience is Audience.PARTNERS else False,
    )


@require_POST
def extend_window(request: HttpRequest, number: str) -> HttpResponse:
    """Make the window that is left longer."""

    def extend(request: HttpRequest, seen: Sight) -> None:
        arranging.extend_window(
            services().context,
            seen.actor,
            seen.engagement.id,
            audience=chosen(request, "audience", Audience),
            days=whole(request, "days"),
        )

    return _change_windows(request, number, extend, "The window is longer now.")


@require_POST
def stop_window(request: HttpRequest, number: str) -> HttpResponse:
    """End a window at once, or all."""

    def stop(request: HttpRequest, seen: Sight) -> None:
        audience = chosen(request, "audience", Audience) if given(request, "audience") else None
        arranging.stop_window(services().context, seen.actor, seen.engagement.id, audience=audience)

    return _change_windows(request, number, stop, "Nobody is let in any more.")
