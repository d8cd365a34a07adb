"""Defensive tools and participants at the command line, over real HTTP."""

from __future__ import annotations

import pytest
from tests.adapters.api.conftest import on_sqlite
from tests.adapters.cli.test_remote import Desk, desk

from firstlight.core.kernel.parties import Role
from firstlight.core.review.tools.eligibility import ELIGIBILITY, NEWEST

__all__ = ["desk", "on_sqlite"]
OFFER = (
    *("tool", "offer", "--title", "A scanner", "--text", "Finds known flaws"),
    *("--for", "rural-hospital", "--purpose", "find-flaws", "--answer-days", "5"),
    *("--grant-days", "90", "--delivery", "https://tools.example.gov/scanner"),
)
ASK = (
    *("--kind", "rural-hospital", "--sector", "healthcare-and-public-health"),
    *("--system", "patient records", "--purpose", "find-flaws", "--text", "We have nobody"),
    *(part for name in ELIGIBILITY[NEWEST].items for part in ("--meets", f"{name}=We do.")),
)
USE = ("--purpose", "find-flaws", "--system", "patient records")


def asked(desk: Desk) -> tuple[str, str]:
    """Identifiers of an offer and of a request for it."""
    desk.as_(Role.REVIEWER)
    offer = desk(*OFFER, "--json").json()["id"]
    desk.as_(Role.OPERATOR)
    return offer, desk("tool", "ask", offer, *ASK, "--json").json()["id"]


def test_from_the_offer_to_the_use(desk: Desk) -> None:
    """As people read it: what is offered, by when it is answered, how to get it, who waited."""
    offer, request = asked(desk)
    shown = desk("tool", "show", offer).out
    assert "told to those who hold a grant" in shown
    assert "answers-for" in shown
    assert "tools.example.gov" not in desk("tool", "list").out + shown
    line = next(one for one in desk("tool", "requests").out.splitlines() if request in one)
    assert "asked" in line
    desk.as_(Role.REVIEWER)
    assert desk("tool", "answer", request, "--move", "grant").out == f"{request}: granted\n"
    desk.as_(Role.OPERATOR)
    used = desk("tool", "use", request, *USE, "--note", "a first look").out.splitlines()
    assert used[1] == "https://tools.example.gov/scanner"
    told = desk("tool", "request", request).out
    for part in ("a first look", "active", "patient records"):
        assert part in told
    assert desk("tool", "return", request).out == f"{request}: granted\n"
    assert desk("tool", "use", request, *USE).code == 3
    row = next(
        one for one in desk("tool", "waiting").out.splitlines() if one.startswith("rural-hospital")
    )
    assert row.split()[:4] == ["rural-hospital", "1", "0", "0"]


def test_refused_appealed_and_taken_back(desk: Desk) -> None:
    """Each step by its own word; what is not possible says what is."""
    offer, request = asked(desk)
    desk.as_(Role.REVIEWER)
    assert desk("tool", "answer", request, "--move", "refuse").code == 4
    line = ("tool", "answer", request, "--move", "refuse", "--reason", "Too vague.")
    assert desk(*line).out == f"{request}: refused\n"
    desk.as_(Role.OPERATOR)
    assert desk("tool", "appeal", request, "--text", "One server.").code == 0
    assert desk("tool", "take-back", request).out == f"{request}: taken-back\n"
    ended = desk("tool", "take-back", request)
    assert ended.code == 5
    assert "Possible now: nothing" in ended.err
    desk.as_(Role.REVIEWER)
    assert desk("tool", "withdraw", offer, "--reason", "replaced").code == 0
    desk.as_(Role.OPERATOR)
    assert "Nothing is offered yet" in desk("tool", "list").out


def test_a_grant_until_a_day_is_revoked(desk: Desk) -> None:
    """The day's first moment in UTC is outside; a day in the past is refused."""
    _, request = asked(desk)
    desk.as_(Role.REVIEWER)
    line = ("tool", "answer", request, "--move", "grant", "--until")
    assert desk(*line, "2020-01-01").code == 4
    granted = desk(*line, "2999-01-01")
    assert granted.code == 4
    assert "the offer allows" in granted.err
    assert desk(*line[:-1]).code == 0
    assert desk("tool", "revoke", request, "--reason", "It leaked.").code == 0
    desk.as_(Role.OPERATOR)
    assert "It leaked." in desk("tool", "request", request).out


@pytest.mark.parametrize("more", [("--meets", "contact"), ("--meets", "contact=")])
def test_what_is_no_request(desk: Desk, more: tuple[str, str]) -> None:
    """Said before or by the server; invalid either way."""
    desk.as_(Role.REVIEWER)
    offer = desk(*OFFER, "--json").json()["id"]
    desk.as_(Role.OPERATOR)
    assert desk("tool", "ask", offer, *ASK, *more).code == 4


def test_the_register_of_participants(desk: Desk) -> None:
    """Entered, listed, left."""
    assert "Nobody has chosen" in desk("participant", "list").out
    desk.as_(Role.DEVELOPER)
    line = ("participant", "enter", "--scope", "Reviews", "--since", "2026-09-01")
    assert desk(*line).code == 4
    assert desk(*line, "--size", "small").code == 0
    (row,) = desk("participant", "list", "--json").json()["items"]
    assert (row["role"], row["size"]) == ("developer", "small")
    assert desk("participant", "leave").code == 0
    assert desk("participant", "leave").code == 5
    assert "Nobody has chosen" in desk("participants", "list").out
