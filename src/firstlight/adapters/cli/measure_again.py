"""Make a statement again from its record, and compare it byte for byte."""

from __future__ import annotations

from firstlight.adapters.formats.measure_record import record_digest
from firstlight.adapters.formats.measure_statement import Statement
from firstlight.core.measure.plan import Plan
from firstlight.core.measure.recheck import StatementBroken
from firstlight.core.measure.record import Run
from firstlight.usecases.measurements.state import prepare
from firstlight.usecases.ports.measurements import ThresholdKeeper


def made_again(
    found: Statement, run: Run, keeper: ThresholdKeeper | None, plan: Plan | None
) -> None:
    """Compare.

    Raises:
        StatementBroken: another record, or another result.
    """
    named = record_digest(run)
    if found.predicate["run"]["record"] != named:
        raise StatementBroken("the statement is about another record")
    made, _, _ = prepare(run, named, keeper, plan)
    if made.payload != found.payload:
        hint = "Give the threshold and the plan as they were, and the same version of the program."
        raise StatementBroken("made again from the record, the statement differs", hint=hint)
