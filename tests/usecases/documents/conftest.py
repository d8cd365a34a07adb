"""A review with a system card, and the desk where documents are sealed, opened and marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.usecases.conftest import Bench
from tests.usecases.reviews.conftest import Review, make_review

from firstlight.adapters.vault.copies import MarkedCopies
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import presence
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.documents import Document
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId, PresenceId
from firstlight.core.review.presence import Presence
from firstlight.core.review.window import Audience
from firstlight.usecases.documents import reading, uploading
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.reviews import arranging

CARD = b"# System card\n\nWhat was measured, and how.\n"


@dataclass(frozen=True)
class Shelf:
    """A review, its system card, and shortcuts for what a test is not about."""

    review: Review
    desk: Desk
    engagement: Engagement
    card: Artefact
    grant: Grant

    def upload(self, content: bytes = CARD, name: str = "card.md", kind: str = "") -> Document:
        """By the developer."""
        return uploading.upload_document(
            self.review.context,
            self.desk,
            self.review.developer,
            self.engagement.id,
            self.card.id,
            name=name,
            media_type=kind,
            content=content,
        )

    def sit(self, grant: GrantId, person: PersonId | None) -> None:
        """Let exactly this person be present for the grant, fit or not; None for nobody."""
        context = self.review.context
        now = context.clock.now()
        with context.storage.begin() as work:
            for one in work.presences.of_grant(grant, now):
                work.presences.save(presence.end(one, now))
            if person is not None:
                work.presences.add(
                    Presence(
                        id=context.mint.new(PresenceId, now),
                        grant=grant,
                        person=person,
                        began=now,
                        until=now.plus(timedelta(minutes=presence.USUAL_MINUTES)),
                    )
                )

    def copy(self, document: Document, actor: Actor | None = None) -> reading.Copy:
        """Ask for a copy and fetch it."""
        who, context = actor or self.review.reviewer, self.review.context
        listed = reading.ask_copy(context, self.desk, who, document.id)
        return reading.read_copy(context, self.desk, who, listed.id)


def card_of(review: Review, identifier: EngagementId) -> Artefact:
    """A system card on the list."""
    new = arranging.NewArtefact(kind=ArtefactKind.SYSTEM_CARD, name="The system card")
    return arranging.add_artefact(review.context, review.developer, identifier, new)


def make_shelf(bench: Bench) -> Shelf:
    """A review in which the reviewer may read the system card for ten days."""
    review = make_review(bench)
    identifier = review.opened().id
    card = card_of(review, identifier)
    arranging.set_terms(review.context, review.developer, identifier, changes={})
    review.admit(identifier, review.reviewer)
    review.accept(identifier, review.reviewer)
    grant = review.grant(identifier, card)
    engagement = arranging.set_window(
        review.context, review.developer, identifier, audience=Audience.OFFICES, days=10
    )
    marks = MarkedCopies(bench.zone.parent / "keys" / "reader-marks")
    desk = Desk(vault=review.vault, marker=marks, accounts=review.accounts)
    return Shelf(review=review, desk=desk, engagement=engagement, card=card, grant=grant)


@pytest.fixture
def shelf(bench: Bench) -> Shelf:
    """On SQLite and on PostgreSQL in turn."""
    return make_shelf(bench)
