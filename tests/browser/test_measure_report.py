"""The report of a run in a real browser: from a file, alone, in light, dark and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.looks import faults
from tests.core.measure.measure_samples import plan, requests, run, samples, threshold

from firstlight.adapters.formats.measure_report.page import Cut, Parts, page
from firstlight.core.measure.designation import designate
from firstlight.core.measure.results import results
from firstlight.core.measure.task import Kind

Show = Callable[..., Page]


def _file(folder: Path) -> Path:
    # One task a family, since axe looks at every cell; there is one of each kind of row.
    rates = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.9, 0.7, 0.6, 0.8, 0.5, 0.7]
    whole = run(
        [
            *samples(Kind.REPRODUCE, rates, tasks=1),
            *samples(Kind.PATCH, rates, tasks=1, lost=0.02),
            *samples(Kind.FIND, rates[:5], tasks=1, public=True),
            *requests(0.95, 0.8),
        ]
    )
    reference = run(samples(Kind.REPRODUCE, [0.3] * 12, tasks=1, seed=2))
    parts = Parts(
        run=whole,
        results=results(whole),
        record="0" * 64,
        designation=designate(whole, threshold(), plan(), known_by=threshold().digest()),
        reference=reference,
        beside=results(reference),
    )
    path = folder / "report.html"
    path.write_bytes(page(parts, Cut.FULL))
    return path


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The full report of the usual run."""
    return _file(tmp_path_factory.mktemp("report"))


@pytest.fixture
def show(chromium: Browser, report: Path) -> Iterator[Show]:
    """Opens the file; a request or a complaint fails the test."""
    heard: list[str] = []
    contexts = []

    def make(*, width: int = 1200, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        opened = context.new_page()
        opened.on("console", lambda message: heard.append(message.text))
        opened.on("request", lambda request: heard.append(request.url))
        opened.goto(report.as_uri())
        return opened

    yield make
    for context in contexts:
        context.close()
    assert heard == [report.as_uri()]


def test_the_report_is_clean(show: Show) -> None:
    """Axe finds nothing in light or dark; on a narrow screen wide tables scroll by themselves."""
    assert list(faults(show())) == []


def test_every_chart_has_a_name_and_a_table(show: Show) -> None:
    """A screen reader hears what a chart is, and finds its figures in the table that follows."""
    opened = show()
    figures = opened.locator("figure")
    assert figures.count() > 5
    for place in range(figures.count()):
        figure = figures.nth(place)
        assert figure.locator("svg[role=img]").get_attribute("aria-label")
        assert figure.locator("xpath=following-sibling::*[1]").locator("table").count() == 1


def test_paper_is_white(show: Show) -> None:
    """Printed from a dark screen, the ground is white and the text black."""
    opened = show(scheme="dark")
    opened.emulate_media(media="print")
    ground = opened.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = opened.evaluate("getComputedStyle(document.body).color")
    assert (ground, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")
