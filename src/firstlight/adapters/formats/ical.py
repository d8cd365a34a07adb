"""The register as an iCalendar feed (RFC 5545): an event for each date, a task for each due day.

1. Lines end with CRLF and are folded at 75 octets, never within a character (3.1).
2. Text is escaped (3.3.11); control characters are dropped, since no escape exists for them.
3. Identifiers are UUIDs made of the duty's key (RFC 7986, 5.3), so a calendar that reads the feed
   again changes its entries and makes no second ones, whichever server it reads it from.
4. Nothing depends on the moment of reading: the same register gives the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from firstlight.core.directives.model import Duty
from firstlight.core.directives.register import INSTRUMENTS, cite, instrument_of
from firstlight.core.directives.status import Standing, Status

MEDIA_TYPE = "text/calendar; charset=utf-8"
_PRODUCT = "-//Firstlight//Register of duties//EN"
_FOLD_OCTETS = 75
_NAMESPACE = uuid.UUID("6f1c2f0a-5d0b-5c3e-9d0e-14409260602a")
"""any fixed value; it must never change, or every calendar would show each entry twice"""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_DAY = timedelta(days=1)
_COMPLETE = {Status.MET: "COMPLETED", Status.MET_LATE: "COMPLETED"}
_TASK = {**_COMPLETE, Status.NOT_APPLICABLE: "CANCELLED"}

Line = tuple[str, str]
"""a property with its parameters, and its value in wire form"""


def calendar(duties: Sequence[Standing], base_url: str) -> bytes:
    """The feed.

    Args:
        duties: every duty, as of the day on which the feed is read
        base_url: the portal's address, without a slash at the end
    """
    lines: list[Line] = [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", _PRODUCT),
        ("CALSCALE", "GREGORIAN"),
        ("NAME", text("Duties of Executive Order 14409")),
        ("X-WR-CALNAME", text("Duties of Executive Order 14409")),
        ("REFRESH-INTERVAL;VALUE=DURATION", "P1D"),
        ("X-PUBLISHED-TTL", "P1D"),
    ]
    for instrument in INSTRUMENTS:
        summary = f"{instrument.reference}: signed"
        stamp = _midnight(instrument.signed)
        lines += _event(f"signed {instrument.key}", instrument.signed, stamp, summary)
    for standing in duties:
        lines += _entries(standing, base_url)
    lines.append(("END", "VCALENDAR"))
    return b"".join(fold(f"{name}:{value}") for name, value in lines)


def text(value: str) -> str:
    """A TEXT value (3.3.11)."""
    plain = "".join(one for one in value if one == "\n" or (one >= " " and one != "\x7f"))
    return plain.translate(_ESCAPES)


def fold(line: str) -> bytes:
    """One content line with its CRLF; longer ones go on after CRLF and a blank (3.1)."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        octets = character.encode("utf-8", "replace")
        if len(piece) + len(octets) > _FOLD_OCTETS:
            pieces.append(piece)
            piece = b" "  # counts towards the next line's length
        piece += octets
    pieces.append(piece)
    return b"\r\n".join(pieces) + b"\r\n"


def identifier(name: str) -> str:
    """The stable UID of an entry."""
    return str(uuid.uuid5(_NAMESPACE, name))


def _entries(standing: Standing, base_url: str) -> Iterator[Line]:
    duty = standing.duty
    stamp = max((one.recorded_at.utc for one in standing.history), default=_midnight(duty.starts))
    address = f"{base_url}/directives/{duty.key}/"
    more: list[Line] = [
        ("DESCRIPTION", text(_description(standing))),
        ("URL", address),
        ("SEQUENCE", str(len(standing.history))),
    ]
    if duty.due is not None:
        yield from _event(f"due {duty.key}", duty.due, stamp, f"{duty.key} is due", more)
        yield from _task(standing, stamp, more)
    elif duty.starts != instrument_of(duty).signed:
        summary = f"{duty.paragraph}: in force"
        yield from _event(f"starts {duty.key}", duty.starts, stamp, summary, more)


def _event(
    name: str, on: date, stamp: datetime, summary: str, more: Sequence[Line] = ()
) -> list[Line]:
    """A whole day that leaves the day free (3.6.1); its end is the day after (3.8.2.2)."""
    return [
        ("BEGIN", "VEVENT"),
        ("UID", identifier(f"event {name}")),
        ("DTSTAMP", _moment(stamp)),
        ("DTSTART;VALUE=DATE", _date(on)),
        ("DTEND;VALUE=DATE", _date(on + _DAY)),
        ("SUMMARY", text(summary)),
        *more,
        ("TRANSP", "TRANSPARENT"),
        ("END", "VEVENT"),
    ]


def _task(standing: Standing, stamp: datetime, more: Sequence[Line]) -> Iterator[Line]:
    """The duty with its state (3.6.2), for programs that know tasks."""
    duty = standing.duty
    yield ("BEGIN", "VTODO")
    yield ("UID", identifier(f"task {duty.key}"))
    yield ("DTSTAMP", _moment(stamp))
    yield ("DTSTART;VALUE=DATE", _date(duty.starts))
    yield ("DUE;VALUE=DATE", _date(_due(duty)))
    yield ("SUMMARY", text(f"{duty.key}: {duty.text}"))
    yield from more
    yield ("STATUS", _TASK.get(standing.status, "NEEDS-ACTION"))
    if standing.status in _COMPLETE:
        yield ("COMPLETED", _moment(_midnight(standing.since)))
        yield ("PERCENT-COMPLETE", "100")
    yield ("END", "VTODO")


def _due(duty: Duty) -> date:
    if duty.due is None:
        raise ValueError(f"{duty.key} has no due day")
    return duty.due


def _description(standing: Standing) -> str:
    duty = standing.duty
    lines = [cite(duty), duty.text]
    if duty.lead:
        lines.append(f"Lead: {'; '.join(duty.lead)}.")
    if duty.consulted:
        lines.append(f"Consulted: {'; '.join(duty.consulted)}.")
    lines.append(f"Status: {standing.status.value}, since {standing.since.isoformat()}.")
    return "\n".join(lines)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _date(day: date) -> str:
    return f"{day:%Y%m%d}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"
