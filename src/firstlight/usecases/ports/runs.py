"""Where runs are kept: the run, its samples as they come, and the signed result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import Measurement, Place
from firstlight.core.measure.record import Sample
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.ports.players import Said

RECORD = "record"
STATEMENT = "statement"


def report_name(cut: str) -> str:
    """By which a report is kept beside record and statement."""
    return f"report-{cut}"


@dataclass(frozen=True, kw_only=True)
class Trick:
    """What a detector saw, as it is kept."""

    trick: str
    where: str
    why: str
    voids: bool


@dataclass(frozen=True, kw_only=True)
class KeptSample:
    """One sample, with what it rests on. Of a sealed task it tells nothing but how it ended."""

    sample: Sample
    at: Instant
    """when it ended"""
    end: str
    """why the player stopped, as `players.End` names it; empty when none played"""
    summary: str
    """the verifier's, one sentence"""
    tricks: Sequence[Trick] = ()
    level: str = ""
    """containment of the verifier's runs"""
    notes: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """what was run and seen, by name; JSON"""
    dialogue: Sequence[Said] = ()
    """empty for a sealed task"""
    sealed: bytes = b""
    """the evidence of a sealed task, to the suite's key; empty for a public one"""
    sealed_name: str = ""
    """by which it is opened"""


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """A run, and the review that it belongs to."""

    measurement: Measurement
    engagement: EngagementId | None
    """None for a run of nobody's review"""


class MeasurementStore(Protocol):
    """Runs and their samples."""

    def add(self, stored: StoredRun) -> None:
        """Keep a new one."""
        ...

    def get(self, identifier: MeasurementId) -> StoredRun:
        """Raises Missing."""
        ...

    def lock(self, identifier: MeasurementId) -> StoredRun:
        """Like `get`, locked until this unit of work ends. Raises Missing."""
        ...

    def save(self, measurement: Measurement) -> Measurement:
        """Store a change and return it with the next version. Raises Conflict, Missing."""
        ...

    def keep(self, identifier: MeasurementId, kept: Sequence[KeptSample]) -> None:
        """Keep samples. Raises Conflict when one of them is there already."""
        ...

    def places(self, identifier: MeasurementId) -> frozenset[Place]:
        """Which samples are kept."""
        ...

    def samples(self, identifier: MeasurementId) -> Sequence[Sample]:
        """All that are kept, in the order in which they ended."""
        ...

    def put_result(self, identifier: MeasurementId, name: str, content: bytes) -> None:
        """Keep record, statement or a report. Raises Conflict when it is there already."""
        ...

    def result(self, identifier: MeasurementId, name: str) -> bytes:
        """Raises Missing."""
        ...
