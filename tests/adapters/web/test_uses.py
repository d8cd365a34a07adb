"""The page of uses and the page of a grant, by those who may and those who may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from itertools import count

import pytest
from benchmarks.gateway.installation import Installation, install
from django.test import Client
from tests.browser.world import World

from firstlight.adapters.gateway.review_desk import ReviewDesk
from firstlight.adapters.web.services import services
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.grants import Budget, Grant
from firstlight.core.review.spending import Counted, Usage
from firstlight.core.review.using import Closing, Outcome
from firstlight.usecases.ports.gateway import GrantSuspended, KeyUnknown, Opening

REAL_KEY = "sk-the-developers-own-0123456789"
_NUMBERS = count()


@dataclass(frozen=True, kw_only=True)
class Site:
    """An installation with a review, and its desk."""

    world: World
    made: Installation
    desk: ReviewDesk
    number: str

    def enter(self, signed_in: Callable[[str], Client], who: Actor) -> Client:
        """A client of this person."""
        name = f"somebody{next(_NUMBERS)}"
        assert who.person is not None
        self.world.people[name] = who.person
        return signed_in(name)

    def use(self, key: str, *, tokens: int | None = 500) -> None:
        """One use, closed unless `tokens` is None."""
        now = self.world.context.clock.now
        admission = self.desk.admit(key, Dialect.OPENAI_CHAT, now())
        use = self.desk.open_use(
            Opening(
                admission=admission,
                at=now(),
                dialect=Dialect.OPENAI_CHAT,
                model="recorded",
                streamed=False,
                salt=b"s" * 16,
                request_digest=b"d" * 32,
                request_bytes=2,
                most_tokens=10,
            )
        )
        if tokens is not None:
            usage = Usage(input_tokens=tokens - 1, output_tokens=1, counted=Counted.REPORTED)
            self.desk.close_use(
                use,
                Closing(
                    at=now(),
                    outcome=Outcome.COMPLETE,
                    reason="",
                    status=200,
                    response_digest=b"d" * 32,
                    response_bytes=2,
                    usage=usage,
                    cost=None,
                ),
            )

    def admits(self, key: str) -> None:
        """Ask the desk. Raises as it does."""
        self.desk.admit(key, Dialect.OPENAI_CHAT, self.world.context.clock.now())


@pytest.fixture(scope="module")
def site(world: World) -> Site:
    """One review for the whole module."""
    parts = services()
    made = install(
        parts, address="https://models.example.org", real_key=REAL_KEY, models=("recorded",)
    )
    with world.context.storage.look() as work:
        number = work.engagements.get(made.engagement).number
    desk = ReviewDesk(world.context, world.accounts, parts.vault)
    return Site(world=world, made=made, desk=desk, number=number)


def secret_in(page: str) -> str:
    """The key that a page shows."""
    found = re.search(r"flg_[A-Za-z0-9_-]{43}", page)
    assert found
    return found.group()


def own(client: Client, grant: Grant) -> str:
    """Make a key on the page."""
    answer = client.post(f"/my-access/{grant.id}/key/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return secret_in(answer.content.decode())


def test_a_reviewer_makes_a_key_and_it_opens(
    site: Site, signed_in: Callable[[str], Client]
) -> None:
    """Shown once, with how to point a client at the gateway; a second one stops the first."""
    grant, _ = site.made.grant(budget=Budget(requests=5, tokens=1000, money=None))
    client = site.enter(signed_in, site.made.reviewer)
    key = own(client, grant)
    site.use(key)
    page = unescape(client.get(f"/my-access/{grant.id}/").content.decode())
    assert "flg_" in page
    assert key not in page
    assert 'base_url="http://gateway.example/v1"' in page
    assert ">4<" in page, "requests that are left"
    assert ">500<" in page, "tokens that are left"
    newer = own(client, grant)
    site.admits(newer)
    with pytest.raises(KeyUnknown):
        site.admits(key)


def test_the_developer_sees_use_live_and_stops_it(
    site: Site, signed_in: Callable[[str], Client]
) -> None:
    """Chart, table, what runs now; the page's tag changes with a use; one button halts all."""
    _, key = site.made.grant()
    client = site.enter(signed_in, site.made.developer)
    where = f"/reviews/{site.number}/use/"
    tag = client.get(f"{where}news/").headers["ETag"]
    assert client.get(f"{where}news/", headers={"If-None-Match": tag}).status_code == 304
    site.use(key, tokens=None)
    assert client.get(f"{where}news/", headers={"If-None-Match": tag}).status_code == 204
    page = unescape(client.get(where).content.decode())
    for seen in ("<svg", "Somebody of Review Office", "safeguard testing", "no end yet"):
        assert seen in page
    assert REAL_KEY not in page
    done = client.post(
        f"{where}stop/", {"how": "halt", "reason": "A leak.", "conditions": "It is shut."}
    )
    assert done.status_code == 302
    with pytest.raises(GrantSuspended):
        site.admits(key)
    assert client.post(f"{where}stop/", {"how": "resume", "note": "It is."}).status_code == 302
    site.admits(key)


def test_revoking_all_needs_a_tick(site: Site, signed_in: Callable[[str], Client]) -> None:
    """What cannot be taken back is not one slip of the hand away; a halt needs its words."""
    _, key = site.made.grant()
    client = site.enter(signed_in, site.made.developer)
    where = f"/reviews/{site.number}/use/stop/"
    for slip in ({"how": "revoke"}, {"how": ""}, {"how": "halt", "reason": " "}):
        assert client.post(where, slip).status_code == 400
    site.admits(key)


def test_an_endpoint_is_registered_and_its_key_is_never_shown(
    site: Site, signed_in: Callable[[str], Client]
) -> None:
    """The address changes, the key stays when the field is empty; a bad address says so."""
    client = site.enter(signed_in, site.made.developer)
    where = f"/reviews/{site.number}/use/endpoints/{site.made.artefact.id}/"
    moved = {"address": "https://other.example.org", "price_in": "3", "price_out": "15"}
    assert client.post(where, moved).status_code == 302
    page = client.get(f"/reviews/{site.number}/use/").content.decode()
    assert "https://other.example.org" in page
    assert 'value="15"' in page
    for wrong in ({"address": "ftp://x", "key": "sk-something"}, {**moved, "price_out": "a"}):
        answer = client.post(where, wrong)
        assert answer.status_code == 400
        assert b"sk-something" not in answer.content
    assert REAL_KEY not in page


def test_a_second_person_comes_and_leaves(site: Site, signed_in: Callable[[str], Client]) -> None:
    """On the same address, signed in as themselves; they get no key."""
    second = site.made.join()
    assert second.person is not None
    grant, key = site.made.grant(seconds=(second.person,))
    client = site.enter(signed_in, second)
    where = f"/my-access/{grant.id}/"
    page = client.get(where).content.decode()
    assert "nobody is present" in page
    assert "Make a key" not in page
    assert client.post(f"{where}key/").status_code == 404
    assert client.post(f"{where}presence/", {"how": "come", "minutes": "10"}).status_code == 302
    site.admits(key)
    assert "Leave now" in client.get(where).content.decode()
    assert client.post(f"{where}presence/", {"how": "leave"}).status_code == 302
    assert "nobody is present" in client.get(where).content.decode()


def test_others_see_nothing(site: Site, signed_in: Callable[[str], Client]) -> None:
    """A colleague of the office has neither page; the reviewer's own uses are theirs alone."""
    grant, key = site.made.grant()
    site.use(key)
    colleague = site.enter(signed_in, site.made.join())
    assert colleague.get(f"/my-access/{grant.id}/").status_code == 404
    assert colleague.get(f"/reviews/{site.number}/use/").status_code == 404
    reviewer = site.enter(signed_in, site.made.reviewer)
    page = reviewer.get(f"/reviews/{site.number}/use/").content.decode()
    assert "Stop everything" not in page
    assert "Where your endpoints are" not in page
    assert reviewer.post(f"/reviews/{site.number}/use/stop/", {"how": "halt"}).status_code == 403
