"""Text of strangers does nothing to a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.cli.conftest import PYTHON, Shell

from firstlight.adapters.cli.output import Output, visible

HOSTILE = [
    "\x1b[2J\x1b[31mred",
    "\x1b]0;title\x07",
    "\x9b31m",
    "back\x08\x08space",
    "a\rb",
    "\u202eright to left",
    "\u2066isolate",
    "zero\u200bwidth",
    "\x00",
    "\ud800",
    "\u2028line",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_by_its_numbers(text: str) -> None:
    """Escapes, overprinting and direction marks stand there as numbers."""
    assert "\\u{" in visible(text)
    assert visible(text).isprintable()


@given(st.text(st.characters()))
def test_nothing_hidden_is_left(text: str) -> None:
    """Whatever comes: no control, format or unassigned character goes out."""
    kept = visible(text, lines=True)
    assert all(
        character in "\n\t" or unicodedata.category(character)[0] != "C" for character in kept
    )


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """Letters, numbers, punctuation and symbols of every script pass."""
    assert visible(text) == text


@given(st.text(st.characters()))
def test_json_carries_no_escape_either(text: str) -> None:
    """A program's output is ASCII, so a terminal that shows it is safe as well."""
    import io  # noqa: PLC0415  # one place

    with contextlib.redirect_stdout(io.StringIO()) as printed:
        Output(as_json=True).json({text: text})
    told = printed.getvalue().replace("\n", "")
    assert told.isascii()
    assert told.isprintable()


def test_a_table_of_hostile_rows(shell: Shell) -> None:
    """A table is made of visible cells, one line a row."""
    shell.capture.readouterr()
    Output(as_json=False).table(("A", "B"), [[text, "x"] for text in HOSTILE], empty="")
    printed = shell.capture.readouterr().out
    assert len(printed.splitlines()) == len(HOSTILE) + 1
    assert printed.replace("\n", "").isprintable()


def test_a_terminal_gets_colours_of_ours_only() -> None:
    """At a real terminal a table is drawn by Rich, and the rows still do nothing to it."""
    script = (
        "from firstlight.adapters.cli.output import Output\n"
        f"Output(as_json=False).table(('A',), [[text] for text in {HOSTILE!r}], empty='')\n"
        "import sys; assert 'rich' in sys.modules\n"
    )
    master, slave = pty.openpty()
    with os.fdopen(master, "rb", buffering=0) as terminal:
        child = subprocess.Popen([PYTHON, "-c", script], stdout=slave, stderr=slave)
        os.close(slave)
        printed = b""
        # Linux answers EIO when the last writer has closed the other end.
        with contextlib.suppress(OSError):
            while piece := terminal.read(4096):
                printed += piece
        assert child.wait(timeout=30) == 0, printed
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed.decode()).replace("\r\n", "")
    assert plain.isprintable()
    assert "\\u{1b}[2J" in plain
