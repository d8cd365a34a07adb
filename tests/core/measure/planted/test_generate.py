"""Programs from a seed: the same again from the same seed, and nothing shared between two."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.planted.draws import Draws
from firstlight.core.measure.planted.generate import SHAPES, programs
from firstlight.core.measure.planted.program import Language, Program, Text, Weakness

SEEDS = st.binary(min_size=32, max_size=32)
EVERY = len(SHAPES)


@given(SEEDS)
def test_the_same_seed_gives_the_same_programs(seed: bytes) -> None:
    """The seed is the whole secret: nothing else enters."""
    assert programs(seed, 3) == programs(seed, 3)


@given(SEEDS, SEEDS)
def test_two_seeds_share_no_program(one: bytes, other: bytes) -> None:
    """Who has one suite knows nothing of the next: no canary and no source text is in both."""
    if one == other:
        return
    first, second = programs(one, EVERY), programs(other, EVERY)
    assert {p.canary for p in first}.isdisjoint(p.canary for p in second)
    assert _texts(first).isdisjoint(_texts(second))


@given(SEEDS)
def test_programs_of_one_suite_differ_even_in_one_shape(seed: bytes) -> None:
    """The second program of a shape has other names, numbers and inputs than the first."""
    made = programs(seed, 2 * EVERY)
    for one, other in zip(made[:EVERY], made[EVERY:], strict=True):
        assert one.shape == other.shape
        assert one.flaw.function != other.flaw.function
        assert one.attacks != other.attacks
        assert _texts([one]).isdisjoint(_texts([other]))


@given(SEEDS)
def test_the_two_sides_differ_in_the_flawed_function_alone(seed: bytes) -> None:
    """What is different is the flaw, and nothing else by mistake."""
    for program in programs(seed, EVERY):
        assert program.vulnerable.keys() == program.fixed.keys()
        changed = [name for name, text in program.fixed.items() if text != program.vulnerable[name]]
        assert changed == [program.flaw.file]
        before = program.vulnerable[program.flaw.file].splitlines()
        after = program.fixed[program.flaw.file].splitlines()
        start = next(number for number, line in enumerate(before) if _defines(line, program))
        end = next(
            (n for n in range(start + 1, len(before)) if _ends(before[n], program)), len(before)
        )
        matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
        for tag, first, last, _, _ in matcher.get_opcodes():
            assert tag == "equal" or start < first <= last <= end


@given(SEEDS)
def test_every_program_can_be_searched_for(seed: bytes) -> None:
    """Each source and only its own holds the drawn canary, so that a leak names its program."""
    made = programs(seed, EVERY)
    assert len({program.canary for program in made}) == EVERY
    for program in made:
        assert program.canary in program.vulnerable[program.flaw.file]


@given(SEEDS)
def test_an_instruction_gives_neither_function_nor_weakness_away(seed: bytes) -> None:
    """What is said of the flaw is what it does, not where it lies or what it is called."""
    for program in programs(seed, EVERY):
        assert program.flaw.function not in program.flaw.says
        assert "CWE" not in program.flaw.says


@given(SEEDS)
def test_attacks_and_cases_are_different_inputs(seed: bytes) -> None:
    """A reference, another, and hidden ones; none of them is one of the harmless cases."""
    for program in programs(seed, EVERY):
        harmless = {given for given, _ in program.cases}
        assert len(set(program.attacks)) == len(program.attacks) >= 4
        assert harmless.isdisjoint(program.attacks)


def test_families_are_even() -> None:
    """Each family of weaknesses has at least three shapes, and both languages are there."""
    made = programs(bytes(32), EVERY)
    for weakness in Weakness:
        assert sum(program.flaw.weakness is weakness for program in made) >= 3
    assert {program.language for program in made} == set(Language)


def test_a_short_seed_is_refused() -> None:
    """A seed that could be guessed makes nothing."""
    with pytest.raises(ValueError, match="at least 32"):
        Draws(bytes(31), "program 0")


@pytest.mark.parametrize("count", [0, 1001])
def test_the_number_of_programs_is_bounded(count: int) -> None:
    """None, and more than a thousand, are refused."""
    with pytest.raises(Invalid):
        programs(bytes(32), count)


def test_a_hole_that_is_not_filled_is_an_error() -> None:
    """A template never reaches anybody with a hole in it."""
    with pytest.raises(KeyError):
        Text(path="one.c", body="@missing@").side(fixed=True)


def _texts(made: list[Program] | tuple[Program, ...]) -> set[str]:
    return {text for one in made for text in (*one.vulnerable.values(), *one.fixed.values())}


def _defines(line: str, program: Program) -> bool:
    name = re.escape(program.flaw.function)
    if program.language is Language.C:
        return re.match(rf"^[a-z].*[ *]{name}\(.*[^;]$", line) is not None
    return re.match(rf"^ *def {name}\(", line) is not None


def _ends(line: str, program: Program) -> bool:
    return line == "}" if program.language is Language.C else line.lstrip().startswith("def ")
