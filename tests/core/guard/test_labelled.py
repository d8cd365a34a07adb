"""The labelled messages: nothing that must be blocked leaves; the file is what its maker says."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from benchmarks.guard import make, run
from tests.core.guard.ground import FUNCTION, mailed

from firstlight.core.guard.alphabets import MORSE, SPELT
from firstlight.core.guard.model import Verdict

judged = cache(run.judged)
"""each part is judged once"""
FOLDER = Path(make.__file__).parent


@pytest.mark.parametrize("part", run.PARTS)
def test_nothing_that_must_be_blocked_leaves(part: str) -> None:
    """Neither as it is nor rewritten."""
    found = judged(part)
    if part == "made":
        assert len(found) >= 300
    assert [each.message["id"] for each in run.escaped(found)] == []


def test_the_part_that_was_made_is_judged_as_expected() -> None:
    """Precision and recall are 1 on what was written by who knows the rules; no more is claimed."""
    wrong = [each.message["id"] for each in judged("made") if each.wanted is not each.got]
    assert wrong == []


def test_the_file_is_what_its_maker_writes() -> None:
    """Nobody edits it by hand."""
    lines = (FOLDER / "made.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == list(make.messages())


def test_what_is_spelt_out_is_read() -> None:
    """In Morse and in the words of the radio."""
    letters = FUNCTION.replace("_", "")
    signs = {letter: sign for sign, letter in MORSE.items()}
    words = {letter: word for word, letter in SPELT.items()}
    morse = " / ".join(signs[each] for each in letters)
    radio = ", ".join(words[each] for each in letters)
    assert mailed(f"Listen: {morse}").verdict is Verdict.BLOCK
    assert mailed(f"I spell: {radio}").verdict is Verdict.BLOCK
