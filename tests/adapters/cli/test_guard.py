"""The outbound guard at the command line, over real HTTP."""

from __future__ import annotations

from tests.adapters.api.conftest import on_sqlite
from tests.adapters.cli.test_remote import Desk, desk

from firstlight.adapters.api.services import services
from firstlight.core.kernel.parties import Role
from firstlight.usecases.guard.messages import let_out
from firstlight.usecases.ports import Message

__all__ = ["desk", "on_sqlite"]


def held_text(key: str) -> str:
    """A mail that waits; its verdict."""
    context = services().context
    body = "The password: a1b2c3! Ask finder@elsewhere.example."
    mail = Message(kind="mail", to="nobody@example.net", subject="News", body=body, key=key)
    assert let_out(context, mail) is None
    with context.storage.begin() as work:
        kept = work.guard.newest_of(f"mail {key}")
    assert kept is not None
    return str(kept.id)


def test_from_what_waits_to_a_decision(desk: Desk) -> None:
    """Listed, shown with what was found, refused with a reason, and then no more in the list."""
    desk.as_(Role.COORDINATOR)
    assert "Nothing waits." in desk("guard", "held").out
    verdict, other = held_text("one"), held_text("two")
    assert {verdict, other} <= set(desk("guard", "held").out.split())
    told = desk("guard", "show", verdict).out
    for part in ("hold: ", "nobody@example.net", "a1b2c3", "personal", "password"):
        assert part in told
    assert desk("guard", "refuse", verdict, "--reason", "x").code == 4
    refused = desk("guard", "refuse", verdict, "--reason", "Passwords are not sent.")
    assert refused.out == f"{verdict} is refused.\n"
    released = desk("guard", "release", other, "--reason", "A demonstration.", "--json").json()
    assert (released["state"], released["reason"]) == ("released", "A demonstration.")
    assert "Nothing waits." in desk("guard", "held").out
    assert desk("guard", "release", verdict, "--reason", "On second thoughts.").code == 5
    everything = desk("guard", "held", "--state", "all", "--json").json()["items"]
    assert {each["state"] for each in everything} == {"refused", "released"}
    assert desk("guard", "release", other, "--rewritten", "--reason", "Again, then.").code == 5


def test_nobody_else_decides(desk: Desk) -> None:
    """A finder's token opens nothing here."""
    desk.as_(Role.FINDER)
    verdict = held_text("three")
    assert desk("guard", "held").code == 3
    assert desk("guard", "show", verdict).code == 3
    assert desk("guard", "release", verdict, "--reason", "Because I can.").code == 3
