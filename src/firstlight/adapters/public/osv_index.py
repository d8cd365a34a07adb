"""OSV records on disk, and which of them speak of a package or a commit.

At the start each record is looked at once for its name and its packages; the records themselves
stay in the file, which is mapped. What a record says of a package is read when the package is first
asked for, and kept while there is room.
"""

from __future__ import annotations

import logging
import mmap
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from firstlight.adapters.formats.purl import is_osv_ecosystem
from firstlight.adapters.public.limits import DEFAULT, PublicLimits
from firstlight.adapters.public.osv_record import (
    commits_of,
    package_key,
    read_names,
    read_record,
    span_of,
)
from firstlight.adapters.public.spoken import Found, Spoken

_LOG = logging.getLogger(__name__)
_GIT = b'"GIT"'


class OsvIndex:
    """Immutable once built; a new state of the zone is a new index."""

    def __init__(self, files: Iterable[Path], limits: PublicLimits = DEFAULT) -> None:
        """Read every record of `files`, a JSON object on each line.

        A line that is no record is skipped and logged. Of two records with one name the first
        counts, so that our own come before imported ones.
        """
        self._maps: list[mmap.mmap] = []
        self._file = array("H")
        self._start = array("Q")
        self._end = array("Q")
        self._ids: dict[str, int] = {}
        self._packages: dict[str, list[int]] = {}
        self._commits: dict[str, list[int]] = {}
        self._ecosystems: set[str] = set()
        for path in files:
            self._read(path)
        self.spoken_of = lru_cache(limits.packages_kept)(self._speaking)

    def __len__(self) -> int:
        """How many records."""
        return len(self._ids)

    def raw(self, number: int) -> bytes:
        """The record as it lies in its file."""
        return self._maps[self._file[number]][self._start[number] : self._end[number]]

    def number_of(self, identifier: str) -> int | None:
        """The place of the record of this name."""
        return self._ids.get(identifier)

    def numbers(self) -> Iterable[int]:
        """The places of all records."""
        return self._ids.values()

    def by_id(self, identifier: str) -> bytes | None:
        """The record of this name."""
        number = self._ids.get(identifier)
        return None if number is None else self.raw(number)

    def orders(self, ecosystem: str) -> bool:
        """Whether there is such an ecosystem: OSV's schema has it, or a record here."""
        base = ecosystem.partition(":")[0]
        return not base or is_osv_ecosystem(base) or base in self._ecosystems

    def by_commit(self, commit: str) -> Sequence[Found]:
        """Records that name the commit as affected, by name."""
        found = []
        for number in self._commits.get(commit, ()):
            record = read_record(self.raw(number))
            found.append(Found(record.id, number, record.modified))
        return sorted(found)

    def _numbers(self, key: str) -> Sequence[int]:
        """Records under the ecosystem as asked, and under the one of all its releases."""
        ecosystem, _, name = key.partition("\0")
        base, release, _ = ecosystem.partition(":")
        own = self._packages.get(key, ())
        if not release:
            return own
        return [*own, *self._packages.get(f"{base}:\0{name}", ())]

    def _speaking(self, key: str) -> Spoken:
        """What is said of the package; withdrawn records say nothing."""
        spans = []
        for number in dict.fromkeys(self._numbers(key)):
            record = read_record(self.raw(number))
            spans.append((Found(record.id, number, record.modified), span_of(record, key)))
        return Spoken(spans)

    def _read(self, path: Path) -> None:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._maps.append(mapped)
        here = len(self._maps) - 1
        start = 0
        while start < len(mapped):
            end = mapped.find(b"\n", start)
            end = len(mapped) if end < 0 else end
            line = mapped[start:end]
            if line:
                try:
                    self._take(line, here, start, end)
                except (msgspec.DecodeError, RecursionError):
                    _LOG.warning("%s: no OSV record at byte %s", path.name, start)
            start = end + 1

    def _take(self, line: bytes, file: int, start: int, end: int) -> None:
        record = read_names(line)
        if record.id in self._ids:
            return
        number = len(self._start)
        self._ids[record.id] = number
        self._file.append(file)
        self._start.append(start)
        self._end.append(end)
        if record.withdrawn:
            return  # found by its name, but it affects nothing any more
        for one in record.affected:
            if one.package is not None:
                self._name(one.package.ecosystem, one.package.name, number)
        if _GIT in line:
            for commit in commits_of(read_record(line))[0]:
                self._commits.setdefault(commit, []).append(number)

    def _name(self, ecosystem: str, name: str, number: int) -> None:
        self._add(package_key(ecosystem, name), number)
        base, release, _ = ecosystem.partition(":")
        self._ecosystems.add(base)
        # `Debian` asks for every release; `Debian:` holds what is said of all releases at once.
        self._add(package_key(base if release else f"{base}:", name), number)

    def _add(self, key: str, number: int) -> None:
        there = self._packages.get(key)
        if there is None:
            self._packages[key] = [number]
        elif there[-1] != number:
            there.append(number)
