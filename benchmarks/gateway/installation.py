"""A whole installation in a folder: a developer, an office, a reviewer, and grants for an endpoint.

What `StaticDesk` is told in one row is here done as people do it: every grant is given in an open
engagement, under accepted terms, within a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import SYSTEM, Actor, OrganisationKind, Role
from firstlight.core.review.artefacts import Artefact, ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Budget, Grant, Purpose
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.model import Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.window import Audience
from firstlight.usecases.accounts.people import add_organisation, add_person
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.context import Context
from firstlight.usecases.ports.sealed import SealedVault
from firstlight.usecases.reviews import arranging, granting, opening
from firstlight.usecases.uses import endpoints, keys

UNLIMITED = Budget(requests=None, tokens=None, money=None)


class Parts(Protocol):
    """What is needed of a program that is open."""

    @property
    def context(self) -> Context:
        """As bootstrap opens it."""
        ...

    @property
    def accounts(self) -> AccountStore:
        """As bootstrap opens it."""
        ...

    @property
    def vault(self) -> SealedVault:
        """As bootstrap opens it."""
        ...


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What runs, and who is in it."""

    opened: Parts
    developer: Actor
    reviewer: Actor
    engagement: EngagementId
    artefact: Artefact

    def grant(
        self,
        *,
        seconds: Sequence[PersonId] = (),
        budget: Budget = UNLIMITED,
        until: timedelta = timedelta(days=20),
    ) -> tuple[Grant, str]:
        """One more for the reviewer, and its key."""
        opened, reviewer = self.opened, self.reviewer
        assert reviewer.person is not None
        assert reviewer.organisation is not None
        new = granting.NewGrant(
            audience=Audience.OFFICES,
            person=reviewer.person,
            organisation=reviewer.organisation,
            artefact=self.artefact.id,
            purpose=Purpose.SAFEGUARD_TESTING,
            until=opened.context.clock.now().plus(until),
            seconds=seconds,
            budget=budget,
        )
        given = granting.give_grant(
            opened.context, opened.accounts, self.developer, self.engagement, new
        )
        return given, keys.make_key(opened.context, reviewer, given.id).key

    def join(self) -> Actor:
        """One more person of the reviewer's office, who has accepted the terms."""
        opened, office = self.opened, self.reviewer.organisation
        assert office is not None
        person = add_person(
            opened.context,
            opened.accounts,
            SYSTEM,
            name="A colleague",
            email=f"{opened.context.mint.random_bytes(6).hex()}@example.org",
            organisation=office,
            role=Role.REVIEWER,
        )
        actor = Actor(role=Role.REVIEWER, person=person.id, organisation=office)
        self.accept(actor)
        return actor

    def accept(self, actor: Actor) -> None:
        """The present terms."""
        with self.opened.context.storage.look() as work:
            terms = work.engagements.get(self.engagement).present_terms
        assert terms is not None
        arranging.accept_terms(
            self.opened.context, actor, self.engagement, digest_seen=terms.digest
        )

    def revoke(self, grant: Grant) -> None:
        """The developer takes it back."""
        granting.revoke_grant(self.opened.context, self.developer, grant.id)


def install(
    opened: Parts,
    *,
    address: str,
    real_key: str,
    models: tuple[str, ...],
    keeps_content: bool = False,
) -> Installation:
    """People and an open engagement with a registered endpoint, in a fresh, migrated database."""
    developer = _somebody(opened, "Quiet Models", OrganisationKind.DEVELOPER, Role.DEVELOPER)
    reviewer = _somebody(opened, "Review Office", OrganisationKind.AGENCY, Role.REVIEWER)
    found = _engagement(opened, developer, keeps_content=keeps_content)
    artefact = arranging.add_artefact(
        opened.context,
        developer,
        found.id,
        arranging.NewArtefact(
            kind=ArtefactKind.ENDPOINT,
            name="The endpoint",
            safeguards=Safeguards.REDUCED,
            models=models,
            dialects=tuple(Dialect),
        ),
    )
    endpoints.set_endpoint(
        opened.context,
        opened.vault,
        developer,
        found.id,
        artefact.id,
        address=address,
        key=real_key,
        prices=None,
    )
    assert reviewer.organisation is not None
    arranging.decide_office(
        opened.context,
        opened.accounts,
        developer,
        found.id,
        office=reviewer.organisation,
        move="admit",
    )
    arranging.set_terms(opened.context, developer, found.id, changes={})
    arranging.set_window(opened.context, developer, found.id, audience=Audience.OFFICES, days=10)
    made = Installation(
        opened=opened,
        developer=developer,
        reviewer=reviewer,
        engagement=found.id,
        artefact=artefact,
    )
    made.accept(reviewer)
    return made


def _engagement(opened: Parts, developer: Actor, *, keeps_content: bool) -> Engagement:
    return opening.open_engagement(
        opened.context,
        developer,
        name="Model",
        version="1",
        size=DeveloperSize.SMALL,
        plan=Plan(
            release_form=ReleaseForm.API,
            anchor=Anchor.PARTNERS,
            partner_release=None,
            public_release=None,
            retention_days=0,
            legal_hold="",
            keeps_content=keeps_content,
            listed=False,
        ),
    )


def _somebody(opened: Parts, name: str, kind: OrganisationKind, role: Role) -> Actor:
    mark = opened.context.mint.random_bytes(4).hex()
    made = add_organisation(
        opened.context, opened.accounts, SYSTEM, name=f"{name} {mark}", kind=kind
    )
    home: OrganisationId = made.id
    person = add_person(
        opened.context,
        opened.accounts,
        SYSTEM,
        name=f"Somebody of {name}",
        email=f"{role.value}-{mark}@example.org",
        organisation=home,
        role=role,
    )
    return Actor(role=role, person=person.id, organisation=home)
