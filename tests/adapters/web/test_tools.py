"""Defensive tools, participants and assessments in the portal."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping

import pytest
from django.test import Client
from tests.browser.tool_world import MEETS
from tests.browser.world import HOSTILE, World

from firstlight.core.kernel.parties import Role

Enter = Callable[[str], Client]
OFFER = {
    "title": "A second tool",
    "text": "It does something.",
    "askers": ["rural-hospital"],
    "purposes": ["watch"],
    "answer_days": "3",
    "grant_days": "30",
    "delivery": "Call 4711.",
}
REQUEST = {
    "kind": "rural-hospital",
    "sector": "healthcare-and-public-health",
    "systems": "patient records\r\n\r\npumps\r\n",
    "purposes": ["watch"],
    "text": "We have nobody.",
    **{f"meets.{name}": words for name, words in MEETS.items()},
}


def text(client: Client, where: str) -> str:
    """A page that is there."""
    response = client.get(where)
    assert response.status_code == 200, where
    return response.content.decode()


def sent(client: Client, where: str, data: Mapping[str, object]) -> str:
    """Where a form leads that was taken."""
    response = client.post(where, data)
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


def test_a_hospital_gets_a_tool(world: World, signed_in: Enter) -> None:
    """Offered, asked for, refused, appealed against, granted, used, given back: by forms alone."""
    agency, hospital = signed_in("toolmaker"), signed_in("hospital")
    offer = sent(agency, "/tools/new/", OFFER)
    assert "Call 4711." in text(agency, offer)
    assert "Call 4711." not in text(hospital, offer)
    request = sent(hospital, f"{offer}ask/", REQUEST)
    assert "promised an answer by" in text(hospital, request)
    assert "A second tool" in text(agency, "/tools/requests/?state=asked")
    sent(agency, f"{request}answer/", {"move": "refuse", "reason": "Who answers for it?"})
    assert "Who answers for it?" in text(hospital, request)
    sent(hospital, f"{request}appeal/", {"text": "Kim does."})
    sent(agency, f"{request}answer/", {"move": "grant-appeal", "reason": "Good."})
    assert "it ends by itself" in text(hospital, request)
    use = {"purpose": "watch", "system": "pumps", "note": "a look"}
    used = hospital.post(f"{request}use/", use).content.decode()
    assert "Call 4711." in used
    assert "Call 4711." not in text(hospital, request)
    assert "a look" in text(agency, request)
    sent(hospital, f"{request}return/", {})
    assert hospital.post(f"{request}use/", use).status_code == 403
    sent(agency, f"{offer}withdraw/", {"reason": "It is replaced."})
    assert "It is replaced." in text(Client(SERVER_NAME="localhost"), offer)
    assert world.offer in text(hospital, "/tools/")
    assert offer not in text(hospital, "/tools/")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("systems", " ", "name 1 to 50 systems"),
        ("purposes", ["scan"], "choose from the list"),
        ("purposes", [], "choose from the purposes of the offer"),
        ("kind", "x", "choose one of the list"),
        ("meets.contact", " ", "contact is empty"),
    ],
)
def test_a_request_that_lacks_something_keeps_what_was_written(
    world: World, signed_in: Enter, field: str, value: object, said: str
) -> None:
    """The page comes back with the words, and says what is missing."""
    fields = REQUEST | {"text": "All my words.", "purposes": ["find-flaws"], field: value}
    response = signed_in("hospital").post(f"/tools/{world.offer}/ask/", fields)
    assert response.status_code == 400
    page = response.content.decode()
    assert said in page
    assert "All my words." in page


def test_what_others_write_is_only_text(world: World, signed_in: Enter) -> None:
    """Markup in a request stays words."""
    page = text(signed_in("toolmaker"), f"/tools/requests/{world.request}/")
    assert "<script>document" not in page
    assert "&lt;script&gt;document" in page
    assert HOSTILE[:8] not in page


def test_a_request_is_not_there_for_others(world: World, signed_in: Enter) -> None:
    """Another operator, a developer: 404, also for each step."""
    where = f"/tools/requests/{world.request}/"
    for who in ("operator", "lab"):
        assert signed_in(who).get(where).status_code == 404
    assert signed_in("operator").post(f"{where}return/").status_code == 404
    assert signed_in("lab").post(f"{where}revoke/", {"reason": "x"}).status_code == 404
    assert signed_in("toolmaker").post(f"{where}nonsense/").status_code == 404
    assert signed_in("auditor").get(where).status_code == 200


def test_the_register_is_a_page_and_two_files(world: World, signed_in: Enter) -> None:
    """The same lines in each; what leaves is gone from all at once, and no cache keeps it."""
    lab, stranger = signed_in("lab"), Client(SERVER_NAME="localhost")
    said = {"scope": "=cmd() of our models", "since": "2026-09-01", "size": "large", "until": ""}
    sent(lab, "/participants/enter/", said)
    assert "=cmd() of our models" in text(stranger, "/participants/")
    (item,) = json.loads(text(stranger, "/participants.json"))["items"]
    assert (item["name"], item["size"]) == ("Example lab", "large")
    (line,) = csv.DictReader(io.StringIO(text(stranger, "/participants.csv")))
    assert line["scope"] == "'=cmd() of our models", "no cell is a formula"
    assert stranger.get("/participants.csv").headers["Cache-Control"] == "no-store"
    sent(lab, "/participants/leave/", {})
    for where in ("/participants/", "/participants.json", "/participants.csv"):
        assert "Example lab" not in text(stranger, where)
    assert lab.post("/participants/leave/").status_code == 409
    assert lab.post("/participants/enter/", said | {"since": "soon"}).status_code == 400
    sent(lab, "/participants/enter/", said)
    assert world.homes["lab"]


def test_times_to_an_answer_stand_beside_each_other(signed_in: Enter) -> None:
    """One row for each size, and those that have not said."""
    page = text(signed_in("lab"), "/participants/")
    for size in ("small", "medium", "large", "not said"):
        assert re.search(rf'data-label="Size">{size}<', page)


def test_a_researcher_reads_what_both_sides_shared(world: World, signed_in: Enter) -> None:
    """The determination, and neither the developer's words nor names of people."""
    page = text(signed_in("researcher"), "/assessments/")
    assert "Statement 2026-7" in page
    assert "Example toolmaker" in page
    for hidden in ("Is it covered?", "Kim Toolmaker", "Not answered yet", "Model 1"):
        assert hidden not in page
    developer = text(signed_in("lab"), "/assessments/")
    assert "Is it covered?" in developer
    assert "Not answered yet" in developer
    assert signed_in("hospital").get("/assessments/").status_code == 403
    assert world.actor("lab", Role.DEVELOPER)
