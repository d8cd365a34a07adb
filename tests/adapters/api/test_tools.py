"""Defensive tools and the register of participants over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.adapters.api.conftest import Caller, Installation
from tests.adapters.api.test_errors import problem
from tests.adapters.api.test_story import good

from firstlight.core.kernel.parties import Role
from firstlight.core.review.tools.eligibility import ELIGIBILITY, NEWEST

OFFER = {
    "kind": "tool",
    "title": "A scanner",
    "text": "Looks for known flaws in the systems that you name.",
    "askers": ["rural-hospital", "utility"],
    "purposes": ["find-flaws", "prioritise"],
    "answer_days": 5,
    "grant_days": 90,
    "delivery": "https://tools.example.gov/scanner",
}
REQUEST = {
    "kind": "rural-hospital",
    "sector": "healthcare-and-public-health",
    "systems": ["patient records"],
    "purposes": ["find-flaws"],
    "text": "We have nobody who does this by hand.",
    "meets": dict.fromkeys(ELIGIBILITY[NEWEST].items, "We do."),
}
USE = {"purpose": "find-flaws", "system": "patient records"}
ENTRY = {"scope": "Reviews of our models.", "since": "2026-09-01", "size": "small"}


@dataclass(frozen=True)
class Sides:
    """Who offers and who asks, and the places of both."""

    agency: Caller
    hospital: Caller
    offer: str
    request: str


def asked(installation: Installation) -> Sides:
    """An offer, and a request for it."""
    agency, hospital = installation.caller(Role.REVIEWER), installation.caller(Role.OPERATOR)
    offer = good(agency.post("/tools", OFFER), 201)["id"]
    request = good(hospital.post(f"/tools/{offer}/requests", REQUEST), 201)["id"]
    return Sides(
        agency=agency,
        hospital=hospital,
        offer=f"/tools/{offer}",
        request=f"/tool-requests/{request}",
    )


def test_from_the_offer_to_the_use(installation: Installation) -> None:
    """On both databases: published, asked for, granted, used, given back."""
    sides = asked(installation)
    stranger = installation.caller(Role.ANONYMOUS)
    (listed,) = good(stranger.get("/tools"))["items"]
    assert (listed["title"], listed["own"]) == ("A scanner", False)
    assert "tools.example.gov" not in str(listed)
    assert good(sides.agency.get(sides.offer))["delivery"] == OFFER["delivery"]
    (waiting,) = good(sides.agency.get("/tool-requests?state=asked"))["items"]
    assert (waiting["moves"], waiting["late"]) == (["grant", "refuse"], False)
    assert waiting["due"] == waiting["answer_by"]
    answer = {"move": "grant"}
    granted = good(sides.agency.post(f"{sides.request}/answers", answer))
    assert granted["grant"]["state"] == "active"
    assert granted["moves"] == ["revoke"]
    handed = good(sides.hospital.post(f"{sides.request}/uses", USE), 201)
    assert handed["delivery"] == OFFER["delivery"]
    for side in (sides.agency, sides.hospital):
        assert good(side.get(f"{sides.request}/uses"))["items"] == [handed["use"]]
    given = good(sides.hospital.post(f"{sides.request}/return"))
    assert given["grant"]["state"] == "ended"
    problem(sides.hospital.post(f"{sides.request}/uses", USE), 403, "review.use_denied")
    rows = good(stranger.get("/tool-answer-times"))["items"]
    row = next(one for one in rows if one["kind"] == "rural-hospital")
    assert (row["answered"], row["waiting"], row["late"]) == (1, 0, 0)


def test_refused_appealed_revoked(on_sqlite: Installation) -> None:
    """Each with its words, and the steps that are possible named."""
    sides = asked(on_sqlite)
    answers = f"{sides.request}/answers"
    problem(sides.agency.post(answers, {"move": "refuse"}), 400, "review.unwritten")
    refused = good(sides.agency.post(answers, {"move": "refuse", "reason": "Too vague."}))
    assert refused["answers"][0]["reason"] == "Too vague."
    assert good(sides.hospital.get(sides.request))["moves"] == ["appeal"]
    appeal = {"text": "It is a single server."}
    appealed = good(sides.hospital.post(f"{sides.request}/appeals", appeal))
    assert appealed["due"] == appealed["appeals"][0]["answer_by"]
    wrong = sides.agency.post(answers, {"move": "grant"})
    problem(wrong, 409, "state.move_not_allowed")
    yes = {"move": "grant-appeal", "reason": "Now it is clear."}
    assert good(sides.agency.post(answers, yes))["state"] == "granted"
    over = good(sides.agency.post(f"{sides.request}/revocation", {"reason": "It leaked."}))
    assert over["grant"]["ended_because"] == "It leaked."
    withdrawn = good(sides.agency.post(f"{sides.offer}/withdrawal", {"reason": "Replaced."}))
    assert withdrawn["state"] == "withdrawn"
    again = sides.hospital.post(f"{sides.offer}/requests", REQUEST)
    problem(again, 409, "state.conflict")


def test_a_request_that_is_taken_back(on_sqlite: Installation) -> None:
    """Only while it waits; and there is no grant to use, give back or revoke."""
    sides = asked(on_sqlite)
    problem(sides.hospital.post(f"{sides.request}/uses", USE), 404, "state.missing")
    good(sides.hospital.post(f"{sides.request}/withdrawal"))
    again = sides.hospital.post(f"{sides.request}/withdrawal")
    problem(again, 409, "state.move_not_allowed")


def test_others_see_nothing_of_it(on_sqlite: Installation) -> None:
    """Another agency, another hospital, a developer: not in a list, and not by name."""
    sides = asked(on_sqlite)
    others = [on_sqlite.newcomer(role) for role in (Role.REVIEWER, Role.OPERATOR, Role.DEVELOPER)]
    for other in others:
        assert good(other.get("/tool-requests"))["items"] == []
        problem(other.get(sides.request), 404, "state.missing")
        problem(other.get(f"{sides.request}/uses"), 404, "state.missing")
    problem(others[0].post(f"{sides.request}/answers", {"move": "grant"}), 404, "state.missing")
    problem(others[0].post(f"{sides.offer}/withdrawal", {"reason": "x"}), 403, "access.refused")
    (seen,) = good(on_sqlite.caller(Role.AUDITOR).get("/tool-requests"))["items"]
    assert seen["moves"] == []


def test_the_same_key_uses_once(on_sqlite: Installation) -> None:
    """A request that is sent again after a broken line leaves one use."""
    sides = asked(on_sqlite)
    good(sides.agency.post(f"{sides.request}/answers", {"move": "grant"}))
    for _ in range(2):
        made = sides.hospital.post(f"{sides.request}/uses", USE, headers={"Idempotency-Key": "k"})
        assert made.status_code == 201
    assert len(good(sides.hospital.get(f"{sides.request}/uses"))["items"]) == 1


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"kind": "federal-agency"}, 400, "input.invalid"),
        ({"purposes": ["watch"]}, 400, "input.invalid"),
        ({"purposes": ["scan-others"]}, 422, "request.not_as_described"),
        ({"systems": []}, 422, "request.not_as_described"),
        ({"systems": ["a", " a "]}, 400, "input.invalid"),
        ({"meets": {}}, 400, "input.invalid"),
        ({"meets": REQUEST["meets"] | {"contact": " "}}, 400, "review.unwritten"),  # type: ignore[operator]  # a mapping
        ({"more": "x"}, 422, "request.not_as_described"),
    ],
)
def test_what_is_no_request(
    on_sqlite: Installation, changed: dict[str, Any], status: int, code: str
) -> None:
    """Each wrong in one way; nothing is kept."""
    agency, hospital = on_sqlite.caller(Role.REVIEWER), on_sqlite.caller(Role.OPERATOR)
    offer = good(agency.post("/tools", OFFER), 201)["id"]
    problem(hospital.post(f"/tools/{offer}/requests", REQUEST | changed), status, code)
    assert good(agency.get("/tool-requests"))["items"] == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"kind": "model"}, 400),
        ({"answer_days": 31}, 422),
        ({"grant_days": 366}, 422),
        ({"askers": []}, 422),
        ({"askers": ["utility", "utility"]}, 400),
        ({"delivery": " "}, 400),
        ({"endpoint": {"engagement": "eng_x", "artefact": "art_x"}}, 400),
    ],
)
def test_what_is_no_offer(on_sqlite: Installation, changed: dict[str, Any], status: int) -> None:
    """Each wrong in one way; nothing is published."""
    agency = on_sqlite.caller(Role.REVIEWER)
    assert agency.post("/tools", OFFER | changed).status_code == status
    assert good(agency.get("/tools"))["items"] == []


def test_who_may_ask_is_public(on_sqlite: Installation) -> None:
    """Every version of it, and which is the newest."""
    found = good(on_sqlite.caller(Role.ANONYMOUS).get("/tool-eligibility"))
    assert found["newest"] == NEWEST
    assert found["versions"][-1]["items"] == ELIGIBILITY[NEWEST].items


def test_an_organisation_enters_and_leaves_the_register(installation: Installation) -> None:
    """On both databases: named at once, changed, and gone at once."""
    developer, stranger = installation.caller(Role.DEVELOPER), installation.caller(Role.ANONYMOUS)
    assert good(stranger.get("/participants"))["items"] == []
    good(developer.post("/participants", ENTRY), 201)
    good(developer.post("/participants", ENTRY | {"until": "2027-09-01"}), 201)
    (row,) = good(stranger.get("/participants"))["items"]
    assert (row["role"], row["size"], row["since"], row["until"]) == (
        "developer",
        "small",
        "2026-09-01",
        "2027-09-01",
    )
    assert good(developer.post("/participants/withdrawal"))["listed"] is False
    assert good(stranger.get("/participants"))["items"] == []
    problem(developer.post("/participants/withdrawal"), 409, "state.conflict")
    good(developer.post("/participants", ENTRY), 201)
    assert len(good(stranger.get("/participants"))["items"]) == 1


@pytest.mark.parametrize(
    "changed", [{"size": None}, {"until": "2026-08-31"}, {"scope": " "}, {"until": "soon"}]
)
def test_what_is_no_entry(on_sqlite: Installation, changed: dict[str, Any]) -> None:
    """Each wrong in one way."""
    developer = on_sqlite.caller(Role.DEVELOPER)
    assert developer.post("/participants", ENTRY | changed).status_code in {400, 422}
    assert good(developer.get("/participants"))["items"] == []
