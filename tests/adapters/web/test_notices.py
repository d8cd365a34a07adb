"""The settings page of notices."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from tests.browser.sealed_world import add_people
from tests.browser.world import World
from tests.review_parts import HOOK

from firstlight.adapters.web.services import services
from firstlight.core.kernel.parties import Role

Enter = Callable[[str], Client]
HERE = "/notices/"


@pytest.fixture(scope="module", autouse=True)
def people(world: World) -> None:
    """A developer and two offices."""
    add_people(world)


def test_a_webhook_from_its_secret_to_its_end(world: World, signed_in: Enter) -> None:
    """Added, its secret shown once; paused, resumed, tested, removed; each a press of a button."""
    client = signed_in("devel")
    given = {"name": "desk", "url": f"https://{HOOK}/in"}
    made = client.post(HERE, given).content.decode()
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made)
    assert secret
    assert secret[0] not in client.get(HERE).content.decode()
    for move, said in (("pause", "is paused"), ("resume", "active again"), ("test", "gets a test")):
        page = client.post(f"{HERE}webhooks/desk/{move}/", follow=True).content.decode()
        assert said in page
    developer = world.actor("devel", Role.DEVELOPER)
    (kept,) = services().notices.webhooks(developer)
    assert kept.sealed == b""
    assert client.post(f"{HERE}webhooks/desk/remove/", follow=True).status_code == 200
    assert services().notices.webhooks(developer) == ()
    assert client.post(f"{HERE}webhooks/desk/pause/").status_code == 404
    assert client.post(f"{HERE}webhooks/desk/burn/").status_code == 404


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("desk", "https://elsewhere.example.org/"),
        ("desk", f"http://{HOOK}/"),
        ("desk", "https://127.0.0.1/"),
        ("desk", f"https://me:secret@{HOOK}/"),
        ("Not A Name", f"https://{HOOK}/"),
        ("", ""),
    ],
)
def test_an_address_that_is_not_allowed_is_refused(signed_in: Enter, name: str, url: str) -> None:
    """With a sentence, on the same page, and the fields as they were."""
    page = signed_in("devel").post(HERE, {"name": name, "url": url})
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()


def test_mail_is_switched_by_its_reader(signed_in: Enter) -> None:
    """Off and on again, for this person alone."""
    reader, developer = signed_in("reader"), signed_in("devel")
    off = reader.post(f"{HERE}mail/", {"mail": "off"}, follow=True).content.decode()
    assert "You get no more mail." in off
    assert "Send me mail" in off
    assert "Send me no mail" in developer.get(HERE).content.decode()
    assert (
        "You get mail." in reader.post(f"{HERE}mail/", {"mail": "on"}, follow=True).content.decode()
    )


@pytest.mark.parametrize("who", ["finder", "lead", "auditor", "operator"])
def test_who_has_no_notices_has_no_page(signed_in: Enter, who: str) -> None:
    """Signed in is not enough."""
    assert signed_in(who).get(HERE).status_code == 403
    assert signed_in(who).post(f"{HERE}mail/", {"mail": "off"}).status_code == 403


def test_a_colleague_of_another_organisation_sees_nothing(signed_in: Enter) -> None:
    """Webhooks are of one organisation and role."""
    signed_in("reader").post(HERE, {"name": "office-desk", "url": f"https://{HOOK}/in"})
    assert "office-desk" not in signed_in("stranger").get(HERE).content.decode()
    assert "office-desk" not in signed_in("devel").get(HERE).content.decode()
    assert signed_in("stranger").post(f"{HERE}webhooks/office-desk/remove/").status_code == 404
