"""Compare two runs that a reader may see, within what the reader may see of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from firstlight.core.kernel.parties import Actor
from firstlight.core.measure.comparing import compare_runs
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.record import Run
from firstlight.core.measure.statistics.paired import Comparison
from firstlight.core.measure.task import Kind
from firstlight.usecases.queries.measurements import MeasurementQueries, RunCut


@dataclass(frozen=True, kw_only=True)
class Compared:
    """First less second, by kind; families only where the reader may see them in both."""

    kinds: Mapping[Kind, Comparison]
    scripted: bool
    """one of the two is a script"""
    caution: str
    """where one of the two is no model; empty otherwise"""


def compare(
    queries: MeasurementQueries,
    reader: Actor,
    first: MeasurementId,
    second: MeasurementId,
    read: Callable[[bytes], Run],
) -> Compared:
    """Paired differences of two runs that have ended.

    Raises:
        Missing: one of them is not there for this reader, or has not ended.
        DifferentSuites: they are of different suites.
    """
    one, two = queries.record(reader, first), queries.record(reader, second)
    runs = read(one.content), read(two.content)
    kinds = compare_runs(*runs)
    if RunCut.PUBLIC in {one.cut, two.cut}:
        kinds = {kind: replace(found, families=()) for kind, found in kinds.items()}
    return Compared(
        kinds=kinds,
        scripted=any(run.model.scripted for run in runs),
        caution=next((said for run in runs if (said := run.model.caution)), ""),
    )
