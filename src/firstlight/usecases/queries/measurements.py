"""Reads about runs. Every one requires its reader and applies the access table in the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import Measurement, MeasurementState
from firstlight.core.measure.words import TOOL_PREFIX
from firstlight.core.review.coverage import Determination
from firstlight.usecases.ports.runs import KeptSample
from firstlight.usecases.queries.port import Page


class RunCut(StrEnum):
    """How much of a run's report a reader gets."""

    PUBLIC = "public"
    """no name of a sealed family or task"""
    DEVELOPER = "developer"
    """with families and tasks"""
    FULL = "full"
    """with every sample"""


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """A run in a list."""

    id: MeasurementId
    state: MeasurementState
    marking: Marking
    model: str
    scripted: bool
    suite: str
    level: str
    started_at: Instant
    ended_at: Instant | None
    done: int
    of: int
    statement: str
    answer: str
    review: str
    """number of the review; empty for nobody's"""

    @property
    def tool(self) -> bool:
        """Whether it is a tool without any model."""
        return self.model.startswith(TOOL_PREFIX)


@dataclass(frozen=True, kw_only=True)
class Determined:
    """What the named office determined, naming the statement of this run."""

    determination: Determination
    office: OrganisationId
    office_name: str
    at: Instant
    question: int
    """number of the developer's question that it answers"""


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """One task, over its epochs."""

    task: str
    family: str
    kind: str
    ended: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """A run, as this reader may see it."""

    measurement: Measurement
    """without the names of tasks for a reader of the public cut"""
    review: str
    cut: RunCut
    ended: Mapping[str, int]
    """samples that are kept, by how they ended"""
    tokens: int
    cost: int
    changed_at: Instant
    """when the last sample was kept, or the run itself changed last as far as is known"""
    tasks: Sequence[TaskRow]
    """empty for a reader of the public cut"""
    determined: Sequence[Determined]
    """of the review's answers, those that name this run's statement"""


@dataclass(frozen=True, kw_only=True)
class RecordFor:
    """A record, for a computation whose result is shown within this cut and no further."""

    content: bytes
    cut: RunCut


class MeasurementQueries(Protocol):
    """What a reader may see; the rest is Missing, so that its existence is not told."""

    def runs(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[RunRow]:
        """Newest first."""
        ...

    def run(self, reader: Actor, identifier: MeasurementId) -> RunPage:
        """Raises Missing."""
        ...

    def samples(self, reader: Actor, identifier: MeasurementId, task: str) -> Sequence[KeptSample]:
        """Every epoch of a task, with its evidence. Raises Missing."""
        ...

    def statement(self, reader: Actor, identifier: MeasurementId) -> bytes:
        """The signed statement. Raises Missing."""
        ...

    def report(self, reader: Actor, identifier: MeasurementId, cut: RunCut) -> bytes:
        """One HTML file. Raises Missing, also for a cut beyond the reader's."""
        ...

    def record(self, reader: Actor, identifier: MeasurementId) -> RecordFor:
        """For a comparison. Raises Missing."""
        ...
