"""An agency that offers, a hospital and a county that ask, on each real database."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from tests.usecases.conftest import Bench
from tests.usecases.reviews.conftest import Review, make_review

from firstlight.core.kernel.parties import Actor, OrganisationKind, Role
from firstlight.core.review.criteria import Sector
from firstlight.core.review.tools.access import ToolGrant
from firstlight.core.review.tools.asking import ToolRequest
from firstlight.core.review.tools.eligibility import ELIGIBILITY, NEWEST, AskerKind, Defence
from firstlight.core.review.tools.offers import Offer, OfferKind
from firstlight.usecases.tools import asking, deciding, offering

MEETS = dict.fromkeys(ELIGIBILITY[NEWEST].items, "We do.")
SYSTEMS = ("patient records", "infusion pumps")


@dataclass(frozen=True)
class Tools:
    """People of every side, and shortcuts for what a test is not about."""

    review: Review
    hospital: Actor
    county: Actor
    agency: Actor = field(init=False)

    def __post_init__(self) -> None:
        """The reviewer's agency offers."""
        object.__setattr__(self, "agency", self.review.reviewer)

    def offered(self, actor: Actor | None = None, /, **changes: object) -> Offer:
        """A scanner for hospitals and counties, answered within five days."""
        new: dict[str, object] = {
            "kind": OfferKind.TOOL,
            "title": "A scanner",
            "text": "Looks for known flaws in the systems that you name.",
            "askers": (AskerKind.RURAL_HOSPITAL, AskerKind.LOCAL_AUTHORITY),
            "purposes": (Defence.FIND_FLAWS, Defence.PRIORITISE),
            "answer_days": 5,
            "grant_days": 90,
            "delivery": "https://tools.example.gov/scanner, with the code 4711",
        }
        made = offering.NewOffer(**(new | changes))  # type: ignore[arg-type]  # fields by name
        return offering.publish_offer(self.review.context, actor or self.agency, made)

    def asked(self, offer: Offer, actor: Actor | None = None, /, **changes: object) -> ToolRequest:
        """The hospital's request for flaw finding in two systems."""
        new: dict[str, object] = {
            "kind": AskerKind.RURAL_HOSPITAL,
            "sector": Sector.HEALTHCARE,
            "systems": SYSTEMS,
            "purposes": (Defence.FIND_FLAWS,),
            "text": "We have nobody who does this by hand.",
            "meets": MEETS,
        }
        made = asking.NewRequest(**(new | changes))  # type: ignore[arg-type]  # fields by name
        return asking.ask(
            self.review.context, self.review.accounts, actor or self.hospital, offer.id, made
        )

    def answered(
        self, request: ToolRequest, move: str, actor: Actor | None = None, **more: object
    ) -> deciding.Decided:
        """By the agency, with a reason."""
        given: dict[str, object] = {"reason": "We looked at it."} | more
        return deciding.answer_request(
            self.review.context,
            self.review.accounts,
            actor or self.agency,
            request.id,
            move=move,
            **given,  # type: ignore[arg-type]  # parameters by name
        )

    def granted(self) -> ToolGrant:
        """The hospital's grant of the scanner."""
        grant = self.answered(self.asked(self.offered()), "grant").grant
        assert grant is not None
        return grant


def make_tools(bench: Bench) -> Tools:
    """People of every side in a fresh installation."""
    review = make_review(bench)
    return Tools(
        review=review,
        hospital=review.somebody(OrganisationKind.OPERATOR, Role.OPERATOR),
        county=review.somebody(OrganisationKind.AUTHORITY, Role.OPERATOR),
    )


@pytest.fixture
def tools(bench: Bench) -> Tools:
    """On SQLite and on PostgreSQL in turn."""
    return make_tools(bench)
