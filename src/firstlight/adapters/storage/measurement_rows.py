"""Rows of measurements <-> core values. The only module that knows both."""

from __future__ import annotations

from firstlight.adapters.storage import codec
from firstlight.adapters.storage.models import measurements as models
from firstlight.core.measure.measurement import Measurement
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.ports.runs import KeptSample, StoredRun


def changing(value: Measurement) -> dict[str, object]:
    """What may change."""
    return {
        "state": value.state.value,
        "statement": value.statement,
        "version": value.version,
        "body": codec.pack(value),
    }


def run_row(stored: StoredRun) -> models.MeasurementRecord:
    """A new row."""
    value = stored.measurement
    return models.MeasurementRecord(
        id=str(value.id),
        engagement_id=str(stored.engagement) if stored.engagement else None,
        marking=value.marking.value,
        started_at=value.started_at.utc,
        **changing(value),
    )


def run(row: models.MeasurementRecord) -> StoredRun:
    """The run of a row."""
    return StoredRun(
        measurement=codec.unpack(row.body, Measurement),
        engagement=EngagementId(row.engagement_id) if row.engagement_id else None,
    )


def sample_row(measurement: str, kept: KeptSample) -> models.MeasurementSample:
    """A new row."""
    value = kept.sample
    return models.MeasurementSample(
        measurement_id=measurement,
        task=value.task,
        epoch=value.epoch,
        family=value.family,
        kind=value.kind.value,
        ended=value.ended.value,
        tokens=value.tokens,
        cost=value.cost,
        at=kept.at.utc,
        body=codec.pack(kept),
    )


def sample(row: models.MeasurementSample) -> KeptSample:
    """The sample of a row."""
    return codec.unpack(row.body, KeptSample)
