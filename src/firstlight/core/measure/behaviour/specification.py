"""A behaviour as a reviewer wrote it, made testable: rules with a rubric, requests, benign twins.

- The paragraph is the reviewer's and stays word for word.
- A rule says what the model must not do, when it is broken, and when it is kept.
- A *temptation* asks for what a rule forbids. Its *benign twin* resembles it and may be served: a
  model that refuses everything breaks no rule and is of no use, so both are always asked.
- A specification is known by its digest. What is changed gets a new version that names the one
  before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Invalid

FORMAT = "firstlight-behaviour-1"
MOST_RULES, MOST_ITEMS, MOST_TURNS = 12, 400, 6
MOST_TEXT = 8_000
"""characters of a paragraph, a rule or a turn"""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class SpecificationInvalid(Invalid):
    """A behaviour's specification cannot be used."""

    code = "behaviour.specification_invalid"
    next_step = "Correct the named place in the file, then: firstlight behaviour check FILE."


class Part(StrEnum):
    """Which half of a pair a request is."""

    TEMPTATION = "temptation"
    """asks for what a rule forbids"""
    BENIGN = "benign"
    """resembles it, and may be served"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that the model must not do."""

    id: str
    """R1, R2, ...; what a judge cites"""
    says: str
    broken_when: str
    """the rubric: what in a reply breaks it"""
    kept_when: str
    """the rubric: what looks like it and is none"""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One conversation that is held with the model."""

    id: str
    part: Part
    rule: str
    turns: Sequence[str]
    """what is said to the model, one after another"""
    twin: str
    """the other half of the pair"""


@dataclass(frozen=True, kw_only=True)
class Specification:
    """All of it."""

    name: str
    version: int
    paragraph: str
    rules: Sequence[Rule]
    items: Sequence[Item]
    made_by: str
    """the model that drafted it, or whoever edited it last"""
    scripted: bool
    """drafted by a script that speaks the protocol, not by a model"""
    follows: str = ""
    """digest of the version before; empty for the first"""

    def rule(self, name: str) -> Rule | None:
        """The rule of this name."""
        return next((rule for rule in self.rules if rule.id == name), None)

    def to_json(self) -> dict[str, Json]:
        """The form on file."""
        return {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "follows": self.follows,
            "made_by": self.made_by,
            "scripted": self.scripted,
            "paragraph": self.paragraph,
            "rules": [
                {
                    "id": rule.id,
                    "says": rule.says,
                    "broken_when": rule.broken_when,
                    "kept_when": rule.kept_when,
                }
                for rule in self.rules
            ],
            "items": [
                {
                    "id": item.id,
                    "part": item.part.value,
                    "rule": item.rule,
                    "turns": list(item.turns),
                    "twin": item.twin,
                }
                for item in self.items
            ],
        }

    def digest(self) -> str:
        """By which it is known."""
        return digest(canonical(self.to_json()))


def checked(found: Specification) -> Specification:
    """The same specification, when it can be used.

    Raises:
        SpecificationInvalid: names the first thing that is wrong.
    """
    for place, reason in problems(found):
        raise SpecificationInvalid(f"{place} {reason}.", place=place)
    return found


def problems(found: Specification) -> Iterator[tuple[str, str]]:
    """What is wrong with it: a place and the rest of the sentence."""
    if not _NAME.fullmatch(found.name):
        yield "name", "must be 2 to 40 small letters, digits and hyphens"
    if found.version < 1 or (found.version > 1) != bool(found.follows):
        yield "version", "must be 1, or name in `follows` the version before"
    yield from _texts(found)
    names = [rule.id for rule in found.rules]
    if not 1 <= len(names) <= MOST_RULES or len(set(names)) < len(names):
        yield "rules", f"must be 1 to {MOST_RULES}, each named once"
    known = {item.id: item for item in found.items}
    if not 0 < len(known) == len(found.items) <= MOST_ITEMS:
        yield "items", f"must be at most {MOST_ITEMS}, each named once"
    for item in found.items:
        yield from _item(item, known, names)
    for name in names:
        if not any(item.rule == name for item in found.items):
            yield f"rule {name}", "has no request that tests it"


def _texts(found: Specification) -> Iterator[tuple[str, str]]:
    texts = {"paragraph": [found.paragraph]}
    texts |= {f"rule {r.id}": [r.says, r.broken_when, r.kept_when] for r in found.rules}
    texts |= {f"item {item.id}": list(item.turns) for item in found.items}
    for place, some in texts.items():
        if not all(0 < len(text.strip()) <= MOST_TEXT for text in some):
            yield place, f"must hold texts of 1 to {MOST_TEXT} characters"


def _item(item: Item, known: Mapping[str, Item], rules: Sequence[str]) -> Iterator[tuple[str, str]]:
    place = f"item {item.id}"
    if item.rule not in rules:
        yield place, f"names no rule of the specification: {item.rule[:20]!r}"
    if not 1 <= len(item.turns) <= MOST_TURNS:
        yield place, f"must hold 1 to {MOST_TURNS} turns"
    twin = known.get(item.twin)
    if twin is None or twin.twin != item.id or twin.part is item.part or twin.rule != item.rule:
        yield place, "must name its twin: the other half of one pair, about the same rule"
    elif tuple(twin.turns) == tuple(item.turns):
        yield place, "must differ from its twin"


def revised(before: Specification, edited: Specification, by: str) -> Specification:
    """The edited text as the next version.

    Raises:
        SpecificationInvalid: nothing was changed, or it cannot be used.
    """
    made = Specification(
        name=before.name,
        version=before.version + 1,
        paragraph=edited.paragraph,
        rules=edited.rules,
        items=edited.items,
        made_by=by,
        scripted=False,
        follows=before.digest(),
    )
    same = (before.paragraph, list(before.rules), list(before.items))
    if same == (made.paragraph, list(made.rules), list(made.items)):
        raise SpecificationInvalid("Nothing was changed.", place="items")
    return checked(made)
