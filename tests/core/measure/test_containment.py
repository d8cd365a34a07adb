"""Levels, exceptions and proofs: what may run where, and what counts as shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.containment import (
    FRESH,
    LEVELS,
    LONGEST_EXCEPTION,
    NEEDED,
    ContainmentTooWeak,
    Driver,
    LevelException,
    Probe,
    Proof,
    Way,
    When,
    admit,
    strong_enough,
)

NOW = Instant(datetime(2026, 11, 26, 9, tzinfo=UTC))
levels = st.sampled_from(ContainmentLevel)
drivers = st.sampled_from(Driver)
spans = st.timedeltas(timedelta(seconds=1), LONGEST_EXCEPTION)
accepted = levels.filter(lambda level: level is not ContainmentLevel.L0)


def exception(
    level: ContainmentLevel = ContainmentLevel.L1, span: timedelta = timedelta(days=1)
) -> LevelException:
    """One in force from NOW on."""
    return LevelException(
        by="A. Person, office of evaluation",
        why="only scripts of ours are run",
        level=level,
        recorded_at=NOW,
        until=NOW.plus(span),
    )


def proof(*ways: Way, held: bool = True) -> Proof:
    """One that tried these ways."""
    return Proof(
        when=When.BEFORE,
        at=NOW,
        place="a sandbox",
        level=ContainmentLevel.L1,
        milliseconds=1,
        probes=[
            Probe(way=way, tried="something", held=held, seen="", milliseconds=1) for way in ways
        ],
    )


@given(drivers, levels)
def test_without_an_exception_the_needed_level_decides(
    driver: Driver, level: ContainmentLevel
) -> None:
    """A run is admitted exactly when the walls of its level are those it needs, or more."""
    if strong_enough(level, NEEDED[driver]):
        assert admit(driver, level, None, NOW).exception is None
    else:
        with pytest.raises(ContainmentTooWeak):
            admit(driver, level, None, NOW)


@given(levels)
def test_a_model_needs_a_machine_of_its_own(level: ContainmentLevel) -> None:
    """For an agent driven by a model L3 and L4 are enough, and nothing below."""
    enough = level in {ContainmentLevel.L3, ContainmentLevel.L4}
    assert strong_enough(level, NEEDED[Driver.MODEL]) is enough


@given(drivers, levels, accepted, spans, st.timedeltas(timedelta(0), LONGEST_EXCEPTION * 2))
def test_an_exception_lowers_only_while_and_as_far_as_it_says(
    driver: Driver,
    level: ContainmentLevel,
    lowest: ContainmentLevel,
    span: timedelta,
    later: timedelta,
) -> None:
    """Below the needed level a run goes on only under an exception in force that reaches down."""
    given_ = exception(lowest, span)
    now = NOW.plus(later)
    needs_none = strong_enough(level, NEEDED[driver])
    covered = later < span and strong_enough(level, lowest)
    if needs_none or covered:
        admitted = admit(driver, level, given_, now)
        assert admitted.exception == (None if needs_none else given_)
        assert needs_none or given_.by in str(admitted)
        assert needs_none or str(given_.until) in str(admitted)
    else:
        with pytest.raises(ContainmentTooWeak):
            admit(driver, level, given_, now)


@given(drivers, accepted, spans)
def test_nothing_runs_without_any_wall(
    driver: Driver, lowest: ContainmentLevel, span: timedelta
) -> None:
    """No exception reaches down to L0."""
    with pytest.raises(ContainmentTooWeak):
        admit(driver, ContainmentLevel.L0, exception(lowest, span), NOW)
    with pytest.raises(Invalid):
        exception(ContainmentLevel.L0)


@pytest.mark.parametrize("name", ["by", "why"])
@pytest.mark.parametrize("words", ["", "  ", "x" * 501])
def test_somebody_answers_for_an_exception(name: str, words: str) -> None:
    """A name and a reason are needed, and bounded."""
    fields = {"by": "A. Person", "why": "because"} | {name: words}
    with pytest.raises(Invalid):
        replace(exception(), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("span", [timedelta(0), timedelta(days=-1), timedelta(days=31)])
def test_an_exception_ends(span: timedelta) -> None:
    """It ends after it begins, and within thirty days."""
    with pytest.raises(Invalid):
        exception(span=span)


def test_every_level_is_explained() -> None:
    """Each level says what it is and what it is right for, and they are ordered by their walls."""
    assert set(LEVELS) == set(ContainmentLevel)
    walls = [LEVELS[level].walls for level in ContainmentLevel]
    assert walls == sorted(walls)


@given(st.sets(st.sampled_from(Way)))
def test_what_was_not_tried_counts_as_open(ways: set[Way]) -> None:
    """A proof holds only when every way was tried, the controls of the probes included."""
    assert proof(*ways).held is (ways == set(Way))


@given(st.sampled_from(Way))
def test_one_open_way_is_enough(way: Way) -> None:
    """A proof with one attempt that got out does not hold, and names it."""
    seen = Probe(way=way, tried="the door", held=False, seen="reached", milliseconds=1)
    broken = replace(proof(*Way), probes=[*proof(*Way).probes, seen])
    assert not broken.held
    assert broken.failures() == [f"{way}: the door: reached"]


@given(st.timedeltas(timedelta(days=-1), timedelta(days=1)))
def test_a_proof_grows_stale(later: timedelta) -> None:
    """It says something about now for a while, and nothing about times before it."""
    assert proof(*Way).stale(NOW.plus(later)) is not (timedelta(0) <= later < FRESH)


def test_the_digest_covers_what_was_seen() -> None:
    """Two proofs that differ in one observation have two digests."""
    one = proof(*Way)
    other = replace(one, probes=[replace(one.probes[0], seen="x"), *one.probes[1:]])
    assert one.digest != other.digest
    assert one.digest == proof(*Way).digest
