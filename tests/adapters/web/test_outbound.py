"""Pages of the outbound guard."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from tests.browser.world import MARKUP, World, hold_text

from firstlight.adapters.web.services import services
from firstlight.core.guard.record import KeptState, VerdictId
from firstlight.core.kernel.parties import Role

Enter = Callable[[str], Client]


def test_from_the_list_to_the_decision(world: World, signed_in: Enter) -> None:
    """What waits is listed, read with what was found, and refused with a reason."""
    client, verdict = signed_in("lead"), hold_text(world, "page")
    listed = client.get("/guard/").content.decode()
    assert f"/guard/{verdict}/" in listed
    page = client.get(f"/guard/{verdict}/").content.decode()
    assert "The password: a1b2c3!" in page
    assert "Nobody here knows this recipient." in page
    assert MARKUP not in page
    assert client.post(f"/guard/{verdict}/refuse/", {"reason": ""}).status_code == 400
    said = client.post(
        f"/guard/{verdict}/refuse/", {"reason": "Passwords are not sent."}, follow=True
    )
    assert "stays in" in said.content.decode()
    lead = world.actor("lead", Role.COORDINATOR)
    kept = services().verdicts.verdict(lead, VerdictId(verdict))
    assert (kept.state, kept.reason) == (KeptState.REFUSED, "Passwords are not sent.")
    assert client.post(f"/guard/{verdict}/release/", {"reason": "Or so."}).status_code == 409
    assert client.post(f"/guard/{verdict}/burn/", {"reason": "Or so."}).status_code == 404


def test_an_auditor_reads_no_text(world: World, signed_in: Enter) -> None:
    """The verdict, its rule and who decided; the text stays sealed."""
    page = signed_in("auditor").get(f"/guard/{world.verdict}/").content.decode()
    assert "Nobody here knows this recipient." in page
    assert "a1b2c3" not in page
    assert "Release" not in page


def test_others_see_nothing(world: World, signed_in: Enter) -> None:
    """Not even that there is a page."""
    client = signed_in("finder")
    assert client.get("/guard/").status_code == 403
    assert client.get(f"/guard/{world.verdict}/").status_code == 403
    assert "/guard/" not in client.get("/").content.decode()
