"""A figure is measured, imputed, or absent with a reason: three types, never one for another.

*Not measured* is never zero and has no number. An imputed figure comes from elsewhere (a subset,
a publication, the developer's word); no function that makes a measured figure takes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from firstlight.core.kernel.canonical import Json

DIGITS = 6
"""digits behind the point of every published figure; what lies beyond depends on the processor"""


def rounded(value: float) -> float:
    """As it is published. Minus zero is zero."""
    return round(value, DIGITS) + 0.0


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A nominal 95 % interval."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Whether `value` lies within, ends included."""
        return self.low <= value <= self.high

    def to_json(self) -> dict[str, Json]:
        """Rounded."""
        return {"low": rounded(self.low), "high": rounded(self.high)}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A figure from samples that ran."""

    value: float
    interval: Interval
    method: str
    """which computation, by name and version"""
    families: int
    tasks: int
    samples: int
    """that entered it"""

    def to_json(self) -> dict[str, Json]:
        """With its kind."""
        return {
            "kind": "measured",
            "value": rounded(self.value),
            "interval": self.interval.to_json(),
            "method": self.method,
            "families": self.families,
            "tasks": self.tasks,
            "samples": self.samples,
        }


@dataclass(frozen=True, kw_only=True)
class Imputed:
    """A figure that somebody states and this run did not measure."""

    name: str
    value: float
    source: str
    """who states it, and where"""
    method: str
    """how it was arrived at, as far as is known"""

    def to_json(self) -> dict[str, Json]:
        """With its kind."""
        return {
            "kind": "imputed",
            "name": self.name,
            "value": rounded(self.value),
            "source": self.source,
            "method": self.method,
        }


TOKENS = "tokens"
COST = "cost in money"
"""names under which a run says that it does not know what was spent"""


@dataclass(frozen=True, kw_only=True)
class Unmeasured:
    """No figure, because."""

    name: str
    reason: str
    needs: str = ""
    """what would make it measurable; empty when nobody knows"""

    def to_json(self) -> dict[str, Json]:
        """With its kind; there is no value in it."""
        return {
            "kind": "not-measured",
            "name": self.name,
            "reason": self.reason,
            "needs": self.needs,
        }


Figure: TypeAlias = Measured | Unmeasured
"""what a computation of ours gives"""
