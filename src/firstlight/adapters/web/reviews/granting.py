"""Who may use what: offices and their people, grants given, revoked, halted and restored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from firstlight.adapters.web.reviews import choices
from firstlight.adapters.web.reviews.forms import (
    Problem,
    answer,
    chosen,
    given,
    millionths_or_none,
    moment,
    moment_or_none,
    whole_or_none,
)
from firstlight.adapters.web.reviews.opening import vetted
from firstlight.adapters.web.reviews.sight import (
    Sight,
    artefacts_by_id,
    grant_of,
    named,
    people_in,
    see,
    show,
)
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Actor, Organisation, OrganisationKind, Person, Role
from firstlight.core.review.grants import Budget, GrantState, Purpose
from firstlight.core.review.ids import ArtefactId, GrantId
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import PartnerState
from firstlight.core.review.window import Audience
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.reviews import arranging, granting

_BOTH = ["GET", "HEAD", "POST"]
_OFFICE_SAID = {
    "admit": "The office takes part. It sees this review, and no artefact yet.",
    "decline": "The office is declined.",
    "remove": "The office is out, and so are all its grants.",
}
_ROLE = {Audience.OFFICES: Role.REVIEWER, Audience.PARTNERS: Role.PARTNER}


@dataclass(frozen=True, kw_only=True)
class Home:
    """An organisation that takes part, with the people who can get a grant."""

    audience: Audience
    organisation: OrganisationId
    name: str
    people: Sequence[Person]


@require_http_methods(_BOTH)
def people(request: HttpRequest, number: str) -> HttpResponse:
    """Offices, and every grant; the developer gives."""
    seen = see(request, number)

    def page(problem: Problem | None) -> HttpResponse:
        return show(request, seen, "people", _page(request, seen, problem), problem=problem)

    if request.method != "POST":
        return page(None)
    allow(seen.actor, Action.REVIEW_GRANT)

    def act() -> None:
        parts = services()
        new = _new(request)
        granting.give_grant(parts.context, parts.accounts, seen.actor, seen.engagement.id, new)

    said = "The grant stands. It opens within the window, once the terms are accepted."
    return answer(request, page, act, said=said, to=("review_people", number))


def _page(request: HttpRequest, seen: Sight, problem: Problem | None) -> dict[str, object]:
    reviews, found = services().reviews, seen.engagement
    grants = reviews.grants(seen.actor, found.id)
    offices = reviews.offices(seen.actor, found.id)
    there = {each.office.organisation for each in offices}
    terms = found.present_terms
    accepted = reviews.acceptances(seen.actor, found.id)
    homes = _homes(seen) if seen.mine else []
    return {
        "offices": offices,
        "invitable": [
            one for one in vetted(seen.actor, OrganisationKind.AGENCY) if one.id not in there
        ]
        if seen.mine
        else [],
        "standing": [each for each in grants if each.state is not GrantState.REVOKED],
        "ended": [each for each in grants if each.state is GrantState.REVOKED],
        "accepted": {str(a.person) for a in accepted if terms and a.digest == terms.digest},
        "artefacts": [each for each in found.artefacts if not each.removed_at and each.passes],
        "artefacts_by_id": artefacts_by_id(found),
        "homes": homes,
        "seconds": _seconds(seen, homes) if seen.mine else [],
        "purpose": choices.PURPOSE,
        "ticked": request.POST.getlist("seconds") if problem else [],
        "names": named(seen.actor, [*people_in(grants), *there]),
        "now": services().context.clock.now(),
    }


def _invitable(seen: Sight, there: set[OrganisationId]) -> list[Organisation]:
    """Offices that the developer can still take in."""
    found = vetted(seen.actor, OrganisationKind.AGENCY) if seen.mine else []
    return [one for one in found if one.id not in there]


def _homes(seen: Sight) -> list[Home]:
    """Member offices and agreed partners, for the developer's form."""
    reviews, found = services().reviews, seen.engagement
    parts = [
        (Audience.OFFICES, each.office.organisation)
        for each in reviews.offices(seen.actor, found.id)
        if each.office.state is OfficeState.MEMBER
    ]
    parts += [
        (Audience.PARTNERS, each.organisation)
        for each in reviews.partners(seen.actor, found.id)
        if each.state is PartnerState.AGREED
    ]
    return [_home(audience, organisation) for audience, organisation in parts]


def _home(audience: Audience, organisation: OrganisationId) -> Home:
    record = services().accounts.organisation(organisation)
    found = {one.id: one for one, held in record.people if held.role is _ROLE[audience]}
    return Home(
        audience=audience,
        organisation=organisation,
        name=record.organisation.name,
        people=sorted(found.values(), key=lambda one: one.name),
    )


def _seconds(seen: Sight, homes: Sequence[Home]) -> list[tuple[str, Person]]:
    """Who can be a second person: people of those who take part, and the developer's own."""
    own = services().accounts.organisation(seen.engagement.model.developer)
    mine = {one.id: one for one, _ in own.people}
    found = [(own.organisation.name, one) for one in mine.values()]
    return found + [(home.name, one) for home in homes for one in home.people]


def _new(request: HttpRequest) -> granting.NewGrant:
    audience, _, rest = given(request, "who").partition(":")
    organisation, _, person = rest.partition(":")
    if audience not in set(Audience) or not person:
        raise Invalid("choose the person", field="who")
    if not given(request, "artefact"):
        raise Invalid("choose what the grant opens", field="artefact")
    return granting.NewGrant(
        audience=Audience(audience),
        person=PersonId(person),
        organisation=OrganisationId(organisation),
        artefact=ArtefactId(given(request, "artefact")),
        purpose=chosen(request, "purpose", Purpose),
        until=moment(request, "until"),
        since=moment_or_none(request, "since"),
        seconds=[PersonId(each) for each in request.POST.getlist("seconds")],
        budget=Budget(
            requests=whole_or_none(request, "requests"),
            tokens=whole_or_none(request, "tokens"),
            money=millionths_or_none(request, "money"),
        ),
    )


@require_POST
def decide_office(request: HttpRequest, number: str) -> HttpResponse:
    """Take an office in, decline it, or remove it with all its grants."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_ARRANGE)
    move, parts = given(request, "move"), services()
    if move not in _OFFICE_SAID:
        raise Invalid("admit, decline or remove?", field="move")

    def act() -> None:
        office, words = OrganisationId(given(request, "office")), given(request, "words")
        where = (parts.context, parts.accounts, seen.actor, seen.engagement.id)
        arranging.decide_office(*where, office=office, move=move, words=words)

    def page(problem: Problem) -> HttpResponse:
        return show(request, seen, "people", _page(request, seen, problem), problem=problem)

    return answer(request, page, act, said=_OFFICE_SAID[move], to=("review_people", number))


@require_safe
def grant(request: HttpRequest, number: str, identifier: str) -> HttpResponse:
    """One grant with everything that happened to it."""
    return _one(request, number, identifier, None)


def _one(
    request: HttpRequest, number: str, identifier: str, problem: Problem | None
) -> HttpResponse:
    seen = see(request, number)
    found = grant_of(seen, identifier)
    page = {
        "grant": found,
        "artefact": artefacts_by_id(seen.engagement).get(str(found.artefact)),
        "halts": list(reversed(found.suspensions)),
        "my_halt": bool(found.suspensions)
        and found.suspensions[-1].organisation == seen.actor.organisation,
        "names": named(seen.actor, people_in([found])),
        "now": services().context.clock.now(),
    }
    return show(request, seen, "grant", page, problem=problem)


@require_POST
def revoke(request: HttpRequest, number: str, identifier: str) -> HttpResponse:
    """End a grant at once."""
    seen = see(request, number)
    allow(seen.actor, Action.REVIEW_GRANT)
    wanted = grant_of(seen, identifier).id

    def act() -> None:
        reason = given(request, "reason")
        granting.revoke_grant(services().context, seen.actor, wanted, reason=reason)

    def page(problem: Problem) -> HttpResponse:
        return _one(request, number, identifier, problem)

    return answer(request, page, act, said="The grant has ended.", to=("review_people", number))


@require_POST
def halt(request: HttpRequest, identifier: str) -> HttpResponse:
    """Halt a grant, with a written reason and the conditions for lifting it."""
    words = {"reason": given(request, "reason"), "conditions": given(request, "conditions")}

    def act(actor: Actor, found: GrantId) -> None:
        granting.suspend_grant(services().context, actor, found, **words)

    return _anyone(request, identifier, act, "Halted. The developer sees your reason now.")


@require_POST
def lift(request: HttpRequest, identifier: str) -> HttpResponse:
    """Lift an own halt, and say how its conditions were met."""
    note = given(request, "note")

    def act(actor: Actor, found: GrantId) -> None:
        granting.restore_grant(services().context, actor, found, note=note)

    return _anyone(request, identifier, act, "Lifted. The grant stands again.")


def _anyone(
    request: HttpRequest, identifier: str, act: Callable[[Actor, GrantId], None], said: str
) -> HttpResponse:
    """A step that every side may take; each goes back to where it came from."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_SUSPEND)
    reviews = services().reviews
    if actor.role is Role.PARTNER:
        act(actor, GrantId(identifier))
        messages.success(request, said)
        return redirect("reviews")
    found = reviews.grant(actor, GrantId(identifier))
    number = reviews.engagement(actor, found.engagement).number

    def page(problem: Problem) -> HttpResponse:
        return _one(request, number, identifier, problem)

    to = ("review_grant", number, identifier)
    return answer(request, page, lambda: act(actor, found.id), said=said, to=to)
