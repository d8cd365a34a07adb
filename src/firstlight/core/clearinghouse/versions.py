"""Which of two versions is the newer, by the rules of their own ecosystem.

What is decided here: for each ecosystem that OSV names, one total order, and whether a version lies
in a range of events (OSV schema, "Evaluation"). The orders are those of the ecosystems' own tools;
libraries hold them where they are right:

- PyPI: `packaging`, the code that pip runs (PEP 440).
- npm, crates.io, Go, Hex, Pub, SwiftURL: SemVer 2.0.0, section 11. Build metadata does not count.
- NuGet: likewise, with a fourth number and without regard to case.
- Maven, RubyGems, Debian (and Ubuntu), Alpine: `univers`.
- Packagist: Composer's rules, by hand: `univers` takes `1.0.0-RC1` to be older than
  `1.0.0-alpha1`, and a patch to be older than what it patches.

Left to others: which package a version belongs to, and where ranges come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key
from itertools import zip_longest
from typing import Any, Protocol

from packaging.version import InvalidVersion, Version
from univers import versions as univers
from univers.gem import GemVersion

from firstlight.core.kernel.errors import Invalid

_LONGEST = 256
"""characters; what is longer is no version that a tool would take"""
_SHOWN = 80


class BadVersion(Invalid):
    """This is no version of its ecosystem."""

    code = "input.bad_version"
    next_step = "Write the version as the ecosystem's own tool prints it."


class Key(Protocol):
    """Something that is ordered as its versions are."""

    def __lt__(self, other: Any, /) -> bool:  # noqa: ANN401  # the library's own types
        """Older."""
        ...


_Before = tuple[tuple[int, int, str], ...]
_Semver = tuple[tuple[int, ...], _Before]
"""numbers, and the pre-release; a tuple compares as section 11 of SemVer wants it"""

_SEMVER = re.compile(
    r"v?(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?(?:\.(0|[1-9][0-9]*))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)
_RELEASE = ((2, 0, ""),)


def _semver(text: str) -> _Semver:
    match = _SEMVER.fullmatch(text)
    if match is None:
        raise ValueError(text)
    major, minor, patch, before = match.groups()
    return (int(major), int(minor or 0), int(patch or 0)), _before(before)


def _before(release: str | None) -> _Before:
    """Pre-release identifiers as a key: numbers below words, fewer below more."""
    if not release:
        return _RELEASE
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in release.split(".")
    )


_NUGET = re.compile(
    r"v?([0-9]{1,10}(?:\.[0-9]{1,10}){0,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z.-]+)?"
)


def _nuget(text: str) -> _Semver:
    match = _NUGET.fullmatch(text)
    if match is None:
        raise ValueError(text)
    numbers = [int(part) for part in match[1].split(".")]
    return (*numbers, *[0] * (4 - len(numbers))), _before((match[2] or "").lower())


_COMPOSER = re.compile(
    r"v?([0-9]{1,10}(?:\.[0-9]{1,20}){0,3})"
    r"(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)(?:[.-]?([0-9]{1,10}(?:[.-][0-9]{1,10})*))?)?"
    r"([.-]?dev)?(?:\+\S*)?",
    re.IGNORECASE,
)
_STABILITY = {"": 3, "stable": 3, "a": 0, "alpha": 0, "b": 1, "beta": 1, "rc": 2}
"""patches are 4; `-dev` goes before all of the same numbers"""


_Composer = tuple[tuple[int, ...], int, tuple[int, ...], int]
"""numbers, stability, its number, and whether it is no branch"""


def _composer(text: str) -> _Composer:
    match = _COMPOSER.fullmatch(text)
    if match is None:
        raise ValueError(text)
    numbers = [int(part) for part in match[1].split(".")]
    stability = _STABILITY.get((match[2] or "").lower(), 4)
    if match[4] and not match[2]:
        stability = -1  # the branch before any release of these numbers
    counted = tuple(int(part) for part in re.split(r"[.-]", match[3])) if match[3] else ()
    dev = 0 if match[4] else 1
    return (*numbers, *[0] * (4 - len(numbers))), stability, counted, dev


@dataclass(frozen=True, slots=True)
class Gem:
    """A version of RubyGems as a key: the library's reading, kept once."""

    segments: Sequence[int | str]

    def __lt__(self, other: Gem) -> bool:
        """As Gem::Version compares: what is missing is zero, and a word is below any number."""
        for one, two in zip_longest(self.segments, other.segments, fillvalue=0):
            if one == two:
                continue
            if isinstance(one, int) and isinstance(two, int):
                return one < two
            if isinstance(one, str) and isinstance(two, str):
                return one < two
            return isinstance(one, str)
        return False


def _gem(text: str) -> Gem:
    version = GemVersion(text)  # type: ignore[no-untyped-call]  # it has no types
    return Gem(tuple(version.canonical_segments))


def _by_univers(kind: type[univers.Version]) -> Callable[[str], Key]:
    def read(text: str) -> Key:
        try:
            return kind(text)
        except (univers.InvalidVersion, TypeError) as error:
            raise ValueError(text) from error

    return read


_ORDERS: dict[str, Callable[[str], Key]] = {
    "PyPI": Version,
    "npm": _semver,
    "crates.io": _semver,
    "Go": _semver,
    "Hex": _semver,
    "Pub": _semver,
    "SwiftURL": _semver,
    "Maven": _by_univers(univers.MavenVersion),
    "RubyGems": _gem,
    "NuGet": _nuget,
    "Debian": _by_univers(univers.DebianVersion),
    "Ubuntu": _by_univers(univers.DebianVersion),
    "Alpine": _by_univers(univers.AlpineLinuxVersion),
    "Packagist": _composer,
}

ECOSYSTEMS = frozenset(_ORDERS)
"""those whose versions are ordered here; `Debian:12` is `Debian`"""


def order_of(ecosystem: str) -> Callable[[str], Key] | None:
    """What turns a version of this ecosystem into its key; None where there is no order.

    The function raises BadVersion.
    """
    base = ecosystem.partition(":")[0]
    read = _ORDERS.get(base)
    if read is None:
        return None

    def key(text: str) -> Key:
        if not 0 < len(text) <= _LONGEST or not text.isprintable():
            raise BadVersion(f"{text[:_SHOWN]!r} is no version")
        try:
            return read(text)
        except (ValueError, InvalidVersion):
            raise BadVersion(f"{text[:_SHOWN]!r} is no version of {base}") from None

    return key


@dataclass(frozen=True, slots=True)
class Event:
    """A point where a package becomes affected, or stops to be."""

    kind: str
    """introduced, fixed, last_affected or limit, as OSV names them"""
    at: Key | None
    """None is before all versions (`introduced: 0`), or after all (`limit: *`)"""


_RANK = {"fixed": 0, "introduced": 1, "last_affected": 2}


def affected(version: Key, events: Iterable[Event]) -> bool:
    """Whether a version lies in a range; the events come in any order.

    The newest event at or before the version counts: an introduction makes it affected, a fix ends
    it, and the last affected version is affected itself. At one and the same version an
    introduction counts over a fix, and the end of a range over the introduction that opened it.
    """
    latest: Event | None = None
    limits: list[Key] = []
    unlimited = False
    for event in events:
        if event.kind == "limit":
            if event.at is None:
                unlimited = True
            else:
                limits.append(event.at)
        elif _reached(event, version) and (latest is None or _counts_over(event, latest)):
            latest = event
    if limits and not unlimited and not any(version < limit for limit in limits):
        return False
    return latest is not None and latest.kind == "introduced"


def _reached(event: Event, version: Key) -> bool:
    if event.at is None:
        return True
    if event.kind == "last_affected":
        return event.at < version
    return not version < event.at


def _counts_over(event: Event, other: Event) -> bool:
    if event.at is None or other.at is None:
        later = event.at is not None
        equal = event.at is None and other.at is None
    else:
        later = other.at < event.at
        equal = not later and not event.at < other.at
    return later or (equal and _RANK[event.kind] > _RANK[other.kind])


@dataclass(frozen=True, slots=True)
class Interval:
    """An unbroken stretch of affected versions."""

    low: Key | None
    """the first; None for the beginning of all"""
    high: Key | None
    """where it ends; None when it does not"""
    closed: bool = False
    """whether `high` is affected itself"""


def intervals(events: Iterable[Event]) -> list[Interval]:
    """The stretches that the events of one range give; as `affected`, for many questions.

    Raises:
        ValueError: the range has a limit, which is no stretch's end of its own.
    """
    made: list[Interval] = []
    low: Event | None = None
    for event in sorted(events, key=cmp_to_key(_compare)):
        if event.kind == "limit":
            raise ValueError("a range with a limit")
        if event.kind == "introduced":
            low = low or event
        elif low is not None:
            made.append(Interval(low.at, event.at, event.kind == "last_affected"))
            low = None
    if low is not None:
        made.append(Interval(low.at, None))
    return made


def _compare(one: Event, other: Event) -> int:
    return int(_counts_over(one, other)) - int(_counts_over(other, one))
