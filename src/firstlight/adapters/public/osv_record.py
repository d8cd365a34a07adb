"""What of an OSV record decides whether a version or a commit is affected; the rest stays bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from firstlight.core.clearinghouse.versions import (
    BadVersion,
    Event,
    Interval,
    Key,
    intervals,
    order_of,
)

_KINDS = ("introduced", "fixed", "last_affected", "limit")
_SEPARATORS = re.compile(r"[-_.]+")
_LOWERED = frozenset({"NuGet", "Packagist", "GitHub Actions"})
"""ecosystems whose tools take names without regard to case"""


class Package(msgspec.Struct):
    """`affected[].package`."""

    ecosystem: str = ""
    name: str = ""


class Range(msgspec.Struct):
    """`affected[].ranges[]`."""

    type: str = ""
    events: list[dict[str, str]] = []


class Affected(msgspec.Struct):
    """`affected[]`."""

    package: Package | None = None
    ranges: list[Range] = []
    versions: list[str] = []


class Record(msgspec.Struct):
    """A record as far as a query is concerned."""

    id: str
    modified: str = ""
    affected: list[Affected] = []
    withdrawn: str = ""


class _Named(msgspec.Struct):
    package: Package | None = None


class Names(msgspec.Struct):
    """A record as far as the index is concerned."""

    id: str
    affected: list[_Named] = []
    withdrawn: str = ""


read_record = msgspec.json.Decoder(Record).decode
read_names = msgspec.json.Decoder(Names).decode


def package_key(ecosystem: str, name: str) -> str:
    """One text for a package, however its name is written; no name holds a zero byte."""
    base = ecosystem.partition(":")[0]
    if base == "PyPI":
        name = _SEPARATORS.sub("-", name).lower()  # PEP 503
    elif base in _LOWERED:
        name = name.lower()
    return f"{ecosystem}\0{name}"


@dataclass(frozen=True, slots=True)
class Span:
    """One record's word on one package."""

    versions: Sequence[str]
    """as they are written"""
    stretches: Sequence[Interval]
    odd: Sequence[Sequence[Event]] = ()
    """ranges with a limit"""


def span_of(record: Record, wanted: str) -> Span:
    """What the record says of the package with this key."""
    versions: list[str] = []
    stretches: list[Interval] = []
    odd: list[Sequence[Event]] = []
    for one in record.affected:
        if one.package is None or not names(one.package, wanted):
            continue
        versions += one.versions
        order = order_of(one.package.ecosystem)
        if order is None:
            continue
        ranges = [span for span in one.ranges if span.type != "GIT"]
        if not ranges:
            stretches += [Interval(at, at, closed=True) for at in _keys(one.versions, order)]
        for span in ranges:
            try:
                events = [event for item in span.events for event in _events(item, order)]
            except BadVersion:
                continue  # a range that its own ecosystem cannot read says nothing
            if any(event.kind == "limit" for event in events):
                odd.append(events)
            else:
                stretches += intervals(events)
    return Span(versions, stretches, odd)


def _keys(versions: Iterable[str], order: Callable[[str], Key]) -> Iterator[Key]:
    """Those that the ecosystem can read: 1.0 is named by 1.0.0 too."""
    for version in versions:
        with suppress(BadVersion):
            yield order(version)


def names(package: Package, wanted: str) -> bool:
    """Whether a query for the package with this key means this one.

    `Debian` means every release, and what a record says of `Debian` holds for each of them.
    """
    asked, _, _ = wanted.partition("\0")
    told = package.ecosystem
    if told != asked:
        both_released = ":" in told and ":" in asked
        if both_released or told.partition(":")[0] != asked.partition(":")[0]:
            return False
    return package_key(asked, package.name) == wanted


def _events(item: Mapping[str, str], order: Callable[[str], Key]) -> list[Event]:
    found = []
    for kind in _KINDS:
        at = item.get(kind)
        if at is None:
            continue
        unbounded = (kind == "introduced" and at == "0") or (kind == "limit" and at == "*")
        found.append(Event(kind, None if unbounded else order(at)))
    return found


def commits_of(record: Record) -> tuple[set[str], set[str]]:
    """Commits that the record says are affected, and those that it says are not.

    Without the repository, only commits that the record itself names can be told.
    """
    yes: set[str] = set()
    no: set[str] = set()
    for one in record.affected:
        for span in one.ranges:
            if span.type != "GIT":
                continue
            for item in span.events:
                yes |= {item[kind] for kind in ("introduced", "last_affected") if kind in item}
                no |= {item[kind] for kind in ("fixed", "limit") if kind in item}
    yes.discard("0")
    return yes - no, no
