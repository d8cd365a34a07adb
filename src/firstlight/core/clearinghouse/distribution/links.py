"""Which records of several publishers speak of one flaw, why we think so, and where they disagree.

A link has its reasons: a name that both bear, or that one gives the other. Names are compared as
they are; nothing is guessed from texts or packages. What the records say is set side by side and
never merged or averaged: who reads decides whom to believe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Told:
    """One record as far as links are concerned."""

    id: str
    aliases: frozenset[str]
    """other names of the same flaw; not those of related ones"""
    withdrawn: bool = False
    fixed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """package to the versions that fix it; an empty set where it says that nothing does"""
    introduced: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """package to the versions where the flaw begins"""

    @property
    def names(self) -> frozenset[str]:
        """All names that it bears."""
        return self.aliases | {self.id}


@dataclass(frozen=True, kw_only=True)
class Link:
    """That two records speak of one flaw."""

    one: str
    other: str
    because: Sequence[str]
    """sentences, at least one"""


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """That linked records do not say the same."""

    about: str
    said: Mapping[str, Sequence[str]]
    """record to what it says"""


def link(one: Told, other: Told) -> Link | None:
    """The link between two records; None when no name joins them."""
    reasons = []
    if other.id in one.aliases:
        reasons.append(f"{one.id} names {other.id} as an alias.")
    if one.id in other.aliases:
        reasons.append(f"{other.id} names {one.id} as an alias.")
    reasons += [f"Both bear the name {name}." for name in sorted(one.aliases & other.aliases)]
    if one.id == other.id or not reasons:
        return None
    return Link(one=one.id, other=other.id, because=reasons)


def contradictions(records: Iterable[Told]) -> list[Contradiction]:
    """Where linked records disagree: withdrawn or not, first affected and fixed versions."""
    given = sorted(records, key=lambda record: record.id)
    found = []
    states = {one.id: ["withdrawn" if one.withdrawn else "stands"] for one in given}
    if len({tuple(state) for state in states.values()}) > 1:
        found.append(Contradiction(about="whether the record stands", said=states))
    for what, of in (("begins", "introduced"), ("is fixed", "fixed")):
        by_package: dict[str, dict[str, Sequence[str]]] = {}
        for one in given:
            for package, versions in getattr(one, of).items():
                by_package.setdefault(package, {})[one.id] = sorted(versions)
        found += [
            Contradiction(about=f"where the flaw {what} in {package}", said=said)
            for package, said in sorted(by_package.items())
            if len({tuple(versions) for versions in said.values()}) > 1
        ]
    return found
