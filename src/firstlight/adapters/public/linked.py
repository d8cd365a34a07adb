"""`GET /v1/links/{id}`: the records of others about the same flaw, with reasons and disagreements.

Beside OSV's own operations, since OSV has none for it. The names are collected when they are first
asked for, so that a server which nobody asks starts no slower.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cached_property

import msgspec

from firstlight.adapters.public.osv_index import OsvIndex
from firstlight.adapters.public.osv_query import NoRecord
from firstlight.adapters.public.osv_record import Record, read_record
from firstlight.core.clearinghouse.distribution.links import Told, contradictions, link
from firstlight.core.kernel.canonical import Json

_MOST = 100
"""linked records in an answer"""


class _Names(msgspec.Struct):
    id: str
    aliases: list[str] = []


class _Imported(msgspec.Struct):
    source: str = ""
    licence: str = ""
    url: str = ""


class _Bag(msgspec.Struct):
    imported: _Imported = msgspec.field(default_factory=_Imported)


class _Full(msgspec.Struct):
    aliases: list[str] = []
    database_specific: _Bag = msgspec.field(default_factory=_Bag)


_names = msgspec.json.Decoder(_Names).decode
_full = msgspec.json.Decoder(_Full).decode


class Links:
    """Answers from one index."""

    def __init__(self, index: OsvIndex) -> None:
        """Cheap; names are collected at the first question."""
        self._index = index
        self._lock = threading.Lock()

    def of(self, identifier: str) -> bytes:
        """The answer as JSON.

        Raises:
            NoRecord: there is no record of that name.
        """
        with self._lock:
            by_name = self._by_name
        start = self._index.number_of(identifier)
        if start is None:
            raise NoRecord(f"no record is named {identifier[:80]!r}")
        own = self._told(start)
        near = {number for name in own.names for number in by_name.get(name, ())} - {start}
        others = sorted((self._told(number) for number in near), key=lambda one: one.id)[:_MOST]
        links = [found for other in others if (found := link(own, other))]
        linked = {one.other for one in links}
        told = [own, *(one for one in others if one.id in linked)]
        return msgspec.json.encode(
            {
                "id": own.id,
                "records": [self._origin(one.id) for one in told],
                "links": [
                    {"one": one.one, "other": one.other, "because": one.because} for one in links
                ],
                "contradictions": [
                    {"about": one.about, "said": one.said} for one in contradictions(told)
                ],
            }
        )

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number in self._index.numbers():
            record = _names(self._index.raw(number))
            for name in {record.id, *record.aliases}:
                found.setdefault(name, []).append(number)
        return found

    def _told(self, number: int) -> Told:
        raw = self._index.raw(number)
        record = read_record(raw)
        return Told(
            id=record.id,
            aliases=frozenset(_full(raw).aliases) - {record.id},
            withdrawn=bool(record.withdrawn),
            fixed=_versions(record, "fixed"),
            introduced=_versions(record, "introduced"),
        )

    def _origin(self, identifier: str) -> Json:
        raw = self._index.by_id(identifier) or b"{}"
        imported = _full(raw).database_specific.imported
        return {
            "id": identifier,
            "source": imported.source or "this clearinghouse",
            "licence": imported.licence,
            "url": imported.url,
        }


def _versions(record: Record, kind: str) -> dict[str, frozenset[str]]:
    """Package to the versions of one kind of event; packages without ranges say nothing."""
    found: dict[str, frozenset[str]] = {}
    for one in record.affected:
        ranges = [span for span in one.ranges if span.type != "GIT"]
        if one.package is None or not ranges:
            continue
        package = f"{one.package.ecosystem} {one.package.name}"
        versions = _of_kind((event for span in ranges for event in span.events), kind)
        found[package] = found.get(package, frozenset()) | versions
    return found


def _of_kind(events: Iterable[dict[str, str]], kind: str) -> frozenset[str]:
    return frozenset(event[kind] for event in events if kind in event)
