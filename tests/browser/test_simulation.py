"""The comparison of policies in a real browser, from a file."""

from __future__ import annotations

from pathlib import Path
from random import Random

from playwright.sync_api import Browser
from tests.browser.looks import faults

from firstlight.adapters.formats.simulation_page import page as written
from firstlight.core.clearinghouse.pacing.compare import compare, vary
from firstlight.core.clearinghouse.pacing.flow import Flow


def test_the_page_is_clean(chromium: Browser, tmp_path: Path) -> None:
    """Axe finds nothing, 320 pixels are enough, nothing is fetched, the chart has its table."""
    flow = Flow(candidates=1_000, projects=20, checks=300, patched=10)
    found = compare(flow, [Random(1).random])  # noqa: S311  # a recipe, no secret
    other = compare(vary(flow, {"duplicates": 0.0}), [Random(1).random])  # noqa: S311
    file = tmp_path / "flood.html"
    file.write_bytes(written(found, {"no duplicates": other}))
    heard: list[str] = []
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.goto(file.as_uri())
    assert list(faults(page)) == []
    figure = page.locator("figure")
    assert figure.locator("svg[role=img]").get_attribute("aria-label")
    assert figure.locator("xpath=following-sibling::*[1]").locator("table").count() == 1
    assert heard == [file.as_uri()]
    context.close()
