"""Endpoints, keys, presence and stopping, by the command line over real HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from benchmarks.gateway.installation import Installation, install
from tests.adapters.api.conftest import on_sqlite
from tests.adapters.cli.conftest import Ended
from tests.adapters.cli.test_remote import Desk, desk

from firstlight.adapters.gateway.review_desk import ReviewDesk
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.using import Part
from firstlight.usecases.accounts.entry import create_token, scopes_open_to
from firstlight.usecases.ports.gateway import (
    GrantRevoked,
    GrantSuspended,
    Opening,
    SecondPersonAbsent,
)

REAL_KEY = "sk-the-developers-own-0123456789"
__all__ = ["desk", "on_sqlite"]


@dataclass
class Site:
    """The command line, a review, and the desk that a gateway would ask."""

    line: Desk
    made: Installation
    gateway: ReviewDesk
    number: str

    def as_(self, actor: Actor) -> None:
        """Take a token of this person."""
        parts = self.line.installation
        token = create_token(
            parts.context,
            parts.accounts,
            actor,
            name="test",
            scopes=frozenset(action.value for action in scopes_open_to(actor)),
            expires_at=parts.context.clock.now().plus(timedelta(days=1)),
        )
        self.line.monkeypatch.setenv("FIRSTLIGHT_TOKEN", token.secret)

    def __call__(self, *arguments: str) -> Ended:
        """Run one command line."""
        return self.line(*arguments)

    def refusal(self, key: str) -> type[FirstlightError] | None:
        """What the gateway would say to this key."""
        now = self.line.installation.context.clock.now()
        try:
            self.gateway.admit(key, Dialect.OPENAI_CHAT, now)
        except FirstlightError as error:
            return type(error)
        return None

    def use(self, key: str) -> str:
        """One use without an end, of which the request is kept."""
        now = self.line.installation.context.clock.now
        admission = self.gateway.admit(key, Dialect.OPENAI_CHAT, now())
        use = self.gateway.open_use(
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
        self.gateway.keep(use, Part.REQUEST, b"asked")
        return str(use)


@pytest.fixture
def site(desk: Desk) -> Site:  # the fixture
    """A review in the server's database."""
    parts = desk.installation.parts
    made = install(
        parts,
        address="https://models.example.org",
        real_key=REAL_KEY,
        models=("recorded",),
        keeps_content=True,
    )
    with parts.context.storage.look() as work:
        number = work.engagements.get(made.engagement).number
    gateway = ReviewDesk(parts.context, desk.installation.accounts, parts.vault)
    return Site(desk, made, gateway, number)


def test_the_developers_way(site: Site) -> None:
    """Register, see, read what is kept, halt, resume, revoke: each as JSON and for people."""
    _, key = site.made.grant()
    use = site.use(key)
    site.as_(site.made.developer)
    secret = site.line.file("key.txt", "sk-another-real-key\n")
    where = (site.number, str(site.made.artefact.id))
    moved = site(
        *("use", "endpoint", *where, "--address", "https://other.example.org/v1"),
        *("--key-file", secret, "--price-in", "3", "--price-out", "15.5", "--json"),
    )
    assert moved.json()["address"] == "https://other.example.org"
    assert moved.json()["prices"] == {"input": 3_000_000, "output": 15_500_000}
    assert "sk-another" not in moved.out
    shown = site("use", "show", site.number, "--json").json()
    assert [one["id"] for one in shown["open"]] == [use]
    assert shown["tallies"][0]["requests"] == 1
    assert use in site("use", "list", site.number).out
    kept = site.line.folder / "asked"
    assert site("use", "content", site.number, use, "request", str(kept)).code == 0
    assert kept.read_bytes() == b"asked"
    assert site("use", "content", site.number, use, "response", str(kept)).code == 6
    halt = ("--reason", "A leak.", "--conditions", "It is shut.")
    assert site("use", "halt", site.number, *halt).out == "1 grants: halted.\n"
    assert site.refusal(key) is GrantSuspended
    assert site("use", "resume", site.number, "--note", "It is.", "--json").json() == {"grants": 1}
    assert site.refusal(key) is None
    assert site("use", "revoke-all", site.number).code == 4
    assert site("use", "revoke-all", site.number, "--yes").code == 0
    assert site.refusal(key) is GrantRevoked


def test_the_reviewers_way(site: Site) -> None:
    """A key, shown once; what is left; a second person who comes and goes."""
    second = site.made.join()
    assert second.person is not None
    grant, _ = site.made.grant(seconds=(second.person,))
    site.as_(site.made.reviewer)
    made = site("grant", "key", str(grant.id), "--json").json()
    assert made["number"] == 2
    assert site.refusal(made["key"]) is SecondPersonAbsent
    told = site("grant", "show", str(grant.id))
    assert "needed, and not there" in told.out
    assert made["key"] not in told.out
    assert site("grant", "present", str(grant.id)).code == 6, "not named as a second person"
    site.as_(second)
    assert str(grant.id) in site("grant", "seconded").out
    assert site("grant", "present", str(grant.id), "--minutes", "5").code == 0
    assert site.refusal(made["key"]) is None
    assert site("grant", "key", str(grant.id)).code == 6, "the grant is another person's"
    assert site("grant", "leave", str(grant.id)).out == "1 sessions ended.\n"
    assert site.refusal(made["key"]) is SecondPersonAbsent


def test_others_find_nothing(site: Site) -> None:
    """A colleague, and another developer: no such review, no such grant."""
    grant, key = site.made.grant()
    site.use(key)
    stranger = site.line.installation.newcomer(Role.DEVELOPER)
    for actor in (site.made.join(), stranger.actor):
        site.as_(actor)
        assert site("use", "show", site.number).code == 6
        assert site("use", "list", site.number).code == 6
        assert site("grant", "show", str(grant.id)).code == 6
