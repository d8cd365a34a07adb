"""What holds on every page: axe finds nothing, no sideways scrolling at 400 % zoom, dark mode."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from tests.browser.conftest import Open
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

PAGES = [
    *(("", name, path) for name, path in STRANGER.items()),
    *(("lead", name, path) for name, path in LEAD.items()),
    *(("finder", name, path) for name, path in FINDER.items()),
    *(("hospital", name, path) for name, path in HOSPITAL.items()),
    *(("toolmaker", name, path) for name, path in TOOLMAKER.items()),
    *(("lab", name, path) for name, path in LAB.items()),
    *(("researcher", name, path) for name, path in RESEARCHER.items()),
    *(("asker", name, path) for name, path in PENDING.items()),
    *(("auditor", name, path) for name, path in AUDITOR.items()),
]
IDS = [f"{who or 'stranger'}: {name}" for who, name, _ in PAGES]
_AXE = Axe()


def unfold(page: Page) -> None:
    """Open what is folded, so that it is looked at too; menus lie over the page and stay shut."""
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(one => one.open = true)")


def no_violations(page: Page) -> None:
    """Axe finds nothing on the page as it is."""
    found = _AXE.run(page)
    told = [
        f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
    ]
    assert told == []


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
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("who", "_name", "path"), PAGES, ids=IDS)
def test_axe_finds_nothing(
    world: World, open_page: Open, who: str, _name: str, path: str, scheme: str
) -> None:
    """Neither in light nor in dark, with everything unfolded."""
    page = open_page(who, scheme=scheme)
    page.goto(place(world, path))
    unfold(page)
    no_violations(page)


@pytest.mark.parametrize(("who", "_name", "path"), PAGES, ids=IDS)
def test_nothing_is_wider_than_a_narrow_screen(
    world: World, open_page: Open, who: str, _name: str, path: str
) -> None:
    """320 pixels are what 1280 leave at 400 % zoom (WCAG 1.4.10)."""
    page = open_page(who, width=320)
    page.goto(place(world, path))
    unfold(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 320


@pytest.mark.parametrize(("who", "_name", "path"), PAGES, ids=IDS)
def test_dark_is_dark(world: World, open_page: Open, who: str, _name: str, path: str) -> None:
    """The ground follows the person's wish, on every page."""
    page = open_page(who, scheme="dark")
    page.goto(place(world, path))
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(part) for part in ground[4:-1].split(","))
    assert max(red, green, blue) < 60


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
