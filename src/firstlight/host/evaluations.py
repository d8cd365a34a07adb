"""Logs of Inspect's as records, and shipped suites for `inspect eval`."""

from __future__ import annotations

from pathlib import Path

from firstlight.adapters.cli.host_measure import LogOrder
from firstlight.bootstrap import suites
from firstlight.core.measure.record import Run
from firstlight.core.measure.task import Kind
from firstlight.host.choosing import commitment
from firstlight.host.extras import need_inspect


class InspectLogs:
    """Implements `Logs`."""

    def read(self, file: Path, order: LogOrder) -> Run:
        """See the protocol."""
        need_inspect()
        from firstlight.adapters.bench.inspect.reading import (  # noqa: PLC0415  # the extra, 1 s
            Foreign,
            Ours,
            read_log,
        )

        foreign = None
        if order.kind:
            foreign = Foreign(kind=Kind(order.kind), family=order.family)
        known = [Ours(suite=suite, root=commitment(suite).root) for suite in suites()]
        return read_log(file, known, foreign)
