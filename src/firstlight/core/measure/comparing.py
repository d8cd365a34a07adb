"""Two runs of one suite, kind by kind. Requests are no capability and are not compared."""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.errors import Conflict
from firstlight.core.measure.record import Run
from firstlight.core.measure.statistics.paired import Comparison, compare
from firstlight.core.measure.task import Kind


class DifferentSuites(Conflict):
    """The two runs are of different suites."""

    code = "measure.different_suites"
    next_step = "Compare runs over the same version of one suite."


def compare_runs(first: Run, second: Run) -> Mapping[Kind, Comparison]:
    """Paired differences, first less second.

    Raises:
        DifferentSuites: name, version or commitment differ.
    """
    if (first.suite.name, first.suite.version, first.suite.root) != (
        second.suite.name,
        second.suite.version,
        second.suite.root,
    ):
        raise DifferentSuites
    there = {each.kind for each in (*first.samples, *second.samples)} - {Kind.REFUSE}
    return {
        kind: compare(
            [each for each in first.samples if each.kind is kind],
            [each for each in second.samples if each.kind is kind],
            f"difference at {kind.value}",
        )
        for kind in Kind
        if kind in there
    }
