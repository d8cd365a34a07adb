"""A review with a system card, and the desk where documents are sealed, opened and marked."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from tests.usecases.conftest import Bench
from tests.usecases.reviews.conftest import Review, make_review

from firstlight.adapters.vault.copies import MarkedCopies
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.artefacts import Artefact, ArtefactKind
from firstlight.core.review.documents import Document
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId, GrantId
from firstlight.core.review.window import Audience
from firstlight.usecases.documents import reading, uploading
from firstlight.usecases.documents.desk import Desk
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews import arranging

CARD = b"# System card\n\nWhat was measured, and how.\n"


@dataclass
class Chair:
    """Where a second person may sit."""

    person: PersonId | None = None
    asked: list[GrantId] = field(default_factory=list)

    def __call__(self, work: UnitOfWork, grant: GrantId, now: Instant) -> PersonId | None:
        """Whoever sits there, as the running unit of work sees it."""
        assert work.grants.get(grant).given_at <= now
        self.asked.append(grant)
        return self.person


@dataclass(frozen=True)
class Shelf:
    """A review, its system card, and shortcuts for what a test is not about."""

    review: Review
    desk: Desk
    chair: Chair
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
    review, chair = make_review(bench), Chair()
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
    desk = Desk(vault=review.vault, marker=marks, accounts=review.accounts, present=chair)
    return Shelf(
        review=review, desk=desk, chair=chair, engagement=engagement, card=card, grant=grant
    )


@pytest.fixture
def shelf(bench: Bench) -> Shelf:
    """On SQLite and on PostgreSQL in turn."""
    return make_shelf(bench)
