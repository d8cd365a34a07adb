"""An answer as the steps that led to it: input, where from, what was assumed, what it led to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.priority.decision import Derived, Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from firstlight.core.clearinghouse.priority.decision import Assumption, Decision, PathStep


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of an explanation. Texts are plain; the page that shows them escapes them."""

    part: str
    """the table or measure it belongs to"""
    input: str
    """what was asked"""
    value: str
    """the answer that was used"""
    source: str
    """where the answer is from, or why there is none"""
    as_of: date | None = None
    """the date of the source; None when it has none"""
    assumed: str = ""
    """the rule by which an unknown was filled in and what else it could have been; empty when the
    answer was known"""
    led_to: str
    """the outcome, or the outcomes still open"""


def decision_steps(decision: Decision) -> Iterator[Step]:
    """The path of a decision, that of derived answers before the step that uses them."""
    for step in decision.path:
        if isinstance(step.answer, Derived):
            yield from decision_steps(step.answer.decision)
        yield _path_step(decision.table_name, step)


def _path_step(part: str, step: PathStep) -> Step:
    as_of = None
    match step.answer:
        case Known():
            source, as_of = step.answer.source, step.answer.as_of
        case Unknown():
            source = step.answer.reason
        case Derived(decision=inner):
            source = f"derived by {inner.table}"
    return Step(
        part=part,
        input=step.point.name,
        value=step.value.name,
        source=source,
        as_of=as_of,
        assumed=_assumed(step.assumption) if step.assumption else "",
        led_to=" or ".join(value.name for value in step.leaves),
    )


def _assumed(assumption: Assumption) -> str:
    others = "; ".join(
        f"{other.value.name} would give {other.outcome.name}" for other in assumption.otherwise
    )
    return f"{assumption.rule}; {others}" if others else assumption.rule
