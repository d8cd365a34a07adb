"""Record and reports of a run, as files."""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.adapters.formats.measure_record import record_digest, write_record
from firstlight.adapters.formats.measure_report.page import Cut, Parts, page
from firstlight.core.measure.designation import Designation
from firstlight.core.measure.record import Run
from firstlight.core.measure.results import Results
from firstlight.usecases.measurements.runs import Written


class ReportPapers:
    """Implements `Papers`."""

    def record(self, run: Run) -> Written:
        """See the protocol."""
        return Written(content=write_record(run), digest=record_digest(run))

    def reports(
        self, run: Run, record_digest: str, found: Results, prepared: Designation | None
    ) -> Mapping[str, bytes]:
        """See the protocol."""
        parts = Parts(run=run, results=found, record=record_digest, designation=prepared)
        return {cut.value: page(parts, cut) for cut in Cut}
