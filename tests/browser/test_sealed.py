"""Sealed documents and notices in Chromium: the way of developer and reader, axe, narrow, dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Open
from tests.browser.looks import faults, no_violations
from tests.browser.sealed_world import CARD, Sealed, add_review
from tests.browser.world import World
from tests.review_parts import HOOK

PAGES = [
    ("devel", "/reviews/{number}/documents/"),
    ("reader", "/my-access/documents/"),
    ("stranger", "/my-access/documents/"),
    ("devel", "/notices/"),
    ("reader", "/notices/"),
]


@pytest.fixture(scope="module")
def sealed(world: World) -> Sealed:
    """A review with an uploaded system card."""
    return add_review(world, "Model of the browser")


def fetched(page: Page, button: str, to: Path) -> bytes:
    """Press a button (its name as a pattern) that hands out a file."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile(button)).click()
    waiting.value.save_as(to)
    return to.read_bytes()


@pytest.mark.parametrize("scripts", [True, False])
def test_upload_read_and_see_who_did(
    open_page: Open, sealed: Sealed, tmp_path: Path, *, scripts: bool
) -> None:
    """With and without JavaScript: a file goes in, a marked copy comes out, and is listed."""
    log = tmp_path / "runs.jsonl"
    log.write_bytes(b'{"passed": true}\n')
    number = sealed.review.number
    page = open_page("devel", scripts=scripts)
    page.goto(f"/reviews/{number}/documents/")
    page.get_by_label("To").select_option(label="Runs of the first week")
    page.get_by_label("File").set_input_files(log)
    page.get_by_role("button", name="Seal and upload").click()
    assert "of runs.jsonl is sealed." in page.inner_text("main")
    own = fetched(page, r"Fetch it, unmarked.*version 1 of The system card", tmp_path / "own.md")
    assert own == CARD

    reader = open_page("reader", scripts=scripts)
    reader.goto("/my-access/documents/")
    copy = fetched(reader, r"Get a marked copy.*The system card, version 1", tmp_path / "copy.md")
    assert b"Copy for Kim Reader" in copy
    code = copy.decode().split()[0]

    page.goto(f"/reviews/{number}/documents/")
    assert "Kim Reader, Example reader" in page.inner_text("table")
    page.get_by_label("Code from a text").fill(code)
    page.get_by_role("button", name="Find whose copy it was").click()
    assert "This code stands in the copy for Kim Reader" in page.inner_text("main")
    page.get_by_role("link", name="Change it").click()
    assert f"/reviews/{number}/plan/" in page.url


def test_a_webhook_by_its_buttons(open_page: Open, sealed: Sealed) -> None:
    """From the menu to the secret, then pause and remove."""
    assert sealed.review.number
    page = open_page("devel")
    page.goto("/notices/")
    page.get_by_label("Name").fill("release-desk")
    page.get_by_label("Address").fill(f"https://{HOOK}/in")
    page.get_by_role("button", name="Add it").click()
    assert "whsec_" in page.inner_text(".secret")
    no_violations(page)
    page.get_by_role("button", name="Pause release-desk").click()
    assert "release-desk is paused" in page.inner_text("main")
    page.get_by_role("button", name="Resume release-desk").click()
    no_violations(page)
    page.get_by_role("button", name="Remove release-desk").click()
    assert "There is no webhook." in page.inner_text("main")


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_the_page_is_clean(open_page: Open, sealed: Sealed, who: str, path: str) -> None:
    """In light, in the dark, on a narrow screen, with everything unfolded."""
    page = open_page(who)
    page.goto(path.format(number=sealed.review.number))
    assert list(faults(page)) == []
