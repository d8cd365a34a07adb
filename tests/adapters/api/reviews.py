"""A review over the API: who is in it, and the bodies that a test is not about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.adapters.api.conftest import Caller, Installation
from tests.adapters.api.test_story import good

from firstlight.core.kernel.parties import Role
from firstlight.core.review.criteria import CRITERIA, NEWEST

if TYPE_CHECKING:
    from django.http import HttpResponse

PLAN: dict[str, Any] = {
    "release_form": "api",
    "anchor": "release-to-trusted-partners",
    "partner_release": "2027-01-15",
    "public_release": None,
    "retention_days": 0,
    "legal_hold": "",
    "keeps_content": False,
    "listed": False,
}
OPENING: dict[str, Any] = {"name": "Model X", "version": "1.0", "size": "small", "plan": PLAN}
ENDPOINT: dict[str, Any] = {
    "kind": "endpoint",
    "name": "The endpoint",
    "safeguards": "reduced",
    "models": ["model-x"],
    "dialects": ["openai-chat"],
}
MEETS = dict.fromkeys(CRITERIA[NEWEST].items, "yes, as our report of last year shows")
OBSERVATION = {"title": "It tells of a flaw", "text": "Asked twice, it names the flaw."}


def later(**amount: float) -> str:
    """A moment from now on."""
    return (datetime.now(UTC) + timedelta(**amount)).isoformat()


@dataclass(frozen=True)
class Desk:
    """An installation with a developer, an office and a partner."""

    made: Installation

    @property
    def developer(self) -> Caller:
        """Whose model it is."""
        return self.made.caller(Role.DEVELOPER)

    @property
    def reviewer(self) -> Caller:
        """Of an office."""
        return self.made.caller(Role.REVIEWER)

    @property
    def partner(self) -> Caller:
        """Of a partner organisation."""
        return self.made.caller(Role.PARTNER)

    def opened(self, **changes: object) -> dict[str, Any]:
        """A review that its developer opened."""
        found: dict[str, Any] = good(self.developer.post("/reviews", OPENING | changes), 201)
        return found

    def seen(self, review: str) -> dict[str, str]:
        """If-Match with what stands now."""
        return {"If-Match": self.developer.get(f"/reviews/{review}").headers["ETag"]}

    def change(self, review: str, what: str, body: object) -> HttpResponse:
        """A change by the developer, who looks first."""
        place = f"/reviews/{review}/{what}"
        return self.developer.post(place, body, headers=self.seen(review))

    def admit(self, review: str, office: Caller) -> None:
        """Take an office in."""
        place = f"/reviews/{review}/offices/{office.actor.organisation}"
        good(self.developer.post(place, {"move": "admit"}))

    def accept(self, review: str, caller: Caller) -> None:
        """Accept the present terms."""
        newest = good(caller.get(f"/reviews/{review}/terms"))["items"][0]
        good(caller.post(f"/reviews/{review}/acceptances", {"digest": newest["digest"]}))

    def grant(self, review: str, artefact: str, **changes: object) -> dict[str, Any]:
        """The reviewer's grant for forty days: longer than any window."""
        body = {
            "audience": "offices",
            "person": str(self.reviewer.actor.person),
            "organisation": str(self.reviewer.actor.organisation),
            "artefact": artefact,
            "purpose": "safeguard-testing",
            "until": later(days=40),
        }
        place = f"/reviews/{review}/grants"
        found: dict[str, Any] = good(self.developer.post(place, body | changes), 201)
        return found

    def running(self, days: int = 10) -> tuple[dict[str, Any], dict[str, Any]]:
        """A review in which the reviewer is let in, and the grant."""
        review = self.opened()["id"]
        endpoint = good(self.developer.post(f"/reviews/{review}/artefacts", ENDPOINT), 201)
        good(self.change(review, "terms", {}))
        self.admit(review, self.reviewer)
        self.accept(review, self.reviewer)
        grant = self.grant(review, endpoint["id"])
        window = {"audience": "offices", "days": days}
        return good(self.change(review, "windows", window)), grant

    def proposed(self, review: str) -> dict[str, Any]:
        """The partner, proposed by the developer."""
        body = {
            "organisation": str(self.partner.actor.organisation),
            "sector": "healthcare-and-public-health",
            "meets": MEETS,
        }
        place = f"/reviews/{review}/partners"
        found: dict[str, Any] = good(self.developer.post(place, body), 201)
        return found
