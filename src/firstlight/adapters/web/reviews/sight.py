"""One engagement as its reader sees it, and the frame around each of its pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from firstlight.adapters.web.names import Known
from firstlight.adapters.web.reviews.forms import Problem, status
from firstlight.adapters.web.services import actor_of, services
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import GrantId
from firstlight.usecases.access.table import Action, allow

PLACES = (
    ("Overview", "review"),
    ("What is shown", "review_artefacts"),
    ("Terms", "review_terms"),
    ("Windows", "review_windows"),
    ("People", "review_people"),
    ("Partners", "review_partners"),
    ("Advice", "review_advice"),
    ("Covered?", "review_questions"),
    ("Documents", "review_documents"),
    ("Use", "review_use"),
    ("Who saw what", "review_history"),
    ("Record", "review_record"),
)
"""parts of an engagement: what the link says, and the name of an address that takes its number"""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """An engagement that the reader may see."""

    actor: Actor
    engagement: Engagement

    @property
    def mine(self) -> bool:
        """Whether the reader is its developer."""
        return (
            self.actor.role is Role.DEVELOPER
            and self.actor.organisation == self.engagement.model.developer
        )


def see(request: HttpRequest, number: str) -> Sight:
    """Raises Missing, Refused, NotSignedIn."""
    actor = actor_of(request)
    allow(actor, Action.REVIEW_READ)
    found = services().reviews.engagement_by_number(actor, number)
    return Sight(actor=actor, engagement=found)


def grant_of(seen: Sight, identifier: str) -> Grant:
    """A grant of this engagement. Raises Missing."""
    grant = services().reviews.grant(seen.actor, GrantId(identifier))
    if grant.engagement != seen.engagement.id:
        raise Missing(f"there is no {grant.id} in this engagement")
    return grant


def show(
    request: HttpRequest,
    seen: Sight,
    template: str,
    page: Mapping[str, object],
    *,
    problem: Problem | None = None,
) -> HttpResponse:
    """A page of an engagement within its frame; after a refused form, with what was typed."""
    number = seen.engagement.number
    addresses = [(label, reverse(name, args=[number])) for label, name in PLACES]
    here = [address for _, address in addresses if request.path.startswith(address)][-1:]
    frame = {
        "engagement": seen.engagement,
        "mine": seen.mine,
        "parts": [(label, address, address in here) for label, address in addresses],
        "developer_name": organisation_name(seen.engagement.model.developer),
        "problem": problem,
        "given": request.POST if problem else {},
        **page,
    }
    return render(request, f"web/review/{template}.html", frame, status=status(problem))


def organisation_name(identifier: object) -> str:
    """The name of an organisation that the reader knows to take part."""
    name, _ = services().door.known([str(identifier)]).get(str(identifier), ("", None))
    return name


def named(reader: Actor, labels: Iterable[object]) -> Mapping[str, Known]:
    """People and organisations of an engagement that the reader may see, by name.

    In a review access is personal: those who take part know each other by name. The caller has
    read the labels from something that this reader may see.
    """
    wanted = {str(label) for label in labels if label}
    known = services().door.known(wanted)
    found = {label: Known(words=name) for label, (name, _) in known.items()}
    if reader.person is not None and str(reader.person) in wanted:
        found[str(reader.person)] = Known(words="you")
    return found


def artefacts_by_id(engagement: Engagement) -> Mapping[str, Artefact]:
    """Every artefact that was ever listed."""
    return {str(each.id): each for each in engagement.artefacts}


def people_in(grants: Iterable[Grant]) -> Iterable[object]:
    """Everybody whom grants name."""
    for each in grants:
        yield from (each.person, each.organisation, each.given_by, *each.seconds)
        for halt in each.suspensions:
            yield from (halt.by, halt.organisation, halt.lifted_by)
