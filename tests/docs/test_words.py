from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, name, pages, prose

PACKAGE = ROOT / "src/firstlight"
MAP = ROOT / "docs/code-map.md"
DECISIONS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))
_VARIABLE = re.compile(r"\b(?:FIRSTLIGHT_[A-Z_]+|DATABASE_URL)\b")


def folders() -> list[str]:
    """Every folder of the package that holds modules of ours."""
    found = {file.parent for file in PACKAGE.rglob("*.py")} - {PACKAGE}
    return sorted(f"{folder.relative_to(PACKAGE).as_posix()}/" for folder in found)


@pytest.mark.parametrize("folder", folders())
def test_every_folder_is_on_the_map(folder: str) -> None:
    """A row of its own, or its name in the row of the folder that it lies in."""
    rows = MAP.read_text("utf-8").splitlines()
    parent, _, last = folder.rstrip("/").rpartition("/")
    own = [row for row in rows if row.startswith(f"| `{folder}`")]
    within = [row for row in rows if row.startswith(f"| `{parent}/`") and f"`{last}/`" in row]
    assert own or within


def test_the_map_shows_nothing_that_is_not_there() -> None:
    """Every folder and file of the map exists."""
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", MAP.read_text("utf-8"))
    places = (
        ROOT,
        PACKAGE,
        ROOT / "tests",
        PACKAGE / "adapters/web",
        PACKAGE / "adapters/identity",
    )
    assert [path for path in named if not any((place / path).exists() for place in places)] == []


def terms() -> list[str]:
    """What the glossary explains."""
    text = (ROOT / "docs/glossary.md").read_text("utf-8")
    return sorted(set(re.findall(r"\*\*([^*]+)\*\*", text)))


def code() -> str:
    """All of the program's text, in lower case, words apart."""
    files = (*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"))
    text = " ".join(file.read_text("utf-8") for file in files)
    return re.sub(r"[\s_-]+", " ", text.lower())


@pytest.fixture(scope="module")
def vocabulary() -> str:
    """Read once."""
    return code()


@pytest.mark.parametrize("term", terms())
def test_the_code_uses_the_glossary(term: str, vocabulary: str) -> None:
    """A word that is explained is a word of the program."""
    assert re.sub(r"[\s_-]+", " ", term.lower()) in vocabulary


@pytest.mark.parametrize("page", ["tutorial.md", "how-to/lost-passkey.md"])
def test_labels_are_those_of_the_portal(page: str, vocabulary: str) -> None:
    """What stands in italics on a page that leads through the portal can be found there."""
    labels = re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", prose(ROOT / "docs" / page))
    assert labels
    plain = (re.sub(r"[\s_-]+", " ", label.lower()) for label in labels)
    assert [label for label in plain if label not in vocabulary] == []


@pytest.mark.parametrize("page", DECISIONS, ids=name)
def test_a_decision_has_its_parts(page: Path) -> None:
    """Context, options with a drawback, decision; and it is listed."""
    text = page.read_text("utf-8")
    assert re.findall(r"^## (\w+)", text, re.MULTILINE)[:3] == ["Context", "Options", "Decision"]
    assert "rawback" in text
    assert page.name in (ROOT / "docs/adr/README.md").read_text("utf-8")


def test_decisions_are_numbered_without_gaps() -> None:
    """0001, 0002, ..."""
    assert [int(page.name[:4]) for page in DECISIONS] == [*range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("page", [*pages(), *sorted((ROOT / "deploy").iterdir())], ids=name)
def test_every_variable_exists(page: Path) -> None:
    """An environment variable that is named is one that the program or CI reads."""
    read = " ".join(file.read_text("utf-8") for file in (*PACKAGE.rglob("*.py"), ROOT / ".ci/run"))
    known = set(_VARIABLE.findall(read))
    assert sorted(set(_VARIABLE.findall(page.read_text("utf-8"))) - known) == []


def test_the_glossary_and_the_report_page_name_the_six_items() -> None:
    """The items that are asked for are those of the checklist, in its order."""
    from firstlight.core.clearinghouse.finding import Format, Report  # noqa: PLC0415 # as used
    from firstlight.core.clearinghouse.intake.checklist import checklist  # noqa: PLC0415 # likewise

    asked = [item.name for item in checklist(Report(format=Format.PLAIN))]
    page = (ROOT / "docs/how-to/report-a-flaw.md").read_text("utf-8")
    table = page[page.index("## The six items") : page.index("Also useful")]
    assert asked == re.findall(r"^\| ([a-z]+) \|", table, re.MULTILINE)[1:]
