"""What holds on every page: axe finds nothing, no sideways scrolling at 400 % zoom, dark mode."""

from __future__ import annotations

import pytest
from tests.browser.conftest import Open
from tests.browser.looks import faults, no_violations, unfold
from tests.browser.world import World

STRANGER = {
    "welcome": "/",
    "sign in": "/account/login/",
    "ask for an account": "/account/request/",
    "lost access": "/account/lost/",
    "report": "/reports/new/",
    "advisories": "/advisories/",
    "advisory": "/advisories/{advisory}/",
    "directives": "/directives/?as_of=2026-07-15",
    "directives later": "/directives/?as_of=2027-02-01",
    "directive": "/directives/3(b)/",
    "tools": "/tools/",
    "offer": "/tools/{offer}/",
    "participants": "/participants/",
    "not found": "/nowhere/",
}
LEAD = {
    "home": "/",
    "reports": "/reports/",
    "one report": "/reports/{report}/",
    "cases": "/cases/",
    "empty cases": "/cases/?state=closed",
    "case": "/cases/{case}/",
    "draft": "/advisories/{draft}/",
    "edit": "/advisories/{draft}/edit/",
    "directive of a coordinator": "/directives/2(d)/",
    "ledger": "/ledger/",
    "sources": "/sources/",
    "jobs": "/jobs/",
    "outbound guard": "/guard/",
    "outbound guard, what left": "/guard/?state=left",
    "held text": "/guard/{verdict}/",
    "tokens": "/account/tokens/",
    "measurements": "/measurements/",
    "run": "/measurements/{run}/",
    "run that goes on": "/measurements/{open_run}/",
    "task of a run": "/measurements/{run}/tasks/one/",
    "runs compared": "/measurements/{run}/compare/?with={other_run}",
    "methods": "/account/methods/",
    "passkey": "/account/methods/passkeys/add/",
    "passkeys": "/account/methods/passkeys/",
    "app": "/account/methods/app/",
    "password": "/account/password/set/",
    "refused": "/organisations/",
}
FINDER = {"home of a finder": "/", "case of a finder": "/cases/{case}/", "new": "/reports/new/"}
PENDING = {"home of a pending person": "/", "report of a pending person": "/reports/new/"}
AUDITOR = {
    "run of an auditor": "/measurements/{run}/",
    "home of an auditor": "/",
    "case of an auditor": "/cases/{case}/",
}

HOSPITAL = {
    "offer to ask for": "/tools/{offer}/",
    "requests": "/tools/requests/",
    "no requests": "/tools/requests/?state=appealed",
    "request to use": "/tools/requests/{request}/",
}
TOOLMAKER = {
    "new offer": "/tools/new/",
    "own offer": "/tools/{offer}/",
    "request to answer": "/tools/requests/{request}/",
    "assessments of an office": "/assessments/",
    "participants of an office": "/participants/",
}
LAB = {"participants of a developer": "/participants/", "new offer of a developer": "/tools/new/"}
RESEARCHER = {"assessments": "/assessments/"}

PAGES = {
    "": STRANGER,
    "lead": LEAD,
    "finder": FINDER,
    "hospital": HOSPITAL,
    "toolmaker": TOOLMAKER,
    "lab": LAB,
    "researcher": RESEARCHER,
    "asker": PENDING,
    "auditor": AUDITOR,
}


def place(world: World, path: str) -> str:
    """The path with what the world holds."""
    return path.format(
        case=world.case,
        report=world.report,
        draft=world.draft,
        advisory=world.advisory,
        offer=world.offer,
        request=world.request,
        run=world.run,
        other_run=world.other_run,
        open_run=world.open_run,
        verdict=world.verdict,
    )


@pytest.mark.parametrize("who", PAGES, ids=lambda who: who or "stranger")
def test_every_page_is_clean(world: World, open_page: Open, who: str) -> None:
    """Axe finds nothing with all unfolded, in light and dark; 320 pixels are enough."""
    page = open_page(who)
    found = {}
    for name, path in PAGES[who].items():
        page.goto(place(world, path))
        found[name] = list(faults(page))
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("width", [1200, 320])
def test_the_menu_is_clean_when_it_is_open(open_page: Open, width: int) -> None:
    """With a person who has two memberships; on a narrow screen nothing of it is cut off."""
    page = open_page("lead", width=width)
    page.get_by_text("Robin Lead").click()
    assert page.get_by_label("Act as").is_visible()
    no_violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_organisations_are_clean(world: World, open_page: Open) -> None:
    """As administrator, with everything unfolded, wide and narrow."""
    for width in (1200, 320):
        page = open_page("lead", width=width)
        page.get_by_text("Robin Lead").click()
        page.get_by_label("Act as").select_option(label="administrator, Example clearinghouse")
        page.get_by_role("button", name="Change").click()
        page.goto(f"{world.url}/organisations/")
        unfold(page)
        no_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_portal_works_without_scripts(world: World, open_page: Open) -> None:
    """A report is sent, a case read, and the menu used, with JavaScript switched off."""
    page = open_page("finder", scripts=False)
    page.get_by_role("link", name="Report a flaw").first.click()
    page.get_by_label("Title").fill("Without scripts")
    page.get_by_role("button", name="Send the report").click()
    assert page.get_by_role("heading", name="Received, thank you").is_visible()
    page.goto(f"{world.url}/cases/{world.case}/")
    assert page.get_by_text("What happens next").is_visible()
    page.get_by_text("Sam Finder", exact=True).first.click()
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("link", name="Sign in").first.is_visible()
