"""A running review whose endpoint is registered, and the real desk over it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from threading import current_thread, main_thread
from typing import Any

import pytest
from django.db import connection
from tests.usecases.conftest import Bench
from tests.usecases.reviews.conftest import PLAN, Review, make_review

from firstlight.adapters.gateway.review_desk import ReviewDesk
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.artefacts import ArtefactKind, Dialect, Safeguards
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.spending import MICRO, Prices
from firstlight.core.review.window import Audience
from firstlight.usecases.ports.gateway import Admission, Opening
from firstlight.usecases.reviews import arranging, opening
from firstlight.usecases.uses import endpoints, keys

ADDRESS = "https://endpoint.example"
REAL_KEY = "sk-the-developers-own-0123456789"
SALT = b"s" * 16


class ClosingDesk(ReviewDesk):
    """The real desk; connections of a test's own threads are closed after each call."""

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  # whatever the desk has
        """Wrap the port's methods."""
        found = super().__getattribute__(name)
        if name.startswith("_") or not callable(found):
            return found

        def call(*args: object, **named: object) -> object:
            try:
                return found(*args, **named)
            finally:
                if current_thread() is not main_thread():
                    connection.close()

        return call


@dataclass
class Uses:
    """The review, its desk, and shortcuts."""

    review: Review
    desk: ReviewDesk
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def now(self) -> Instant:
        """What the clock says."""
        return self.review.now

    def engagement(self, *, keeps_content: bool = False) -> EngagementId:
        """Open, with terms, an office, and a window of ten days from now."""
        review = self.review
        found = opening.open_engagement(
            review.context,
            review.developer,
            name=f"Model {review.context.mint.random_bytes(4).hex()}",
            version="1",
            size=DeveloperSize.SMALL,
            plan=replace(PLAN, keeps_content=keeps_content),
        )
        arranging.set_terms(review.context, review.developer, found.id, changes={})
        review.admit(found.id, review.reviewer)
        review.accept(found.id, review.reviewer)
        arranging.set_window(
            review.context, review.developer, found.id, audience=Audience.OFFICES, days=10
        )
        return found.id

    def grant(self, engagement: EngagementId, **changes: object) -> Grant:
        """For a registered endpoint that speaks OpenAI chat; the window ends before it does."""
        review = self.review
        artefact = arranging.add_artefact(
            review.context,
            review.developer,
            engagement,
            replace(NEW_ENDPOINT, models=("model",)),
        )
        endpoints.set_endpoint(
            review.context,
            review.vault,
            review.developer,
            engagement,
            artefact.id,
            address=ADDRESS,
            key=REAL_KEY,
            prices=Prices(input=MICRO, output=MICRO),
        )
        return review.grant(engagement, artefact, **changes)

    def key(self, grant: Grant, actor: Actor | None = None) -> str:
        """A fresh key of its person."""
        return keys.make_key(self.review.context, actor or self.review.reviewer, grant.id).key

    def second(self, engagement: EngagementId) -> Actor:
        """Somebody of the office who has accepted the terms."""
        office = self.review.reviewer.organisation
        assert office is not None
        found = self.review.join(office, Role.REVIEWER)
        self.review.accept(engagement, found)
        return found

    def admit(self, key: str) -> Admission:
        """By the desk, now."""
        return self.desk.admit(key, Dialect.OPENAI_CHAT, self.now)

    def opening(self, admission: Admission, **changes: object) -> Opening:
        """Of a small request, now."""
        usual = Opening(
            admission=admission,
            at=self.now,
            dialect=Dialect.OPENAI_CHAT,
            model="model",
            streamed=True,
            salt=SALT,
            request_digest=b"d" * 32,
            request_bytes=2,
            most_tokens=10,
        )
        return replace(usual, **changes)  # type: ignore[arg-type]  # fields by name


NEW_ENDPOINT = arranging.NewArtefact(
    kind=ArtefactKind.ENDPOINT,
    name="The endpoint",
    safeguards=Safeguards.REDUCED,
    models=("model",),
    dialects=(Dialect.OPENAI_CHAT,),
)


def make_uses(review: Review) -> Uses:
    """The real desk over a fresh installation."""
    return Uses(review=review, desk=ClosingDesk(review.context, review.accounts, review.vault))


@pytest.fixture
def uses(bench: Bench) -> Uses:
    """On SQLite and on PostgreSQL in turn."""
    return make_uses(make_review(bench))
