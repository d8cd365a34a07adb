"""Laws of the state of a duty: a function of its dates, its evidence and the day asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.directives.history import (
    EntryKind,
    HistoryEntry,
    HistoryId,
    check_fits,
)
from firstlight.core.directives.model import Duty
from firstlight.core.directives.order import SIGNED
from firstlight.core.directives.register import DUTIES, find
from firstlight.core.directives.status import Status, assess
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid

DATED = tuple(duty for duty in DUTIES if duty.due is not None)
STANDING = tuple(duty for duty in DUTIES if duty.due is None)
EVER = st.dates(min_value=date(2026, 1, 1), max_value=date(2027, 12, 31))
MET = {Status.MET, Status.MET_LATE}


def entry(
    duty: Duty,
    kind: EntryKind = EntryKind.DONE,
    on: date = SIGNED,
    *,
    number: int = 1,
    withdraws: HistoryId | None = None,
) -> HistoryEntry:
    """An entry; `number` makes its identifier and its moment."""
    evidence = kind in {EntryKind.DONE, EntryKind.PROGRESS}
    return HistoryEntry(
        id=HistoryId.mint(number, b"0123456789"),
        duty=duty.key,
        kind=kind,
        on=on,
        text="what it shows",
        recorded_by="coordinator",
        recorded_at=Instant(datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=number)),
        source="Federal Register" if evidence else "",
        link="https://www.example.org/a" if evidence else "",
        withdraws=withdraws,
    )


@st.composite
def histories(draw: st.DrawFn, duty: Duty) -> list[HistoryEntry]:
    """Some entries of any kind on any day; some withdraw an earlier one."""
    found: list[HistoryEntry] = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        kind = draw(st.sampled_from(EntryKind)) if found else EntryKind.DONE
        gone = draw(st.sampled_from(found)).id if kind is EntryKind.WITHDRAWN else None
        found.append(entry(duty, kind, draw(EVER), number=number, withdraws=gone))
    return found


duty_and_history = st.sampled_from(DATED).flatmap(
    lambda duty: st.tuples(st.just(duty), histories(duty))
)


@pytest.mark.parametrize("duty", DATED, ids=lambda duty: duty.key)
def test_without_evidence_the_due_day_is_the_boundary(duty: Duty) -> None:
    """Open on the due day itself, overdue on the day after; not in force before the signing."""
    assert duty.due
    day = timedelta(days=1)
    expected = {
        SIGNED - day: Status.NOT_IN_FORCE,
        SIGNED: Status.OPEN,
        duty.due: Status.OPEN,
        duty.due + day: Status.OVERDUE,
    }
    assert {on: assess(duty, (), on).status for on in expected} == expected


@pytest.mark.parametrize("duty", DATED, ids=lambda duty: duty.key)
def test_evidence_of_the_due_day_is_in_time(duty: Duty) -> None:
    """Done on the due day is met; done a day later is met late, and was overdue in between."""
    assert duty.due
    day = timedelta(days=1)
    in_time = assess(duty, [entry(duty, on=duty.due)], duty.due)
    late = [entry(duty, on=duty.due + 2 * day)]
    assert in_time.status is Status.MET
    assert assess(duty, late, duty.due + day).status is Status.OVERDUE
    assert assess(duty, late, duty.due + 2 * day).status is Status.MET_LATE


@pytest.mark.parametrize("duty", STANDING, ids=lambda duty: duty.key)
@given(on=EVER)
def test_what_always_holds_is_never_over(duty: Duty, on: date) -> None:
    """Standing from its first day on, whatever is recorded."""
    expected = Status.STANDING if on >= duty.starts else Status.NOT_IN_FORCE
    assert assess(duty, [entry(duty, EntryKind.PROGRESS)], on).status is expected


@given(given_=duty_and_history, on=EVER, later=st.integers(0, 400))
def test_met_stays_met(given_: tuple[Duty, list[HistoryEntry]], on: date, later: int) -> None:
    """With the same evidence, no later day takes it back, nor turns met into met late."""
    duty, history = given_
    before = assess(duty, history, on).status
    if before in MET:
        assert assess(duty, history, on + timedelta(days=later)).status is before


@given(given_=duty_and_history, on=EVER)
def test_the_days_pass_in_one_direction(given_: tuple[Duty, list[HistoryEntry]], on: date) -> None:
    """Overdue never becomes open or met in time, and nothing leaves force again."""
    duty, history = given_
    before = assess(duty, history, on).status
    after = assess(duty, history, on + timedelta(days=1)).status
    allowed = {
        Status.NOT_IN_FORCE: {Status.OPEN, Status.MET, Status.NOT_APPLICABLE},
        Status.OPEN: {Status.OPEN, Status.MET, Status.OVERDUE, Status.NOT_APPLICABLE}
        | {Status.MET_LATE},
        Status.OVERDUE: {Status.OVERDUE, Status.MET_LATE, Status.NOT_APPLICABLE},
        Status.NOT_APPLICABLE: {Status.NOT_APPLICABLE, *MET},
        Status.MET: {Status.MET},
        Status.MET_LATE: {Status.MET_LATE},
    }
    assert after is before or after in allowed[before]


@given(given_=duty_and_history, on=EVER, data=st.data())
def test_the_order_of_recording_does_not_matter(
    given_: tuple[Duty, list[HistoryEntry]], on: date, data: st.DataObject
) -> None:
    """Any order in which the entries are handed over gives the same answer and the same history."""
    duty, history = given_
    mixed = data.draw(st.permutations(history))
    assert assess(duty, mixed, on) == assess(duty, history, on)


@given(given_=duty_and_history, on=EVER, shown=EVER)
def test_more_evidence_never_makes_it_worse(
    given_: tuple[Duty, list[HistoryEntry]], on: date, shown: date
) -> None:
    """One entry more that shows it done takes nothing away, and gives met from its day on."""
    duty, history = given_
    rank = {Status.MET: 2, Status.MET_LATE: 1}
    more = [*history, entry(duty, on=shown, number=99)]
    before, after = (assess(duty, one, on).status for one in (history, more))
    assert rank.get(after, 0) >= rank.get(before, 0)
    if shown <= on and on >= duty.starts:
        assert after in MET


@given(given_=duty_and_history, on=EVER, shown=EVER, kind=st.sampled_from(EntryKind))
def test_a_withdrawn_entry_counts_on_no_day(
    given_: tuple[Duty, list[HistoryEntry]], on: date, shown: date, kind: EntryKind
) -> None:
    """Recording and withdrawing leaves every day as it was; both stay in the history."""
    if kind is EntryKind.WITHDRAWN:
        return
    duty, history = given_
    wrong = entry(duty, kind, shown, number=98)
    back = entry(duty, EntryKind.WITHDRAWN, shown, number=99, withdraws=wrong.id)
    before, after = (assess(duty, one, on) for one in (history, [*history, wrong, back]))
    assert replace(after, history=before.history) == before
    assert {wrong.id, back.id} <= {one.id for one in after.history}


@given(given_=duty_and_history, on=EVER, shown=EVER)
def test_progress_and_other_duties_decide_nothing(
    given_: tuple[Duty, list[HistoryEntry]], on: date, shown: date
) -> None:
    """A step is no end, and evidence of one duty is none of another."""
    duty, history = given_
    other = next(one for one in DATED if one is not duty)
    noise = [entry(duty, EntryKind.PROGRESS, shown, number=97), entry(other, on=shown, number=98)]
    before, after = (assess(duty, one, on) for one in (history, [*history, *noise]))
    assert (before.status, before.since) == (after.status, after.since)


@given(given_=duty_and_history, on=EVER)
def test_since_is_the_first_day_of_the_status(
    given_: tuple[Duty, list[HistoryEntry]], on: date
) -> None:
    """On that day the status is already the same; the day before it is another."""
    duty, history = given_
    found = assess(duty, history, on)
    if found.status is Status.NOT_IN_FORCE:
        assert found.since > on
        return
    assert found.since <= on
    assert assess(duty, history, found.since).status is found.status
    assert assess(duty, history, found.since - timedelta(days=1)).status is not found.status


def test_done_after_being_set_aside_is_done() -> None:
    """Evidence is stronger than a word that none is needed."""
    duty = find("2(e)")
    history: Sequence[HistoryEntry] = [
        entry(duty, EntryKind.NOT_APPLICABLE, date(2026, 6, 20), number=1),
        entry(duty, EntryKind.DONE, date(2026, 6, 25), number=2),
    ]
    assert assess(duty, history, date(2026, 6, 24)).status is Status.NOT_APPLICABLE
    assert assess(duty, history, date(2026, 6, 25)).status is Status.MET


@pytest.mark.parametrize(
    ("on", "left"), [(SIGNED, 30), (date(2026, 7, 2), 0), (date(2026, 7, 4), -2)]
)
def test_days_left_are_counted_to_the_due_day(on: date, left: int) -> None:
    """None are left on the due day; after it they are negative."""
    assert assess(find("2(a)"), (), on).days_left == left


@pytest.mark.parametrize("kind", [EntryKind.DONE, EntryKind.NOT_APPLICABLE])
def test_what_always_holds_has_no_end(kind: EntryKind) -> None:
    """3(c) is neither done nor set aside."""
    with pytest.raises(Invalid, match="always holds"):
        check_fits(find("3(c)"), kind)
    check_fits(find("3(c)"), EntryKind.PROGRESS)
    check_fits(find("2(a)"), kind)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"text": "a\u202eb"}, "text"),
        ({"source": ""}, "source"),
        ({"source": "two\nlines"}, "source"),
        ({"link": "http://www.example.org/"}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "https://user@www.example.org/"}, "link"),
        ({"link": "https://localhost/"}, "link"),
        ({"link": "https://www.example.org/a b"}, "link"),
        ({"link": "https://www.example.org/" + "a" * 500}, "link"),
        ({"withdraws": HistoryId.mint(3, b"0123456789")}, "withdraws"),
        ({"kind": EntryKind.WITHDRAWN, "source": "", "link": ""}, "withdraws"),
        ({"kind": EntryKind.NOT_APPLICABLE}, "link"),
    ],
)
def test_an_entry_that_cannot_be_shown_is_refused(changed: dict[str, object], field: str) -> None:
    """Each wrong in one way; the named field is the one that is wrong."""
    good = entry(find("2(a)"))
    with pytest.raises(Invalid) as refused:
        replace(good, **changed)  # type: ignore[arg-type]  # one wrong field at a time
    assert refused.value.details["field"] == field
