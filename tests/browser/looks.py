"""What every page must keep: axe finds nothing, no sideways scrolling at 400 % zoom, dark is dark.

A page is opened once and looked at in each way, since opening it is what takes time. In the dark
only the contrast is looked at again: nothing else of what axe knows depends on colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

NARROW = 320
"""pixels, what 1280 leave at 400 % zoom (WCAG 2.2, 1.4.10)"""
_WIDE: ViewportSize = {"width": 1200, "height": 900}
_DARKEST = 60
"""of 255, the lightest colour of a ground that is dark"""
_CONTRAST = {"runOnly": ["color-contrast"]}
_AXE = Axe()


def unfold(page: Page) -> None:
    """Open what is folded, so that it is looked at too; menus lie over the page and stay shut."""
    page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(one => one.open = true)")


def violations(page: Page, options: Mapping[str, Any] | None = None) -> list[str]:
    """What axe finds on the page as it is, a line each."""
    found = _AXE.run(page, options=options)
    return [
        f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
    ]


def no_violations(page: Page) -> None:
    """Axe finds nothing on the page as it is."""
    assert violations(page) == []


def faults(page: Page) -> Iterator[str]:
    """What is wrong with an open page: in light, in the dark, on a narrow screen."""
    unfold(page)
    yield from violations(page)
    yield from _wide(page)
    page.emulate_media(color_scheme="dark")
    yield from (f"in the dark, {one}" for one in violations(page, _CONTRAST))
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    if max(int(part) for part in ground[4:-1].split(",")) >= _DARKEST:
        yield f"in the dark, the ground is {ground}"
    page.emulate_media(color_scheme="light")


def _wide(page: Page) -> Iterator[str]:
    size = page.viewport_size or _WIDE
    page.set_viewport_size({"width": NARROW, "height": 900})
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > NARROW:
        yield f"{width} pixels wide on a screen of {NARROW}"
    page.set_viewport_size(size)
