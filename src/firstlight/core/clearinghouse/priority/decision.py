"""Decision tables: questions with versioned answers, one outcome for every combination of answers.

What a table does with a question nobody answered is the point of this module:

- A table may carry an explicit rule for it (`CountsAs`), for example that an asset of unknown
  exposure counts as exposed.
- Otherwise the most urgent outcome over all values the answer could have is chosen.
- Either way the assumption is part of the decision, with its reason and with the outcome that each
  other value would have given. So an unknown is never less urgent than any answer it may turn into.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING

from firstlight.core.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_SHOWN = 64


class UnknownValue(Invalid):
    """This is not a value of that decision point."""

    code = "priority.unknown_value"
    next_step = "Use one of the values in the details, by key or by name."


class UnknownPoint(Invalid):
    """The table does not ask this question."""

    code = "priority.unknown_point"
    next_step = "Answer only the points in the details."


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value of a decision point."""

    key: str
    """short form, unique within its point; the form that tables are written in"""
    name: str
    """the form that people read"""
    meaning: str
    """one sentence"""
    aliases: tuple[str, ...] = ()
    """other names in published data"""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A versioned question, or a versioned set of outcomes."""

    namespace: str
    """who defined it"""
    key: str
    """short form, unique within a table"""
    version: str
    name: str
    question: str
    """what is asked, in one sentence"""
    values: tuple[Value, ...]
    """the least urgent first"""

    @property
    def id(self) -> str:
        """Namespace, key and version, as the published tables write them."""
        return f"{self.namespace}:{self.key}:{self.version}"

    def value(self, text: str) -> Value:
        """The value with this key, or else with this name or alias in upper or lower case.

        Raises:
            UnknownValue: the point has no such value.
        """
        for value in self.values:
            if value.key == text:
                return value
        folded = text.casefold()
        for value in self.values:
            if folded in {name.casefold() for name in (value.name, *value.aliases)}:
                return value
        raise UnknownValue(
            f"{text[:_SHOWN]!r} is not a value of {self.name}",
            point=self.id,
            value=text[:_SHOWN],
            allowed=[value.key for value in self.values],
        )

    def urgency(self, value: Value) -> int:
        """Place of a value in the order of urgency, the least urgent being 0."""
        return self.values.index(value)


@dataclass(frozen=True, kw_only=True)
class Known:
    """An answer that somebody gave."""

    value: str
    """key or name of a value of the point"""
    source: str
    """who or what says so"""
    as_of: date | None = None
    """the date of the source; None when it has none"""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """No answer, or one that only narrows the possibilities."""

    reason: str
    """why it is not known"""
    possible: tuple[str, ...] = ()
    """values that remain possible; empty means all"""


@dataclass(frozen=True, kw_only=True)
class Derived:
    """An answer that another table gives."""

    decision: Decision


Answer = Known | Unknown | Derived

NOT_ANSWERED = Unknown(reason="nobody has answered it")


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """What another value of an assumed point would have led to, all else unchanged."""

    value: Value
    outcome: Value


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A value that was taken without being known."""

    point: Point
    assumed: Value
    reason: str
    """why it is not known"""
    rule: str
    """why this value was taken"""
    outcome: Value
    """what the assumed value led to"""
    otherwise: tuple[Otherwise, ...]
    """the other possible values, the least urgent first"""

    @property
    def matters(self) -> bool:
        """Whether knowing this point alone could change the outcome."""
        return any(other.outcome != self.outcome for other in self.otherwise)


@dataclass(frozen=True, kw_only=True)
class PathStep:
    """One point of a path: the value that was used, and the outcomes it left open."""

    point: Point
    value: Value
    answer: Answer
    """where the value came from"""
    assumption: Assumption | None
    """what was assumed; None when the answer is known, or derived and so assumed further in"""
    leaves: tuple[Value, ...]
    """outcomes still open after this and the earlier steps, the least urgent first"""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The outcome of a table and how it came about."""

    table: str
    """identifier and version of the table"""
    table_name: str
    scale: Point
    """the set of outcomes this one is chosen from, in order of urgency"""
    outcome: Value
    path: tuple[PathStep, ...]
    """every point in the table's order"""
    possible: tuple[Value, ...]
    """outcomes that the unknown answers leave open, the least urgent first; a point with an
    explicit rule counts as known"""

    @property
    def assumed(self) -> tuple[Assumption, ...]:
        """Everything that was not known, that of derived answers included, in reading order."""
        found: list[Assumption] = []
        for step in self.path:
            if isinstance(step.answer, Derived):
                found += step.answer.decision.assumed
            if step.assumption is not None:
                found.append(step.assumption)
        return tuple(found)

    @property
    def urgency(self) -> int:
        """Place of the outcome on its scale, the least urgent being 0."""
        return self.scale.urgency(self.outcome)


@dataclass(frozen=True, kw_only=True)
class CountsAs:
    """A published rule for a point that is not known."""

    value: str
    """key of the value it counts as"""
    rule: str
    """the rule in a few words, with its source"""


@dataclass(frozen=True, kw_only=True)
class TableSource:
    """Where the values of a table come from."""

    publisher: str
    reference: str
    """address or file at the publisher"""
    licence: str


_WORST = "the most urgent outcome that remains possible is taken"


@dataclass(frozen=True, kw_only=True, eq=False)
class DecisionTable:
    """A total mapping from answers to outcomes."""

    namespace: str
    key: str
    version: str
    name: str
    source: TableSource
    points: tuple[Point, ...]
    outcome: Point
    mapping: Mapping[tuple[str, ...], str]
    """keys of the values in the order of `points` -> key of the outcome"""
    unknown: Mapping[str, CountsAs] = field(default_factory=dict)
    """explicit rules by key of the point; other points take the most urgent possible outcome"""

    def __post_init__(self) -> None:
        """Refuse a table that leaves a combination without an outcome or names a stranger."""
        combinations = set(product(*([v.key for v in p.values] for p in self.points)))
        if combinations != set(self.mapping):
            raise ValueError(f"{self.id}: the mapping does not cover exactly every combination")
        for key in self.mapping.values():
            self.outcome.value(key)

    @property
    def id(self) -> str:
        """Namespace, key and version."""
        return f"{self.namespace}:{self.key}:{self.version}"

    def decide(self, answers: Mapping[str, Answer]) -> Decision:
        """Find the outcome for `answers`, given by key of the point; a missing one is unknown.

        Raises:
            UnknownPoint: the table does not ask one of them.
            UnknownValue: an answer is not a value of its point.
        """
        strangers = sorted(set(answers) - {point.key for point in self.points})
        if strangers:
            raise UnknownPoint(
                f"{self.name} does not ask {strangers[0][:_SHOWN]!r}",
                points=[point.key for point in self.points],
            )
        given = [answers.get(point.key, NOT_ANSWERED) for point in self.points]
        options = [self._options(*pair) for pair in zip(self.points, given, strict=True)]
        chosen = max(product(*options), key=self._urgency)
        return Decision(
            table=self.id,
            table_name=self.name,
            scale=self.outcome,
            outcome=self._outcome(chosen),
            path=tuple(self._step(place, chosen, given[place]) for place in range(len(chosen))),
            possible=self._in_order(self._outcome(combo) for combo in product(*options)),
        )

    def _options(self, point: Point, answer: Answer) -> tuple[Value, ...]:
        """The values that an answer leaves possible, an explicit rule applied."""
        match answer:
            case Known(value=text):
                return (point.value(text),)
            case Derived(decision=decision):
                if decision.scale != point:
                    raise UnknownValue(f"{decision.table} does not answer {point.name}")
                return decision.possible
            case Unknown():
                possible = _possible(point, answer)
                rule = self.unknown.get(point.key)
                ruled = point.value(rule.value) if rule else None
                return (ruled,) if ruled in possible else possible

    def _step(self, place: int, chosen: tuple[Value, ...], answer: Answer) -> PathStep:
        return PathStep(
            point=self.points[place],
            value=chosen[place],
            answer=answer,
            assumption=(
                self._assumption(place, chosen, answer) if isinstance(answer, Unknown) else None
            ),
            leaves=self._leaves(chosen[: place + 1]),
        )

    def _assumption(self, place: int, chosen: tuple[Value, ...], answer: Unknown) -> Assumption:
        point, assumed = self.points[place], chosen[place]
        rule = self.unknown.get(point.key)
        return Assumption(
            point=point,
            assumed=assumed,
            reason=answer.reason,
            rule=rule.rule if rule and rule.value == assumed.key else _WORST,
            outcome=self._outcome(chosen),
            otherwise=tuple(
                Otherwise(
                    value=other,
                    outcome=self._outcome((*chosen[:place], other, *chosen[place + 1 :])),
                )
                for other in _possible(point, answer)
                if other != assumed
            ),
        )

    def _outcome(self, values: tuple[Value, ...]) -> Value:
        return self.outcome.value(self.mapping[tuple(value.key for value in values)])

    def _urgency(self, values: tuple[Value, ...]) -> tuple[int, ...]:
        """Urgency of the outcome; between equal outcomes, of the values from left to right."""
        ranks = (p.urgency(v) for p, v in zip(self.points, values, strict=True))
        return (self.outcome.urgency(self._outcome(values)), *ranks)

    def _leaves(self, prefix: tuple[Value, ...]) -> tuple[Value, ...]:
        """Outcomes of all rows that begin with `prefix`."""
        start = tuple(value.key for value in prefix)
        keys = {out for row, out in self.mapping.items() if row[: len(start)] == start}
        return self._in_order(self.outcome.value(key) for key in keys)

    def _in_order(self, outcomes: Iterable[Value]) -> tuple[Value, ...]:
        return tuple(sorted(set(outcomes), key=self.outcome.urgency))


def _possible(point: Point, answer: Unknown) -> tuple[Value, ...]:
    """The values that an unknown answer leaves open, the least urgent first."""
    if not answer.possible:
        return point.values
    return tuple(sorted({point.value(text) for text in answer.possible}, key=point.urgency))
