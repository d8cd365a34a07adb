"""A review with a system card, for the doors of sealed documents."""

from __future__ import annotations

from datetime import timedelta

from tests.adapters.api.conftest import Caller, Installation

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Budget, Purpose
from firstlight.core.review.model import Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.window import Audience
from firstlight.usecases.reviews import arranging, granting, opening


def home_of(caller: Caller) -> OrganisationId:
    """The caller's organisation."""
    assert caller.actor.organisation
    return caller.actor.organisation


def a_review(here: Installation) -> tuple[Engagement, Artefact]:
    """Opened by the developer, with the reviewer let in for a while."""
    context = here.context
    developer, reviewer = here.caller(Role.DEVELOPER), here.caller(Role.REVIEWER)
    lead, person = developer.actor, reviewer.actor.person
    assert person
    plan = Plan(
        release_form=ReleaseForm.API,
        anchor=Anchor.PARTNERS,
        partner_release=None,
        public_release=None,
        retention_days=0,
        legal_hold="",
        keeps_content=False,
        listed=False,
    )
    opened = opening.open_engagement(
        context, lead, name="Model X", version="1", size=DeveloperSize.SMALL, plan=plan
    )
    new = arranging.NewArtefact(kind=ArtefactKind.SYSTEM_CARD, name="The system card")
    card = arranging.add_artefact(context, lead, opened.id, new)
    terms = arranging.set_terms(context, lead, opened.id, changes={}).present_terms
    assert terms
    arranging.decide_office(
        context, here.accounts, lead, opened.id, office=home_of(reviewer), move="admit"
    )
    arranging.accept_terms(context, reviewer.actor, opened.id, digest_seen=terms.digest)
    until = Instant(context.clock.now().utc + timedelta(days=20))
    granting.give_grant(
        context,
        here.accounts,
        lead,
        opened.id,
        granting.NewGrant(
            audience=Audience.OFFICES,
            person=person,
            organisation=home_of(reviewer),
            artefact=card.id,
            purpose=Purpose.SAFEGUARD_TESTING,
            until=until,
            budget=Budget(requests=None, tokens=None, money=None),
        ),
    )
    window = arranging.set_window(context, lead, opened.id, audience=Audience.OFFICES, days=10)
    return window, card
