"""Trusted partners: proposed by either side, agreed by both, refused with a reason, appealed."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firstlight.adapters.web.reviews.forms import Problem, answer, chosen, given, status
from firstlight.adapters.web.reviews.opening import vetted
from firstlight.adapters.web.reviews.sight import Sight, named, organisation_name, see, show
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import OrganisationKind, Role
from firstlight.core.review.asked import my_turn, waits_for
from firstlight.core.review.criteria import CRITERIA, NEWEST, Sector
from firstlight.core.review.ids import ObservationId, PartnerId
from firstlight.core.review.partners import Partner, PartnerState
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.reviews import advising, partnering

_BOTH = ["GET", "HEAD", "POST"]
_SAID = {
    "agree": "Both sides agree. The developer can give its people grants.",
    "refuse": "Refused. Everyone concerned reads your reason.",
    "uphold": "The refusal stands, and the appeal is answered.",
    "grant-appeal": "The appeal is granted; both sides agree.",
    "end": "It is no partner any more, and its grants have ended.",
}


@require_http_methods(_BOTH)
def partners(request: HttpRequest, number: str) -> HttpResponse:
    """Who was proposed, by whom, why, and what the other side says."""
    seen = see(request, number)

    def page(problem: Problem | None) -> HttpResponse:
        return show(request, seen, "partners", _page(seen), problem=problem)

    if request.method != "POST":
        return page(None)
    allow(seen.actor, Action.REVIEW_SELECT)

    said = "Proposed. The other side agrees or refuses, with a reason."
    to = ("review_partners", number)
    return answer(request, page, lambda: _propose(request, seen), said=said, to=to)


def _propose(request: HttpRequest, seen: Sight) -> None:
    if not given(request, "organisation"):
        raise Invalid("please choose an organisation", field="organisation")
    partnering.propose_partner(
        services().context,
        services().accounts,
        seen.actor,
        seen.engagement.id,
        organisation=OrganisationId(given(request, "organisation")),
        sector=chosen(request, "sector", Sector),
        meets={name: given(request, f"meets-{name}") for name in CRITERIA[NEWEST].items},
    )


def _page(seen: Sight) -> dict[str, object]:
    found = services().reviews.partners(seen.actor, seen.engagement.id)
    role = seen.actor.role
    there = {each.organisation for each in found if each.state is not PartnerState.ENDED}
    known = vetted(seen.actor, OrganisationKind.PARTNER)
    names = [each.organisation for each in found]
    names += [one.by for each in found for one in each.decisions]  # type: ignore[misc]  # labels
    return {
        "partners": [
            (each, CRITERIA[each.criteria].items, my_turn(each, role), _may_appeal(each, seen))
            for each in found
        ],
        "turns": {str(each.id): waits_for(each) for each in found},
        "criteria": CRITERIA[NEWEST],
        "sectors": list(Sector),
        "organisations": [one for one in known if one.id not in there],
        "names": named(seen.actor, names),
    }


def _may_appeal(partner: Partner, seen: Sight) -> bool:
    """Whether the reader's side proposed it and may ask the other to look again."""
    sides = {Role.DEVELOPER: "developer", Role.REVIEWER: "government"}
    mine = partner.proposed_by.value == sides.get(seen.actor.role)
    return mine and partner.state is PartnerState.REFUSED


@require_POST
def decide(request: HttpRequest, number: str, identifier: str) -> HttpResponse:
    """Agree, refuse, answer an appeal, or end it."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_SELECT)
    wanted = _inside(seen, identifier).id
    move, reason = given(request, "move"), given(request, "reason")
    if move not in _SAID:
        raise Invalid("which step?", field="move")

    def act() -> None:
        partnering.decide_partner(services().context, seen.actor, wanted, move=move, reason=reason)

    def page(problem: Problem) -> HttpResponse:
        return show(request, seen, "partners", _page(seen), problem=problem)

    return answer(request, page, act, said=_SAID[move], to=("review_partners", number))


@require_POST
def appeal(request: HttpRequest, number: str, identifier: str) -> HttpResponse:
    """The side that proposed asks the other to look again."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_APPEAL)
    wanted = _inside(seen, identifier).id

    def act() -> None:
        text = given(request, "text")
        partnering.appeal(services().context, seen.actor, wanted, text=text)

    def page(problem: Problem) -> HttpResponse:
        return show(request, seen, "partners", _page(seen), problem=problem)

    said = "Your appeal is on record; the other side answers it."
    return answer(request, page, act, said=said, to=("review_partners", number))


def _inside(seen: Sight, identifier: str) -> Partner:
    found = services().reviews.partner(seen.actor, PartnerId(identifier))
    if found.engagement != seen.engagement.id:
        raise Missing(f"there is no {found.id} in this engagement")
    return found


@require_safe
def partnership(request: HttpRequest, identifier: str) -> HttpResponse:
    """What a partner sees: how it was proposed, what was decided, its own observations."""
    return _own(request, identifier, None)


def _own(request: HttpRequest, identifier: str, problem: Problem | None) -> HttpResponse:
    actor = actor_of(request)
    allow(actor, Action.REVIEW_APPEAL)
    rows = services().reviews.own_partnerships(actor)
    found = next((row for row in rows if str(row.partner.id) == identifier), None)
    if found is None:
        raise Missing(f"there is no {identifier[:40]!r} for you")
    observations = services().reviews.observations(actor, found.partner.engagement)
    authors = [one.by for each in observations for one in each.wordings]
    page = {
        "row": found,
        "partner": found.partner,
        "items": CRITERIA[found.partner.criteria].items,
        "turn": waits_for(found.partner),
        "observations": observations,
        "names": named(actor, authors),
        "our_name": organisation_name(found.partner.organisation),
        "problem": problem,
        "given": request.POST if problem else {},
    }
    return render(request, "web/review/partnership.html", page, status=status(problem))


@require_POST
def own_appeal(request: HttpRequest, identifier: str) -> HttpResponse:
    """A refused partner asks the refusing side to look again."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_APPEAL)

    def act() -> None:
        text = given(request, "text")
        partnering.appeal(services().context, actor, PartnerId(identifier), text=text)

    said = "Your appeal is on record. You read the answer here."
    return _own_step(request, identifier, act, said)


@require_POST
def own_observation(request: HttpRequest, identifier: str) -> HttpResponse:
    """A partner tells the developer something, or says it anew."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_ADVISE)
    engagement = services().reviews.partner(actor, PartnerId(identifier)).engagement
    words = {"title": given(request, "title"), "text": given(request, "text")}
    earlier = given(request, "observation")

    def act() -> None:
        if earlier:
            advising.reword(services().context, actor, ObservationId(earlier), **words)
        else:
            advising.observe(services().context, actor, engagement, **words)

    return _own_step(request, identifier, act, "The developer has it.")


def _own_step(
    request: HttpRequest, identifier: str, act: Callable[[], None], said: str
) -> HttpResponse:
    def page(problem: Problem) -> HttpResponse:
        return _own(request, identifier, problem)

    return answer(request, page, act, said=said, to=("partnership", identifier))
