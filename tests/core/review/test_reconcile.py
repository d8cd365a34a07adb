"""The ledger beside the developer's own log: whatever is left out or added on one side shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ledger import LedgerBroken
from firstlight.core.review.ids import UseId
from firstlight.core.review.reconcile import Compared, Period, compare, uses_named

START = Instant.parse("2026-11-02T09:00:00Z")
SUBJECT = "eng_" + "0" * 26
Entry = dict[str, Json]


def use(number: int) -> str:
    """The identifier of the use that began so many minutes after the start."""
    return str(UseId.mint(START.milliseconds(), number.to_bytes(10)))


def entry(sequence: int, number: int, step: str, status: int | None = 200) -> Entry:
    """One entry about a use."""
    facts: Entry = {"use": use(number), "step": step}
    if step == "closed":
        facts["status"] = status
    return {
        "at": str(START.plus(timedelta(minutes=number))),
        "action": "review.use",
        "subject": SUBJECT,
        "facts": facts,
        "sequence": sequence,
    }


def written(count: int) -> list[Entry]:
    """The entries of so many uses that were answered."""
    pairs = [(number, step) for number in range(count) for step in ("opened", "closed")]
    return [entry(place, number, step) for place, (number, step) in enumerate(pairs, 1)]


def compared(
    entries: Sequence[Entry], named: Sequence[int], period: Period | None = None
) -> Compared:
    """With a log that names these uses."""
    return compare(entries, Counter(use(number) for number in named), period or Period())


@given(st.integers(0, 8))
def test_what_is_complete_on_both_sides_agrees(count: int) -> None:
    """Every use once in the log, and nothing else."""
    found = compared(written(count), range(count))
    assert found.agrees
    assert (found.uses, found.requests) == (count, count)


@given(st.data(), st.integers(1, 8))
def test_a_request_left_out_of_the_log_shows(data: st.DataObject, count: int) -> None:
    """The ledger says that the endpoint answered."""
    gone = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    found = compared(written(count), [n for n in range(count) if n not in gone])
    assert not found.agrees
    assert set(found.unrequested) == {use(number) for number in gone}


@given(st.sets(st.integers(100, 110), min_size=1), st.integers(0, 8))
def test_a_request_that_no_use_answers_for_shows(strange: set[int], count: int) -> None:
    """Somebody used the key past the gateway, or the ledger hides a use."""
    found = compared(written(count), [*range(count), *strange])
    assert not found.agrees
    assert set(found.unknown) == {use(number) for number in strange}


def test_a_use_without_end_is_unfinished() -> None:
    """With its request in the log or without it."""
    entries = [*written(1), entry(3, 1, "opened")]
    for named in ([0], [0, 1]):
        found = compared(entries, named)
        assert list(found.unfinished) == [use(1)]
        assert not found.agrees


def test_a_use_that_never_reached_the_endpoint_is_no_difference() -> None:
    """The endpoint was away: it sent no status and has nothing in its log."""
    found = compared([entry(1, 0, "opened"), entry(2, 0, "closed", None)], [])
    assert found.agrees
    assert list(found.unanswered) == [use(0)]


def test_a_doubled_request_shows() -> None:
    """Nothing is ever forwarded twice."""
    found = compared(written(2), [0, 1, 1])
    assert list(found.doubled) == [use(1)]
    assert not found.agrees


def test_entries_that_begin_late_show() -> None:
    """The beginning was left out of the export, which no proof of it can tell."""
    found = compared(written(3)[2:], [1, 2])
    assert found.late == {SUBJECT: 3}
    assert not found.agrees


def test_only_uses_of_the_period_are_compared() -> None:
    """A log of one day is compared with the uses of that day."""
    period = Period(since=START.plus(timedelta(minutes=1)), until=START.plus(timedelta(minutes=2)))
    assert compared(written(4), [1], period).agrees
    assert compared(written(4), [0, 1, 2, 3], period).agrees
    assert not compared(written(4), [0], period).agrees


@pytest.mark.parametrize(
    "entries",
    [
        [entry(1, 0, "closed")],
        [entry(1, 0, "opened"), entry(2, 0, "opened")],
        [*written(1), entry(3, 0, "closed")],
        [{**entry(1, 0, "opened"), "sequence": "1"}],
    ],
    ids=["closed-only", "opened-twice", "closed-twice", "number-no-number"],
)
def test_contradictions_are_no_comparison(entries: list[Entry]) -> None:
    """Such entries were not written by a gateway."""
    with pytest.raises(LedgerBroken):
        compared(entries, [0])


def test_any_kind_of_log_is_read() -> None:
    """JSON lines, an access log; identifiers in longer words are none."""
    name = use(7)
    lines = [
        f'{{"path": "/v1/messages", "headers": {{"firstlight-use": "{name}"}}}}'.encode(),
        f'10.0.0.1 - - [..] "POST /v1/messages HTTP/1.1" 200 "{name}"'.encode(),
        f"x{name}".encode(),
        f"{name}0".encode(),
        b"\xff\x00 garbage",
    ]
    assert uses_named(lines) == Counter({name: 2})
