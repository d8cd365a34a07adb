"""All that the records say of one package, arranged for the question whether a version is affected.

The versions where something changes are sorted once. Between two of them every version has the same
answer, so that a question is a search for the place, and whole numbers from there on. Places are
numbered 0 before the first such version, 1 for it, 2 between it and the second, and so on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from firstlight.adapters.public.osv_record import Span
from firstlight.core.clearinghouse.versions import Event, Interval, Key, affected

_REMEMBERED = 64
"""versions and places of one package that are kept; most questions are about few of them"""


class Found(NamedTuple):
    """A record that speaks of a package, or names a commit."""

    id: str
    number: int
    modified: str


class _Stretch(NamedTuple):
    last: int
    """place"""
    first: int
    owner: int


class Spoken:
    """What is said of one package."""

    def __init__(self, spans: Iterable[tuple[Found, Span]]) -> None:
        """In any order."""
        given = sorted(spans, key=lambda one: one[0].id)
        self.found: Sequence[Found] = [found for found, _ in given]
        self._named: dict[str, list[int]] = {}
        self._odd: list[tuple[Sequence[Event], int]] = []
        stretches: list[tuple[Interval, int]] = []
        for owner, (_, span) in enumerate(given):
            for version in span.versions:
                self._named.setdefault(version, []).append(owner)
            stretches += [(one, owner) for one in span.stretches]
            self._odd += [(events, owner) for events in span.odd]
        self._changes = _distinct(key for one, _ in stretches for key in (one.low, one.high))
        self._stretches = sorted(self._placed(one, owner) for one, owner in stretches)
        self._lasts = [one.last for one in self._stretches]
        self._remembered: dict[int, frozenset[int]] = {}
        self._places: dict[str, int] = {}

    def naming(self, version: str) -> Sequence[Found]:
        """Records that name the version as it is written."""
        return [self.found[owner] for owner in sorted(set(self._named.get(version, ())))]

    def affecting(self, version: str, key: Key | None) -> Sequence[Found]:
        """Records by which the version is affected; without a key, those that name it."""
        if key is None:
            return self.naming(version)
        place = self._places.get(version)
        if place is None:
            if len(self._places) >= _REMEMBERED:
                self._places.clear()
            place = self._places[version] = self._place(key)
        owners = self._at(place).union(self._named.get(version, ()))
        if self._odd:
            owners |= {owner for events, owner in self._odd if affected(key, events)}
        return [self.found[owner] for owner in sorted(owners)]

    def _at(self, place: int) -> frozenset[int]:
        known = self._remembered.get(place)
        if known is None:
            first = bisect_left(self._lasts, place)
            known = frozenset(one.owner for one in self._stretches[first:] if one.first <= place)
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[place] = known
        return known

    def _place(self, key: Key) -> int:
        at = bisect_left(self._changes, key)
        there = at < len(self._changes) and not key < self._changes[at]
        return 2 * at + there

    def _placed(self, one: Interval, owner: int) -> _Stretch:
        first = 0 if one.low is None else self._place(one.low)
        last = 2 * len(self._changes) + 1
        if one.high is not None:
            last = self._place(one.high) - (0 if one.closed else 1)
        return _Stretch(last, first, owner)


def _distinct(keys: Iterable[Key | None]) -> list[Key]:
    """In order, equal ones once."""
    ordered = sorted(key for key in keys if key is not None)
    made: list[Key] = []
    for key in ordered:
        if not made or made[-1] < key:
            made.append(key)
    return made
