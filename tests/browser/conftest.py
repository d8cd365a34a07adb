"""One installation and one Chromium for all browser tests; a fresh context for each.

Every page is watched: a complaint in the console (a policy violation among them), a script error or
a request to any other host fails the test that caused it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests import databases

databases.ready()
# The browser's own event loop runs in this thread; the database is used beside it, not inside.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright  # noqa: E402
from tests.browser.world import World, serving  # noqa: E402

CHROMIUM = os.environ.get("FIRSTLIGHT_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--disable-background-networking"]
EXPECTED = ("Failed to load resource: the server responded with a status of 4",)
"""a page that refuses is an answer, no fault of the page"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs the browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Served over real HTTP."""
    folder = tmp_path_factory.mktemp("browser")
    with databases.fresh_sqlite(sqlite_template, folder), serving(folder) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; its own sandbox cannot start for root."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}; set FIRSTLIGHT_CHROMIUM")
    flags = [*FLAGS, "--no-sandbox"] if os.getuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, world: World) -> Iterator[Open]:
    """Makes a page in a fresh context: `open_page(who, width=..., scheme=..., scripts=...)`."""
    complaints: list[str] = []
    contexts = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(EXPECTED):
            complaints.append(f"{message.type}: {message.text}")

    def make(
        who: str = "", *, width: int = 1200, scheme: str = "light", scripts: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=world.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(world.url)
                else complaints.append(f"request to elsewhere: {request.url}")
            ),
        )
        if who:
            page.goto(world.link_for(who))
            page.get_by_role("button", name="Sign in now").click()
            page.wait_for_url(f"{world.url}/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []
