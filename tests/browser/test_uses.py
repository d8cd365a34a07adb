"""The page of uses and the page of a grant in Chromium: clean, narrow, live, scriptless."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from benchmarks.gateway.installation import install
from tests.adapters.web.test_uses import REAL_KEY, Site
from tests.browser.conftest import Open
from tests.browser.looks import faults
from tests.browser.world import World

from firstlight.adapters.gateway.review_desk import ReviewDesk
from firstlight.adapters.web.services import services
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.grants import Budget
from firstlight.usecases.ports.gateway import GrantSuspended


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A review with some use, and a place for each of its people."""

    site: Site
    key: str
    places: dict[str, str]


@pytest.fixture(scope="module")
def shown(world: World) -> Shown:
    """One for the module."""
    parts = services()
    made = install(
        parts, address="https://models.example.org", real_key=REAL_KEY, models=("recorded",)
    )
    with world.context.storage.look() as work:
        number = work.engagements.get(made.engagement).number
    desk = ReviewDesk(world.context, world.accounts, parts.vault)
    site = Site(world=world, made=made, desk=desk, number=number)
    second = made.join()
    assert second.person is not None
    people: dict[str, Actor] = {
        "use-developer": made.developer,
        "use-reviewer": made.reviewer,
        "use-second": second,
    }
    world.people.update({name: who.person for name, who in people.items() if who.person})
    budget = Budget(requests=50, tokens=100_000, money=None)
    grant, key = made.grant(budget=budget)
    both, _ = made.grant(seconds=(second.person,))
    site.use(key)
    site.use(key, tokens=None)
    places = {
        "use-developer": f"/reviews/{number}/use/",
        "use-reviewer": f"/my-access/{grant.id}/",
        "use-second": f"/my-access/{both.id}/",
    }
    return Shown(site=site, key=key, places=places)


WHO = ["use-developer", "use-reviewer", "use-second"]


@pytest.mark.parametrize("who", WHO)
def test_the_page_is_clean(shown: Shown, open_page: Open, who: str) -> None:
    """With everything unfolded; a chart has words for who does not see it."""
    page = open_page(who)
    page.goto(shown.places[who])
    assert list(faults(page)) == []


def test_a_use_appears_by_itself(shown: Shown, open_page: Open) -> None:
    """Nobody reloads the page."""
    page = open_page("use-developer")
    page.goto(shown.places["use-developer"])
    before = page.locator("section[aria-labelledby=latest] tbody tr").count()
    shown.site.use(shown.key)
    rows = page.locator("section[aria-labelledby=latest] tbody tr")
    rows.nth(before).wait_for(timeout=20_000)


def test_one_button_stops_everything_without_scripts(shown: Shown, open_page: Open) -> None:
    """And another one lets it go on."""
    page = open_page("use-developer", scripts=False)
    page.goto(shown.places["use-developer"])
    page.get_by_role("button", name="Stop everything").click()
    page.get_by_text("Stopped.").wait_for()
    with pytest.raises(GrantSuspended):
        shown.site.admits(shown.key)
    page.get_by_role("button", name="Let it go on").click()
    page.get_by_text("grants go on.").wait_for()
    shown.site.admits(shown.key)
