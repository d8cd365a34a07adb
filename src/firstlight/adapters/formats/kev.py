"""CISA's catalogue of known exploited vulnerabilities: JSON (plain or gzip) to a `KevCatalogue`.

A catalogue is read whole or refused whole: half a catalogue would turn "listed" into "not listed".
For the same reason the number of entries must agree with the `count` that the file states.
Fields that no rule here uses are passed over, so that CISA can add some.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from firstlight.adapters.formats._gzip import unpack
from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.clearinghouse.priority.sources import (
    KevCatalogue,
    KevEntry,
    MalformedCve,
    RansomwareUse,
    cve_id,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, TooLarge

if TYPE_CHECKING:
    from firstlight.core.kernel.canonical import Json

MAX_ENTRIES = 20_000
"""the real one had 1,404 in 2025"""

_LIMITS = JsonLimits(size=16 << 20, depth=8, elements=500_000)
"""the real one has 1.5 MB unpacked, four levels and some 20,000 elements"""
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
        TooLarge: more than 16 MB unpacked, or more entries than `MAX_ENTRIES`.
        Invalid: not a gzip file, or not JSON with one meaning; see `bounded_json.decode`.
    """
    unpacked = unpack(data, limit=_LIMITS.size, source="the KEV catalogue")
    document = _object(decode(unpacked, _LIMITS), "")
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


def _entry(item: Mapping[str, Json], path: str) -> KevEntry:
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


def _day(item: Mapping[str, Json], name: str, path: str) -> date:
    text = _text(item, name, path)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _malformed(f"{path}/{name}", text, "it is not a day such as 2025-08-25") from None
    if day.year not in _YEARS:
        raise _malformed(f"{path}/{name}", text, "the year cannot be right")
    return day


def _instant(document: Mapping[str, Json], name: str) -> Instant:
    text = _text(document, name, "")
    try:
        return Instant.parse(text)
    except Invalid as error:
        raise _malformed(f"/{name}", text, error.message) from None


def _text(item: Mapping[str, Json], name: str, path: str) -> str:
    value = item.get(name)
    if not isinstance(value, str) or not value:
        raise _malformed(f"{path}/{name}", value, "text is expected")
    return value


def _object(value: Json, path: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise _malformed(path or "/", value, "an object is expected")
    return value


def _malformed(path: str, value: Json, why: str) -> MalformedKev:
    shown = type(value).__name__ if isinstance(value, Mapping | list) else repr(value)[:_SHOWN]
    return MalformedKev(f"{path}: {shown}: {why}", path=path, value=shown)
