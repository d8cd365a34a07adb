"""How an engagement begins, by a form: an office asks, a developer asks or opens; its questions."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from firstlight.adapters.web.reviews import choices
from firstlight.adapters.web.reviews.forms import (
    Problem,
    answer,
    chosen,
    day_or_none,
    given,
    status,
    whole,
    yes,
)
from firstlight.adapters.web.reviews.sight import Sight, named, see, show
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Organisation, OrganisationKind
from firstlight.core.review.coverage import Determination
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.model import Anchor, DeveloperSize, Model, Plan, ReleaseForm
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.reviews import arranging, opening
from firstlight.usecases.reviews.counterparts import counterparts
from firstlight.usecases.reviews.step import organisation_of

_BOTH = ["GET", "HEAD", "POST"]


def vetted(actor: Actor, kind: OrganisationKind) -> list[Organisation]:
    """Vetted organisations of a kind that the actor's side can name."""
    return [one for one in counterparts(services().accounts, actor) if one.kind is kind]


@require_http_methods(_BOTH)
def open_review(request: HttpRequest) -> HttpResponse:
    """A developer opens a review; each choice that the order leaves open is asked outright."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_ARRANGE)
    if request.method != "POST":
        return _opening(request, None)
    try:
        made = _open(request, _model(request))
    except (Invalid, Conflict) as problem:
        return _opening(request, problem)
    messages.success(request, "The review is open. Nothing is shown to anyone yet.")
    return redirect("review", made.number)


def _model(request: HttpRequest) -> Model:
    developer = organisation_of(actor_of(request))
    name, version = given(request, "name"), given(request, "version")
    return Model(developer=developer, name=name, version=version)


def _open(request: HttpRequest, model: Model) -> Engagement:
    return opening.open_engagement(
        services().context,
        actor_of(request),
        name=model.name,
        version=model.version,
        size=chosen(request, "size", DeveloperSize),
        plan=_plan(request),
        marking=chosen(request, "marking", Marking),
    )


def _plan(request: HttpRequest) -> Plan:
    days, why = _keeping(request)
    return Plan(
        release_form=chosen(request, "release_form", ReleaseForm),
        anchor=chosen(request, "anchor", Anchor),
        partner_release=day_or_none(request, "partner_release"),
        public_release=day_or_none(request, "public_release"),
        retention_days=days,
        legal_hold=why,
        keeps_content=yes(request, "keeps_content"),
        listed=yes(request, "listed"),
    )


def _opening(request: HttpRequest, problem: Problem | None) -> HttpResponse:
    found = {"chosen": choices.PLAN, "hold": choices.LEGAL_HOLD}
    return _form(request, "open", found, problem)


@require_http_methods(_BOTH)
def plan(request: HttpRequest, number: str) -> HttpResponse:
    """Change what was chosen; after a withdrawal this opens the review again."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ARRANGE)
    if request.method != "POST":
        return _planning(request, seen, None)
    if seen.engagement.closed_at is not None:
        # The same model would get another review.
        raise Conflict("this review is closed", hint="Open another one for the model.")
    model = seen.engagement.model
    return answer(
        request,
        lambda problem: _planning(request, seen, problem),
        lambda: _change(request, seen) if _stands(seen) else _open(request, model),
        said="The plan is kept.",
        to=("review", number),
    )


def _stands(seen: Sight) -> bool:
    """Whether it is open already, so that only its plan changes."""
    return seen.engagement.plan is not None and seen.engagement.shows


def _change(request: HttpRequest, seen: Sight) -> Engagement:
    return opening.change_plan(
        services().context,
        seen.actor,
        seen.engagement.id,
        plan=_plan(request),
        size=chosen(request, "size", DeveloperSize),
        marking=chosen(request, "marking", Marking),
    )


def _planning(request: HttpRequest, seen: Sight, problem: Problem | None) -> HttpResponse:
    found = {"chosen": choices.PLAN, "hold": choices.LEGAL_HOLD}
    typed = {} if problem else {"given": _given(seen.engagement)}
    return show(request, seen, "plan", found | typed, problem=problem)


@require_POST
def keep(request: HttpRequest, number: str) -> HttpResponse:
    """Change how long sealed documents are kept, and the legal hold; after the close, too."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ARRANGE)

    def act() -> None:
        days, why = _keeping(request)
        identifier = seen.engagement.id
        arranging.set_hold(
            services().context, seen.actor, identifier, retention_days=days, legal_hold=why
        )

    return answer(
        request,
        lambda problem: _planning(request, seen, problem),
        act,
        said="Kept, and on record.",
        to=("review_record", number),
    )


def _keeping(request: HttpRequest) -> tuple[int, str]:
    """Days, and why a law forbids to destroy; empty for no hold. Raises Invalid."""
    hold, why = yes(request, "hold"), given(request, "legal_hold")
    if hold and not why:
        raise Invalid("say which law forbids it, and why", field="legal_hold")
    return whole(request, "retention_days"), why if hold else ""


def _given(engagement: Engagement) -> Mapping[str, object]:
    """What was chosen before, for the form that changes it; nothing before the first time."""
    found: dict[str, object] = {"size": engagement.size or "", "marking": engagement.marking}
    plan = engagement.plan
    if plan is None:
        return found
    return found | {
        "release_form": plan.release_form,
        "anchor": plan.anchor,
        "partner_release": plan.partner_release.isoformat() if plan.partner_release else "",
        "public_release": plan.public_release.isoformat() if plan.public_release else "",
        "retention_days": plan.retention_days,
        "hold": "yes" if plan.legal_hold else "no",
        "legal_hold": plan.legal_hold,
        "keeps_content": "yes" if plan.keeps_content else "no",
        "listed": "yes" if plan.listed else "no",
    }


@require_http_methods(_BOTH)
def ask_coverage(request: HttpRequest) -> HttpResponse:
    """A developer asks one office whether its model is covered, and may stop there."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_ARRANGE)

    def page(problem: Problem | None) -> HttpResponse:
        found = {"size": choices.SIZE, "offices": vetted(actor, OrganisationKind.AGENCY)}
        return _form(request, "ask", found, problem)

    if request.method != "POST":
        return page(None)
    said = "The office has your question, and nothing else."
    return answer(request, page, lambda: _ask(request, actor), said=said, to=("reviews",))


def _ask(request: HttpRequest, actor: Actor) -> None:
    opening.ask_coverage(
        services().context,
        services().accounts,
        actor,
        name=given(request, "name"),
        version=given(request, "version"),
        size=chosen(request, "size", DeveloperSize),
        text=given(request, "text"),
        office=_organisation(request, "office"),
    )


@require_http_methods(_BOTH)
def request_review(request: HttpRequest) -> HttpResponse:
    """An office asks a developer for a review; the developer need not answer."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_ASK)

    def page(problem: Problem | None) -> HttpResponse:
        found = {"developers": vetted(actor, OrganisationKind.DEVELOPER)}
        return _form(request, "request", found, problem)

    if request.method != "POST":
        return page(None)
    said = "The developer has your request, and decides whether to answer it."
    return answer(request, page, lambda: _request(request, actor), said=said, to=("reviews",))


def _request(request: HttpRequest, actor: Actor) -> None:
    opening.request_review(
        services().context,
        services().accounts,
        actor,
        developer=_organisation(request, "developer"),
        name=given(request, "name"),
        version=given(request, "version"),
        words=given(request, "words"),
    )


def _form(
    request: HttpRequest, template: str, found: Mapping[str, object], problem: Problem | None
) -> HttpResponse:
    """A form outside any engagement, with what was typed."""
    page = {**found, "given": request.POST, "problem": problem}
    return render(request, f"web/review/{template}.html", page, status=status(problem))


def _organisation(request: HttpRequest, name: str) -> OrganisationId:
    if not given(request, name):
        raise Invalid("please choose an organisation", field=name)
    return OrganisationId(given(request, name))


@require_http_methods(_BOTH)
def questions(request: HttpRequest, number: str) -> HttpResponse:
    """Whether the model is covered: questions, and the form of an office that answers."""
    return _questions(request, number, None)


def _questions(request: HttpRequest, number: str, problem: Problem | None) -> HttpResponse:
    seen = see(request, number)
    asked = seen.engagement.questions
    labels = [label for each in asked if (a := each.assessment) for label in (a.office, a.by)]
    page = {
        "questions": asked[::-1],
        "determination": choices.DETERMINATION,
        "researchers": choices.FOR_RESEARCHERS,
        "names": named(seen.actor, [*labels, *(each.asked_by for each in asked)]),
    }
    return show(request, seen, "questions", page, problem=problem)


@require_POST
def answer_question(request: HttpRequest, number: str) -> HttpResponse:
    """An office shares its assessment back."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ANSWER)

    def act() -> None:
        found = opening.Answer(
            determination=chosen(request, "determination", Determination),
            statement=given(request, "statement"),
            classified_digest=given(request, "classified_digest"),
            for_researchers=yes(request, "for_researchers"),
        )
        opening.answer_coverage(services().context, seen.actor, seen.engagement.id, found)

    def page(problem: Problem) -> HttpResponse:
        return _questions(request, number, problem)

    to = ("review_questions", number)
    return answer(request, page, act, said="The developer has the answer.", to=to)


@require_POST
def share_answer(request: HttpRequest, number: str) -> HttpResponse:
    """The developer agrees that researchers read an answer."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ARRANGE)

    def act() -> None:
        which = whole(request, "question")
        opening.share_assessment(services().context, seen.actor, seen.engagement.id, which)

    def page(problem: Problem) -> HttpResponse:
        return _questions(request, number, problem)

    to = ("review_questions", number)
    return answer(request, page, act, said="Researchers can read it from now on.", to=to)
