"""An installation with a developer, two offices and a partner, on each real database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.usecases.conftest import Bench

from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import (
    Actor,
    Membership,
    Organisation,
    OrganisationKind,
    Person,
    Role,
)
from firstlight.core.review.artefacts import Artefact, ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Budget, Grant, Purpose
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.model import Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.use import Admission
from firstlight.core.review.window import Audience
from firstlight.usecases.accounts.port import OrganisationRecord
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import arranging, granting, opening, use

if TYPE_CHECKING:
    from firstlight.adapters.identity.store import DjangoAccounts

UNLIMITED = Budget(requests=None, tokens=None, money=None)
PLAN = Plan(
    release_form=ReleaseForm.API,
    anchor=Anchor.PARTNERS,
    partner_release=None,
    public_release=None,
    retention_days=0,
    legal_hold="",
    keeps_content=False,
    listed=False,
)


@dataclass(frozen=True)
class Review:
    """People of every side, and shortcuts for what a test is not about."""

    bench: Bench
    accounts: DjangoAccounts
    vault: EngagementVault
    developer: Actor
    reviewer: Actor
    other_reviewer: Actor
    partner: Actor

    @property
    def context(self) -> Context:
        """The ports."""
        return self.bench.context

    @property
    def now(self) -> Instant:
        """What the clock says."""
        return self.bench.clock.now()

    def turn(self, **amount: float) -> None:
        """Turn the clock."""
        self.bench.clock.turn(timedelta(**amount))

    def somebody(self, kind: OrganisationKind, role: Role) -> Actor:
        """A person of a new, vetted organisation."""
        made = Organisation(
            id=self.context.mint.new(OrganisationId, self.now),
            name=f"An organisation {self.context.mint.random_bytes(4).hex()}",
            kind=kind,
            vetted_at=self.now,
        )
        with self.context.storage.begin():
            self.accounts.add_organisation(
                OrganisationRecord(organisation=made, requested_at=self.now)
            )
        return self.join(made.id, role)

    def join(self, organisation: OrganisationId, role: Role) -> Actor:
        """A new person of an organisation."""
        person = Person(
            id=self.context.mint.new(PersonId, self.now),
            name="Somebody",
            email=f"{self.context.mint.random_bytes(6).hex()}@example.org",
        )
        with self.context.storage.begin():
            self.accounts.add_person(person, None)
            self.accounts.add_membership(
                Membership(
                    person=person.id, organisation=organisation, role=role, started_at=self.now
                )
            )
        return Actor(role=role, person=person.id, organisation=organisation)

    def join_as(self, colleague: Actor) -> Actor:
        """A new person beside somebody."""
        assert colleague.organisation is not None
        return self.join(colleague.organisation, colleague.role)

    def opened(self, name: str = "Model X", version: str = "1.0") -> Engagement:
        """An engagement that its developer opened."""
        return opening.open_engagement(
            self.context,
            self.developer,
            name=name,
            version=version,
            size=DeveloperSize.SMALL,
            plan=PLAN,
        )

    def endpoint(self, identifier: EngagementId) -> Artefact:
        """An endpoint on its list."""
        new = arranging.NewArtefact(
            kind=ArtefactKind.ENDPOINT,
            name="The endpoint",
            safeguards=Safeguards.REDUCED,
            models=("model-x",),
            dialects=(Dialect.OPENAI_CHAT,),
        )
        return arranging.add_artefact(self.context, self.developer, identifier, new)

    def admit(self, identifier: EngagementId, office: Actor) -> None:
        """Take an office in."""
        assert office.organisation is not None
        arranging.decide_office(
            self.context,
            self.accounts,
            self.developer,
            identifier,
            office=office.organisation,
            move="admit",
        )

    def accept(self, identifier: EngagementId, actor: Actor) -> None:
        """Accept the present terms, if there are any."""
        with self.context.storage.begin() as work:
            terms = work.engagements.get(identifier).present_terms
        seen = terms.digest if terms else ""
        arranging.accept_terms(self.context, actor, identifier, digest_seen=seen)

    def grant(self, identifier: EngagementId, artefact: Artefact, **changes: object) -> Grant:
        """The reviewer's grant for forty days: longer than any window."""
        new: dict[str, object] = {
            "audience": Audience.OFFICES,
            "person": self.reviewer.person,
            "organisation": self.reviewer.organisation,
            "artefact": artefact.id,
            "purpose": Purpose.SAFEGUARD_TESTING,
            "until": self.now.plus(timedelta(days=40)),
            "budget": UNLIMITED,
        }
        return granting.give_grant(
            self.context,
            self.accounts,
            self.developer,
            identifier,
            granting.NewGrant(**(new | changes)),  # type: ignore[arg-type]  # fields by name
        )

    def running(self, days: int = 10) -> tuple[Engagement, Grant]:
        """An engagement in which the reviewer is let in for some days from now."""
        identifier = self.opened().id
        artefact = self.endpoint(identifier)
        arranging.set_terms(self.context, self.developer, identifier, changes={})
        self.admit(identifier, self.reviewer)
        self.accept(identifier, self.reviewer)
        grant = self.grant(identifier, artefact)
        engagement = arranging.set_window(
            self.context, self.developer, identifier, audience=Audience.OFFICES, days=days
        )
        return engagement, grant

    def check(self, grant: Grant, second: Actor | None = None) -> Admission:
        """Ask whether the grant's person is let in now."""
        return use.check_use(
            self.context,
            self.accounts,
            grant=grant.id,
            artefact=grant.artefact,
            now=self.now,
            second_person=second.person if second else None,
        )

    def stored(self, identifier: EngagementId) -> Engagement:
        """As it is stored."""
        with self.context.storage.begin() as work:
            return work.engagements.get(identifier)


def make_review(bench: Bench) -> Review:
    """People of every side in a fresh installation."""
    from firstlight.adapters.identity.store import DjangoAccounts  # noqa: PLC0415  # needs Django

    nobody = Actor(role=Role.ANONYMOUS)
    empty = Review(
        bench=bench,
        accounts=DjangoAccounts(),
        vault=EngagementVault(bench.zone.parent / "sealed-keys"),
        developer=nobody,
        reviewer=nobody,
        other_reviewer=nobody,
        partner=nobody,
    )
    return replace(
        empty,
        developer=empty.somebody(OrganisationKind.DEVELOPER, Role.DEVELOPER),
        reviewer=empty.somebody(OrganisationKind.AGENCY, Role.REVIEWER),
        other_reviewer=empty.somebody(OrganisationKind.AGENCY, Role.REVIEWER),
        partner=empty.somebody(OrganisationKind.PARTNER, Role.PARTNER),
    )


@pytest.fixture
def review(bench: Bench) -> Review:
    """On SQLite and on PostgreSQL in turn."""
    return make_review(bench)
