from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, name, pages, prose

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`([a-z][\w.-]*(?:/[\w.-]+)*/[\w.-]+\.(?:py|toml|md|json|service))`")


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """A relative link names a file or folder of the repository, and a heading that is there."""
    broken = []
    for link in _LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        if path.startswith(("https:", "http:", "mailto:")):
            continue
        place = (page.parent / path).resolve() if path else page
        found = place.is_relative_to(ROOT) and place.exists()
        if not found or (anchor and anchor not in anchors(place)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    """A path in a sentence is a file of the repository, from its root or from the package."""
    roots = (ROOT, ROOT / "src/firstlight", page.parent)
    named = _PATH.findall(prose(page))
    made = ("csaf/", "osv/", "keys/", "statements/")  # of the public zone
    missing = [
        path
        for path in named
        if not path.startswith(made) and not any((root / path).exists() for root in roots)
    ]
    assert missing == []


def test_every_page_can_be_reached() -> None:
    """From the index each page of docs/ is found by following links."""
    seen: set[Path] = set()
    todo = [ROOT / "docs/index.md"]
    while todo:
        page = todo.pop()
        if page in seen:
            continue
        seen.add(page)
        for link in _LINK.findall(prose(page)):
            place = (page.parent / link.partition("#")[0]).resolve()
            if place.suffix == ".md" and place.is_file():
                todo.append(place)
    lost = [name(page) for page in pages() if "docs" in page.parts and page not in seen]
    assert lost == []
