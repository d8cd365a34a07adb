"""The register in a real browser: drawn, read aloud, recorded."""

from __future__ import annotations

import pytest
from tests.browser.conftest import Open
from tests.browser.looks import no_violations, unfold
from tests.browser.world import World


@pytest.mark.parametrize("width", [1200, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_drawing_fits_and_speaks(open_page: Open, width: int, scheme: str) -> None:
    """Every mark and word of it lies within the screen; as one image, with a name and a story."""
    page = open_page(width=width, scheme=scheme)
    page.goto("/directives/?as_of=2026-07-15")
    image = page.get_by_role("img", name="Timeline of the duties")
    assert image.is_visible()
    edges = image.evaluate(
        "svg => [...svg.querySelectorAll('text, rect, circle, line')]"
        ".map(one => one.getBoundingClientRect()).map(box => [box.left, box.right])"
    )
    assert min(left for left, _ in edges) >= 0
    assert max(right for _, right in edges) <= width
    letters = image.evaluate(
        "svg => Math.min(...[...svg.querySelectorAll('text')]"
        ".map(one => parseFloat(getComputedStyle(one).fontSize)))"
    )
    assert letters >= 12


def test_words_in_the_drawing_do_not_collide(open_page: Open) -> None:
    """On a narrow screen no two texts of the drawing lie over each other."""
    page = open_page(width=320)
    page.goto("/directives/?as_of=2026-07-15")
    overlaps = page.evaluate(
        "() => { const boxes = [...document.querySelectorAll('.timeline text')]"
        ".map(one => [one.textContent, one.getBoundingClientRect()]);"
        "const hits = []; boxes.forEach(([t, a], i) => boxes.slice(i + 1).forEach(([u, b]) => {"
        "if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)"
        "hits.push([t, u]); })); return hits; }"
    )
    assert overlaps == []


def test_another_day_is_one_form_away(open_page: Open) -> None:
    """Without scripts: the date is chosen, sent, and the table follows."""
    page = open_page(scripts=False)
    page.goto("/directives/")
    page.get_by_label("As of").fill("2026-07-02")
    page.get_by_role("button", name="Look at this day").click()
    assert "as_of=2026-07-02" in page.url
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="2(a)", exact=True))
    assert row.get_by_text("open", exact=True).is_visible()


def test_evidence_is_recorded_by_hand(world: World, open_page: Open) -> None:
    """A coordinator fills the form; the page with its history is clean, wide and narrow."""
    assert world.case
    page = open_page("lead")
    page.goto("/directives/2(b)/")
    page.get_by_label("It shows", exact=True).select_option(label="a step")
    page.get_by_label("Day on which it took place").fill("2026-07-01")
    page.get_by_label("Who published it").fill("Department of War")
    page.get_by_label("Link").fill("https://www.example.org/" + "a-long-address/" * 12)
    page.get_by_label("What it shows", exact=True).fill("A first step.")
    page.get_by_role("button", name="Record it").click()
    assert page.get_by_text("The evidence is recorded.").is_visible()
    for width in (1200, 320):
        page.set_viewport_size({"width": width, "height": 900})
        unfold(page)
        no_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
