"""CISA's catalogue of known exploited vulnerabilities: JSON (plain or gzip) to a `KevCatalogue`.

A catalogue is read whole or refused whole: half a catalogue would turn "listed" into "not listed".
For the same reason the number of entries must agree with the `count` that the file states.
Fields that no rule here uses are passed over, so that CISA can add some.
"""

from __future__ import annotations

import json
from datetime import date
from types import MappingProxyType
from typing import NoReturn

from firstlight.adapters.formats._gzip import plain
from firstlight.core.clearinghouse.priority.sources import (
    KevCatalogue,
    KevEntry,
    MalformedCve,
    RansomwareUse,
    cve_id,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import BadEncoding, DuplicateKey, Invalid, TooDeep, TooLarge

MAX_BYTES = 16 << 20
"""of the unpacked file; the real one had 1.5 MB in 2025"""
MAX_ENTRIES = 100_000
"""the real one had 1,404 in 2025"""

_SHOWN = 64
_YEARS = range(2000, 3000)
_RANSOMWARE = {"known": RansomwareUse.KNOWN, "unknown": RansomwareUse.UNKNOWN}


class MalformedKev(Invalid):
    """This is not a catalogue of known exploited vulnerabilities as CISA publishes it."""

    code = "kev.malformed"
    next_step = "Get the JSON catalogue from CISA again; `path` or `line` says where it fails."


def parse_kev(data: bytes) -> KevCatalogue:
    """Read a catalogue.

    Raises:
        MalformedKev: a field is missing or wrong; the details hold its JSON pointer and value.
        TooLarge: larger than `MAX_BYTES` or `MAX_ENTRIES`.
        TooDeep, DuplicateKey, BadEncoding: the JSON itself cannot be trusted.
    """
    document = _object(_load(plain(data, limit=MAX_BYTES, source="the KEV catalogue")), "")
    listed = document.get("vulnerabilities")
    if not isinstance(listed, list):
        raise _malformed("/vulnerabilities", listed, "a list is expected")
    if len(listed) > MAX_ENTRIES:
        raise TooLarge("the KEV catalogue has too many entries", limit=MAX_ENTRIES)
    if document.get("count") != len(listed):
        raise _malformed("/count", document.get("count"), f"there are {len(listed)} entries")
    entries: dict[str, KevEntry] = {}
    for place, item in enumerate(listed):
        path = f"/vulnerabilities/{place}"
        entry = _entry(_object(item, path), path)
        if entry.cve in entries:
            raise _malformed(f"{path}/cveID", entry.cve, "it is listed twice")
        entries[entry.cve] = entry
    return KevCatalogue(
        version=_text(document, "catalogVersion", ""),
        released=_instant(document, "dateReleased"),
        entries=MappingProxyType(entries),
    )


def _load(data: bytes) -> object:
    """JSON with unique keys, no NaN, and bounded nesting."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadEncoding(
            f"byte {error.start} of the KEV catalogue is not UTF-8", offset=error.start
        ) from None
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise MalformedKev(
            f"line {error.lineno}, column {error.colno}: {error.msg}",
            line=error.lineno,
            column=error.colno,
        ) from None
    except RecursionError:
        raise TooDeep("the KEV catalogue is nested too deeply") from None
    except ValueError as error:  # an integer of thousands of digits
        raise MalformedKev(str(error)[:200]) from None


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise DuplicateKey(f"an object names {twice[:_SHOWN]!r} twice", key=twice[:_SHOWN])
    return result


def _no_constant(name: str) -> NoReturn:
    raise MalformedKev(f"{name} is not JSON", value=name)


def _entry(item: dict[str, object], path: str) -> KevEntry:
    cve = _text(item, "cveID", path)
    try:
        cve = cve_id(cve)
    except MalformedCve:
        raise _malformed(f"{path}/cveID", cve, "it is not a CVE identifier") from None
    use = _text(item, "knownRansomwareCampaignUse", path)
    ransomware = _RANSOMWARE.get(use.casefold())
    if ransomware is None:
        raise _malformed(f"{path}/knownRansomwareCampaignUse", use, "Known or Unknown is expected")
    return KevEntry(cve=cve, added=_day(item, "dateAdded", path), ransomware=ransomware)


def _day(item: dict[str, object], name: str, path: str) -> date:
    text = _text(item, name, path)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _malformed(f"{path}/{name}", text, "it is not a day such as 2025-08-25") from None
    if day.year not in _YEARS:
        raise _malformed(f"{path}/{name}", text, "the year cannot be right")
    return day


def _instant(document: dict[str, object], name: str) -> Instant:
    text = _text(document, name, "")
    try:
        return Instant.parse(text)
    except Invalid as error:
        raise _malformed(f"/{name}", text, error.message) from None


def _text(item: dict[str, object], name: str, path: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise _malformed(f"{path}/{name}", value, "text is expected")
    return value


def _object(value: object, path: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _malformed(path or "/", value, "an object is expected")
    return value


def _malformed(path: str, value: object, why: str) -> MalformedKev:
    shown = type(value).__name__ if isinstance(value, dict | list) else repr(value)[:_SHOWN]
    return MalformedKev(f"{path}: {shown}: {why}", path=path, value=shown)
