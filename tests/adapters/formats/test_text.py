from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.formats.text import clean, clean_code, clean_line, cut

everything = st.text(st.characters(exclude_categories=["Cs"]))
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(everything, st.integers(60, 200))
def test_cleaned_text_holds_nothing_that_a_terminal_obeys(text: str, limit: int) -> None:
    """No control but newline and tab, no reordering, no invisible tags, and never too long."""
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not [
        character
        for character in cleaned
        if (unicodedata.category(character) == "Cc" and character not in "\n\t")
        or character in BIDI
        or 0xE0000 <= ord(character) <= 0xE007F
    ]


@given(everything, st.integers(60, 200))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    """A relay may clean again."""
    cleaned = clean(text, limit)
    assert cleaned == clean(cleaned, limit)
    line = clean_line(text, limit)
    assert line == clean_line(line, limit)
    code = clean_code(text)
    assert code == clean_code(code)


@given(everything, st.integers(60, 200))
def test_a_line_is_one_line(text: str, limit: int) -> None:
    """A title cannot break out of its row."""
    line = clean_line(text, limit)
    assert not set("\n\t\r") & set(line)
    assert line == line.strip(" ")
    assert len(line) <= limit


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=50))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """Letters, digits, signs and spaces of any script are kept, HTML among them."""
    assert text == clean(text, 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\x9b31m", "\ufffd31m"),
        ("user\u202etxt.exe", "user\ufffdtxt.exe"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_each_kind_is_treated_as_written_down(text: str, expected: str) -> None:
    """Colours vanish, other escapes are shown, HTML is text."""
    assert expected == clean(text, 1000)


def test_a_patch_keeps_its_line_ends() -> None:
    """CRLF and form feed belong to the file; a lone carriage return could hide text."""
    assert clean_code("a\r\n\x0cb\rc") == "a\r\n\x0cb\ufffdc"


def test_a_cut_is_marked() -> None:
    """Nobody takes the part for the whole."""
    assert cut("x" * 1000, 60).endswith("[cut here; the original is longer]")


@pytest.mark.parametrize("unit", ["\x1b[", "\x1b[3", "\r", "\u202e", "x"])
def test_cleaning_takes_linear_time(unit: str) -> None:
    """Ten megabytes of any kind are done within a second."""
    started = time.perf_counter()
    clean(unit * (10_000_000 // len(unit)), 10_000_000)
    assert time.perf_counter() - started < 5
