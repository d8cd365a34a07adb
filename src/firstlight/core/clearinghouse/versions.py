"""Which of two versions is the newer, by the rules of their own ecosystem.

What is decided here: for each ecosystem that OSV names, one total order, and whether a version lies
in a range of events (OSV schema, "Evaluation"). The orders are those of the ecosystems' own tools;
libraries hold them where they are right:

- PyPI: `packaging`, the code that pip runs (PEP 440).
- npm, crates.io, Go, Hex, Pub, SwiftURL: SemVer 2.0.0, section 11. Build metadata does not count.
- Maven, RubyGems, NuGet, Debian (and Ubuntu), Alpine: `univers`.
- Packagist: Composer's rules, by hand: `univers` takes `1.0.0-RC1` to be older than
  `1.0.0-alpha1`, and a patch to be older than what it patches.

Left to others: which package a version belongs to, and where ranges come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from packaging.version import InvalidVersion, Version
from univers import versions as univers
from univers.nuget import InvalidNuGetVersion

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


@dataclass(frozen=True, slots=True)
class Semver:
    """SemVer 2.0.0 as a key; what is left out of a short version is zero."""

    numbers: tuple[int, int, int]
    rest: tuple[tuple[int, int, str], ...]
    """pre-release identifiers; a release has the one that is greater than all"""

    def __lt__(self, other: Semver) -> bool:
        """Section 11."""
        return (self.numbers, self.rest) < (other.numbers, other.rest)


_SEMVER = re.compile(
    r"v?(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?(?:\.(0|[1-9][0-9]*))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
)
_RELEASE = ((2, 0, ""),)


def _semver(text: str) -> Semver:
    match = _SEMVER.fullmatch(text)
    if match is None:
        raise ValueError(text)
    major, minor, patch, before = match.groups()
    rest: tuple[tuple[int, int, str], ...] = _RELEASE
    if before:
        rest = tuple(
            (0, int(part), "") if part.isdigit() else (1, 0, part) for part in before.split(".")
        )
    return Semver((int(major), int(minor or 0), int(patch or 0)), rest)


_COMPOSER = re.compile(
    r"v?([0-9]{1,10}(?:\.[0-9]{1,20}){0,3})"
    r"(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)(?:[.-]?([0-9]{1,10}(?:[.-][0-9]{1,10})*))?)?"
    r"([.-]?dev)?(?:\+\S*)?",
    re.IGNORECASE,
)
_STABILITY = {"": 3, "stable": 3, "a": 0, "alpha": 0, "b": 1, "beta": 1, "rc": 2}
"""patches are 4; `-dev` goes before all of the same numbers"""


@dataclass(frozen=True, slots=True)
class Composer:
    """A version of Composer as a key."""

    parts: tuple[Any, ...]

    def __lt__(self, other: Composer) -> bool:
        """Numbers, then stability, then its number."""
        return self.parts < other.parts


def _composer(text: str) -> Composer:
    match = _COMPOSER.fullmatch(text)
    if match is None:
        raise ValueError(text)
    numbers = [int(part) for part in match[1].split(".")]
    stability = _STABILITY.get((match[2] or "").lower(), 4)
    if match[4] and not match[2]:
        stability = -1  # the branch before any release of these numbers
    counted = tuple(int(part) for part in re.split(r"[.-]", match[3])) if match[3] else ()
    dev = 0 if match[4] else 1
    return Composer((*numbers, *[0] * (4 - len(numbers)), stability, counted, dev))


def _by_univers(kind: type[univers.Version]) -> Callable[[str], Key]:
    def read(text: str) -> Key:
        try:
            return kind(text)
        except (univers.InvalidVersion, InvalidNuGetVersion, TypeError) as error:
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
    "RubyGems": _by_univers(univers.RubygemsVersion),
    "NuGet": _by_univers(univers.NugetVersion),
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
