"""Runs, their samples and their results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import QuerySet

from firstlight.adapters.storage import codec
from firstlight.adapters.storage import measurement_rows as rows
from firstlight.adapters.storage.models import (
    MeasurementRecord,
    MeasurementResult,
    MeasurementSample,
)
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import Measurement, Place
from firstlight.core.measure.record import Sample
from firstlight.usecases.ports.runs import KeptSample, StoredRun


class Measurements:
    """`MeasurementStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._runs = MeasurementRecord.objects.using(using)
        self._samples = MeasurementSample.objects.using(using)
        self._results = MeasurementResult.objects.using(using)

    def add(self, stored: StoredRun) -> None:
        """Keep a new one."""
        rows.run_row(stored).save(using=self._using, force_insert=True)

    def get(self, identifier: MeasurementId) -> StoredRun:
        """Raises Missing."""
        return _one(self._runs.all(), identifier)

    def lock(self, identifier: MeasurementId) -> StoredRun:
        """Raises Missing."""
        return _one(self._runs.select_for_update(), identifier)

    def save(self, measurement: Measurement) -> Measurement:
        """Raises Conflict, Missing."""
        following = replace(measurement, version=measurement.version + 1)
        seen = self._runs.filter(pk=str(measurement.id), version=measurement.version)
        if not seen.update(**rows.changing(following)):
            now = self._runs.filter(pk=str(measurement.id)).values_list("version", flat=True)
            stored = now.first()
            if stored is None:
                raise Missing(f"there is no {measurement.id}")
            raise Conflict(
                "it has changed since you looked", seen=measurement.version, stored=stored
            )
        return following

    def keep(self, identifier: MeasurementId, kept: Sequence[KeptSample]) -> None:
        """The table itself refuses a second sample of one place."""
        made = [rows.sample_row(str(identifier), one) for one in kept]
        self._samples.bulk_create(made, batch_size=200)

    def places(self, identifier: MeasurementId) -> frozenset[Place]:
        """Which samples are kept."""
        found = self._samples.filter(measurement=str(identifier))
        return frozenset(found.values_list("task", "epoch"))

    def samples(self, identifier: MeasurementId) -> Sequence[Sample]:
        """In the order in which they ended."""
        found = self._samples.filter(measurement=str(identifier)).order_by("at", "pk")
        return tuple(rows.sample(row).sample for row in found.iterator(chunk_size=200))

    def put_result(self, identifier: MeasurementId, name: str, content: bytes) -> None:
        """The table itself refuses a second one."""
        MeasurementResult(
            measurement_id=str(identifier), name=name, content=codec.squeeze(content)
        ).save(using=self._using, force_insert=True)

    def result(self, identifier: MeasurementId, name: str) -> bytes:
        """Raises Missing."""
        row = self._results.filter(measurement=str(identifier), name=name).first()
        if row is None:
            raise Missing(f"{identifier} has no {name} yet")
        return codec.unsqueeze(row.content)


def _one(found: QuerySet[MeasurementRecord], identifier: MeasurementId) -> StoredRun:
    row = found.filter(pk=str(identifier)).first()
    if row is None:
        raise Missing(f"there is no {identifier}")
    return rows.run(row)
