"""The feed is what RFC 5545 says, read back by a library that knows nothing of us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from tests.core.directives.test_status import entry

from firstlight.adapters.formats.ical import calendar, fold, identifier, text
from firstlight.core.directives.history import EntryKind
from firstlight.core.directives.register import DUTIES, find
from firstlight.core.directives.status import Standing, assess

DAY = date(2026, 7, 15)
BASE = "https://firstlight.example.org"
DATED = [duty for duty in DUTIES if duty.due]


def standings(*history: Any, on: date = DAY) -> list[Standing]:  # noqa: ANN401  # entries
    """Every duty on a day, with this history."""
    return [assess(duty, history, on) for duty in DUTIES]


def read(feed: bytes) -> Calendar:
    """What the library makes of it; anything that it could not read is an error."""
    found = Calendar.from_ical(feed)
    assert found.errors == []
    for component in found.subcomponents:
        assert component.errors == []
    return found


def test_every_due_day_is_an_event_and_a_task() -> None:
    """Eight of each on the day of the register; the event is the whole day and leaves it free."""
    found = read(calendar(standings(), BASE))
    tasks = {str(task["URL"]): task for task in found.walk("VTODO")}
    events = {str(event["URL"]): event for event in found.walk("VEVENT") if "URL" in event}
    for duty in DATED:
        address = f"{BASE}/directives/{duty.key}/"
        assert tasks[address].decoded("DUE") == duty.due
        assert tasks[address].decoded("DTSTART") == duty.starts
        assert events[address].decoded("DTSTART") == duty.due
        assert events[address].decoded("DTEND") == duty.due + timedelta(days=1)
        assert events[address]["TRANSP"] == "TRANSPARENT"
    assert len(tasks) == len(DATED) == 8


def test_signings_and_later_dates_are_events() -> None:
    """Three signings, and the day of full enforcement, which no term gives."""
    found = read(calendar(standings(), BASE))
    days = {str(one["SUMMARY"]): one.decoded("DTSTART") for one in found.walk("VEVENT")}
    assert days["CISA BOD 26-04: signed"] == date(2026, 6, 10)
    assert days["BOD 26-04, full enforcement: in force"] == date(2026, 12, 7)
    assert len(days) == len(DATED) + 4


def test_what_every_entry_must_have() -> None:
    """A version, a product, and for each entry an identifier of its own and a stamp (3.6)."""
    found = read(calendar(standings(), BASE))
    assert (found["VERSION"], found["CALSCALE"]) == ("2.0", "GREGORIAN")
    assert found["PRODID"]
    entries = found.walk("VEVENT") + found.walk("VTODO")
    assert len({str(one["UID"]) for one in entries}) == len(entries)
    assert all(one.decoded("DTSTAMP").utcoffset() == timedelta() for one in entries)


def test_identifiers_are_stable() -> None:
    """Written out: a change here would show every entry twice in every calendar."""
    assert identifier("task 2(a)") == "522a22eb-8136-5cc7-b514-76a70418c8af"
    first, later = (read(calendar(standings(on=on), BASE)) for on in (DAY, date(2026, 12, 24)))
    assert [one.get("UID") for one in first.walk()] == [one.get("UID") for one in later.walk()]


def test_the_same_register_gives_the_same_bytes() -> None:
    """Nothing is taken from the clock of the reading; only a new entry makes a new sequence."""
    assert calendar(standings(), BASE) == calendar(standings(), BASE)
    done = entry(find("2(d)"), on=date(2026, 7, 1))
    found = read(calendar(standings(done), BASE))
    task = next(one for one in found.walk("VTODO") if "2(d)" in str(one["URL"]))
    assert task["SEQUENCE"] == 1
    assert task.decoded("DTSTAMP") == done.recorded_at.utc.replace(microsecond=0)


@pytest.mark.parametrize(
    ("kind", "on", "status"),
    [
        (EntryKind.DONE, date(2026, 7, 1), "COMPLETED"),
        (EntryKind.DONE, date(2026, 7, 10), "COMPLETED"),
        (EntryKind.NOT_APPLICABLE, date(2026, 7, 1), "CANCELLED"),
        (EntryKind.PROGRESS, date(2026, 7, 1), "NEEDS-ACTION"),
        (EntryKind.DONE, date(2026, 7, 16), "NEEDS-ACTION"),
    ],
)
def test_a_task_says_how_it_stands(kind: EntryKind, on: date, status: str) -> None:
    """Met and met late are completed on the day of the evidence; what comes later is not yet."""
    found = read(calendar(standings(entry(find("2(d)"), kind, on)), BASE))
    task = next(one for one in found.walk("VTODO") if "2(d)" in str(one["URL"]))
    assert task["STATUS"] == status
    completed = datetime(on.year, on.month, on.day, tzinfo=UTC) if status == "COMPLETED" else None
    assert (task.decoded("COMPLETED") if completed else task.get("COMPLETED")) == completed


@given(st.text(max_size=300))
def test_lines_are_short_and_unfold_to_what_they_were(value: str) -> None:
    """No line has more than 75 octets or half a character; joining them gives the value back."""
    value = value.encode("utf-8", "replace").decode()
    line = f"SUMMARY:{text(value)}"
    folded = fold(line)
    assert folded.endswith(b"\r\n")
    pieces = folded.removesuffix(b"\r\n").split(b"\r\n")
    for piece in pieces:
        assert len(piece) <= 75
        piece.decode()
    assert b"".join([pieces[0], *(piece.removeprefix(b" ") for piece in pieces[1:])]) == (
        line.encode()
    )


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n")))
def test_text_survives_the_library(value: str) -> None:
    """Backslashes, commas, semicolons and line ends come back as they were."""
    duty = replace(find("2(d)"), text=value)
    found = read(calendar([assess(duty, (), DAY)], BASE))
    task = found.walk("VTODO")[0]
    assert str(task["SUMMARY"]) == f"2(d): {value}"


def test_no_text_starts_a_line_of_its_own() -> None:
    """A line end in a text cannot end the entry and begin another."""
    evil = "x\r\nEND:VTODO\r\nBEGIN:VEVENT\rUID:1\x00"
    feed = calendar([assess(replace(find("2(d)"), text=evil), (), DAY)], BASE)
    assert len(read(feed).walk("VTODO")) == 1
    assert b"\r\nUID:1" not in feed
    assert b"\x00" not in feed
