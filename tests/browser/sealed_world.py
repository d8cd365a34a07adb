"""A review with sealed documents, for the pages of developer and reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.browser.world import World

from firstlight.adapters.web.services import services
from firstlight.core.kernel.parties import SYSTEM, Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.documents import Document
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Budget, Purpose
from firstlight.core.review.model import Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.window import Audience
from firstlight.usecases.accounts.people import add_organisation, add_person
from firstlight.usecases.documents import uploading
from firstlight.usecases.reviews import arranging, granting, opening

CARD = b"# System card\n\nWhat was measured, and how.\n"
PEOPLE = (
    ("devel", OrganisationKind.DEVELOPER, Role.DEVELOPER),
    ("reader", OrganisationKind.AGENCY, Role.REVIEWER),
    ("stranger", OrganisationKind.AGENCY, Role.REVIEWER),
)


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A review in which the reader may read the system card for ten days."""

    review: Engagement
    card: Artefact
    logs: Artefact
    document: Document
    developer: Actor
    reader: Actor


def add_people(world: World) -> None:
    """A developer and two offices, once."""
    for name, kind, role in PEOPLE:
        if name in world.people:
            continue
        home = add_organisation(
            world.context, world.accounts, SYSTEM, name=f"Example {name}", kind=kind
        )
        person = add_person(
            world.context,
            world.accounts,
            SYSTEM,
            name=f"Kim {name.title()}",
            email=f"{name}@example.org",
            organisation=home.id,
            role=role,
        )
        world.people[name], world.homes[name] = person.id, home.id


def add_review(world: World, model: str = "Model X") -> Sealed:
    """Opened, with a window, a grant and one uploaded version."""
    add_people(world)
    context, developer = world.context, world.actor("devel", Role.DEVELOPER)
    reader = world.actor("reader", Role.REVIEWER)
    plan = Plan(
        release_form=ReleaseForm.API,
        anchor=Anchor.PARTNERS,
        partner_release=None,
        public_release=None,
        retention_days=30,
        legal_hold="",
        keeps_content=False,
        listed=False,
    )
    opened = opening.open_engagement(
        context, developer, name=model, version="1", size=DeveloperSize.SMALL, plan=plan
    )
    card = _artefact(world, opened, ArtefactKind.SYSTEM_CARD, "The system card")
    logs = _artefact(world, opened, ArtefactKind.EVALUATION_LOGS, "Runs of the first week")
    arranging.set_terms(context, developer, opened.id, changes={})
    arranging.decide_office(
        context, world.accounts, developer, opened.id, office=world.homes["reader"], move="admit"
    )
    with context.storage.begin() as work:
        terms = work.engagements.get(opened.id).present_terms
    assert terms
    arranging.accept_terms(context, reader, opened.id, digest_seen=terms.digest)
    granting.give_grant(
        context,
        world.accounts,
        developer,
        opened.id,
        granting.NewGrant(
            audience=Audience.OFFICES,
            person=world.people["reader"],
            organisation=world.homes["reader"],
            artefact=card.id,
            purpose=Purpose.SAFEGUARD_TESTING,
            until=context.clock.now().plus(timedelta(days=40)),
            budget=Budget(requests=None, tokens=None, money=None),
        ),
    )
    review = arranging.set_window(context, developer, opened.id, audience=Audience.OFFICES, days=10)
    document = uploading.upload_document(
        context,
        services().desk,
        developer,
        opened.id,
        card.id,
        name="card.md",
        media_type="",
        content=CARD,
    )
    return Sealed(
        review=review,
        card=card,
        logs=logs,
        document=document,
        developer=developer,
        reader=reader,
    )


def _artefact(world: World, opened: Engagement, kind: ArtefactKind, name: str) -> Artefact:
    developer = world.actor("devel", Role.DEVELOPER)
    new = arranging.NewArtefact(kind=kind, name=name)
    return arranging.add_artefact(world.context, developer, opened.id, new)
