"""Identifiers of measurements."""

from __future__ import annotations

from firstlight.core.kernel.ids import Identifier


class MeasurementId(Identifier):
    """One run of one suite with one model."""

    prefix = "mea"
