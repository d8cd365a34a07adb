"""`firstlight simulate`: the same for a person, a program and the page; wrong words are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.adapters.cli.conftest import Shell

SMALL = ("--drawings", "1", "--assume", "candidates=2000", "--assume", "projects=30")


def test_a_table_a_document_and_a_page_agree(shell: Shell, tmp_path: Path) -> None:
    """The same seed gives the same figures; the page names every assumption and fetches nothing."""
    page = tmp_path / "flood.html"
    told = shell("simulate", *SMALL, "--plain", "--page", str(page))
    assert told.code == 0
    assert "as assumed: 1 of 1" in told.err
    document = shell("simulate", *SMALL, "--plain", "--json").json()
    assert document["flow"]["candidates"] == 2000
    paced = document["policies"]["paced"]
    (row,) = [line.split() for line in told.out.splitlines() if line.startswith("paced")]
    assert row[1:] == [
        f"{paced['sent']:,.0f}",
        f"{paced['sent_again']:,.0f}",
        f"{paced['patched']:,.0f}",
        f"{paced['most_open_with_one_maintainer']:,.0f}",
        f"{paced['prevented']:.2%}",
    ]
    text = page.read_text("utf-8")
    assert all(name in text for name in document["assumed"])
    assert f"{paced['prevented']:.2%}" in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
    again = shell("simulate", *SMALL, "--plain", "--page", str(page))
    assert (again.code, "there already" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("assume", "code", "word"),
    [
        ("candidats=5", 2, "is none of"),
        ("candidates=many", 2, "is no number"),
        ("candidates=nan", 4, "candidates"),
        ("true_share=2", 4, "between 0 and 1"),
        ("candidates=5000000", 4, "a million"),
    ],
)
def test_what_cannot_be_assumed_is_refused(shell: Shell, assume: str, code: int, word: str) -> None:
    """With what would do."""
    ended = shell("simulate", "--drawings", "1", "--assume", assume)
    assert (ended.code, word in ended.err) == (code, True), ended.err
