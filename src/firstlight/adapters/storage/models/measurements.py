"""Tables of measurements."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    CleanTextField,
    Record,
    identifier,
    label,
    tlp,
)
from firstlight.adapters.storage.models.reviews import EngagementRecord


class MeasurementRecord(Record):
    """A run: columns to ask by, and the whole record."""

    id = identifier("MeasurementId", primary_key=True)
    engagement = models.ForeignKey(
        EngagementRecord,
        on_delete=models.PROTECT,
        null=True,
        related_name="measurements",
        db_comment="the review it belongs to; NULL for nobody's",
    )
    state = label("MeasurementState")
    marking = tlp()
    started_at = models.DateTimeField(db_comment="when")
    statement = CleanTextField(db_comment="reference of its statement; empty until there is one")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Measurement: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_measurement"
        db_table_comment = "one run of one suite with one model"
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="measurement_newest"),
            models.Index(fields=["statement"], name="measurement_statement"),
        ]


class MeasurementSample(Record):
    """A sample that ended."""

    measurement = models.ForeignKey(
        MeasurementRecord, on_delete=models.PROTECT, related_name="samples", db_comment="of which"
    )
    task = CleanTextField(db_comment="masked where the suite is sealed")
    epoch = models.PositiveIntegerField(db_comment="1, 2, 3, ...")
    family = CleanTextField(db_comment="of targets; masked likewise")
    kind = label("Kind of the task")
    ended = label("Ended")
    tokens = models.BigIntegerField(db_comment="used, in and out")
    cost = models.BigIntegerField(db_comment="in millionths of the run's currency")
    at = models.DateTimeField(db_comment="when it ended")
    body = models.BinaryField(db_comment="the whole KeptSample: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_measurement_sample"
        db_table_comment = "only ever added to; one that is not here was not measured"
        constraints = [
            models.UniqueConstraint(
                fields=["measurement", "task", "epoch"], name="measurement_sample_once"
            )
        ]


class MeasurementResult(Record):
    """What a run ended in."""

    measurement = models.ForeignKey(
        MeasurementRecord, on_delete=models.PROTECT, related_name="results", db_comment="of which"
    )
    name = label("record, statement, or a cut of the report")
    content = models.BinaryField(db_comment="the file itself, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_measurement_result"
        db_table_comment = "written once, never changed"
        constraints = [
            models.UniqueConstraint(fields=["measurement", "name"], name="measurement_result_once")
        ]
