"""Closing, reopening, bringing a maintainer in; and who is named by name."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.browser.world import World

from firstlight.core.clearinghouse.case import Case, PartyRole
from firstlight.core.kernel.parties import Actor, Role

Enter = Callable[[str], Client]


def lead(world: World) -> Actor:
    """The coordinator."""
    return world.actor("lead", Role.COORDINATOR)


def case_of(world: World) -> Case:
    """The case with the whole story, as it stands."""
    return world.queries.case_by_number(lead(world), world.case)


def test_a_case_is_closed_and_reopened_with_reasons(world: World, signed_in: Enter) -> None:
    """Both reasons are on the case's page, from the ledger; each state offers its own way on."""
    client, where = signed_in("lead"), f"/cases/{world.case}/"
    page = client.get(where).content.decode()
    assert 'value="close"' in page
    assert 'value="reopen"' not in page
    close = {"move": "close", "reason": "Fixed upstream.", "version": case_of(world).version}
    assert client.post(f"{where}move/", close).status_code == 302
    page = client.get(where).content.decode()
    assert case_of(world).state.value == "closed"
    assert "Fixed upstream." in page
    assert 'value="reopen"' in page
    assert 'value="close"' not in page
    again = {"move": "reopen", "reason": "It came back.", "version": case_of(world).version}
    assert client.post(f"{where}move/", again).status_code == 302
    assert case_of(world).state.value == "open"
    assert "It came back." in client.get(where).content.decode()


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"reason": "  "}, 400),
        ({"reason": "x" * 2001}, 400),
        ({"version": ""}, 400),
        ({"version": "1"}, 409),
        ({"move": "merge"}, 400),
        ({"move": "publish"}, 400),
        ({"move": "reopen"}, 409),
    ],
    ids=["no-reason", "long-reason", "no-version", "old-version", "merge", "publish", "from-open"],
)
def test_a_wrong_move_changes_nothing(
    world: World, signed_in: Enter, changed: dict[str, str], status: int
) -> None:
    """Grouping merges and the program publishes; a form of old is told so."""
    before = case_of(world)
    fields = {"move": "close", "reason": "Because.", "version": str(before.version)} | changed
    response = signed_in("lead").post(f"/cases/{world.case}/move/", fields)
    assert response.status_code == status
    assert case_of(world) == before


def test_a_maintainer_is_brought_in_as_its_record_says(world: World, signed_in: Enter) -> None:
    """Listed by name; afterwards a party that reads the case, and no longer in the list."""
    client, where = signed_in("lead"), f"/cases/{world.case}/"
    home = str(world.homes["maintainer"])
    assert signed_in("maintainer").get(where).status_code == 404
    assert (
        f'<option value="{home}">Example maintainer</option>' in client.get(where).content.decode()
    )
    assert client.post(f"{where}maintainers/", {"organisation": home}).status_code == 302
    page = client.get(where).content.decode()
    assert f'<option value="{home}">' not in page
    assert re.search(r"<dt>maintainer</dt><dd>Example maintainer</dd>", page)
    with world.context.storage.begin() as work:
        parties = work.cases.parties(case_of(world).id)
    (party,) = [one for one in parties if one.role is PartyRole.MAINTAINER]
    assert party.raw_feed == world.accounts.organisation(party.organisation).raw_feed
    assert signed_in("maintainer").get(where).status_code == 200


@pytest.mark.parametrize("who", ["finder", "asker"])
def test_only_a_vetted_maintainer_is_brought_in(world: World, signed_in: Enter, who: str) -> None:
    """Another kind of organisation, or one that nobody vetted, is not."""
    home = next(
        str(one.organisation.id)
        for one in world.accounts.organisations()
        if any(person.id == world.people[who] for person, _ in one.people)
    )
    response = signed_in("lead").post(f"/cases/{world.case}/maintainers/", {"organisation": home})
    assert response.status_code == 404


@pytest.mark.parametrize("who", ["finder", "auditor"])
def test_who_may_not_lead_sees_no_forms(world: World, signed_in: Enter, who: str) -> None:
    """The forms are there for those only whom the table admits."""
    page = signed_in(who).get(f"/cases/{world.case}/").content.decode()
    assert "Lead the case" not in page
    assert "/move/" not in page


def test_people_are_named_to_those_who_reach_everything(world: World, signed_in: Enter) -> None:
    """The auditor reads the name beside the identifier; finders read what the person is."""
    person = str(world.people["lead"])
    audit = signed_in("auditor").get(f"/cases/{world.case}/").content.decode()
    assert f'by Robin Lead <span class="id">{person}</span>' in audit
    finder = signed_in("finder").get(f"/cases/{world.case}/").content.decode()
    assert "by a coordinator" in finder
    assert "Robin Lead" not in finder
    assert person not in finder
    assert "by you" in signed_in("lead").get(f"/cases/{world.case}/").content.decode()


def test_the_ledger_itself_holds_no_names(world: World, signed_in: Enter) -> None:
    """They are looked up for the page; what is exported and proved has identifiers alone."""
    client = signed_in("auditor")
    assert "Robin Lead" in client.get("/ledger/").content.decode()
    bundle = client.post("/ledger/export/", {"about": str(case_of(world).id)}).content.decode()
    assert str(world.people["lead"]) in bundle
    assert "Robin Lead" not in bundle
