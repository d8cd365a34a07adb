"""Tables of measurements: runs, their samples, their results."""

import django.db.models.deletion
import firstlight.adapters.storage.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0008_tools"),
    ]

    operations = [
        migrations.CreateModel(
            name="MeasurementRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="MeasurementId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("state", models.CharField(db_comment="MeasurementState", max_length=120)),
                (
                    "marking",
                    models.CharField(db_comment="TLP 2.0 label; filters every read", max_length=16),
                ),
                ("started_at", models.DateTimeField(db_comment="when")),
                (
                    "statement",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="reference of its statement; empty until there is one"
                    ),
                ),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Measurement: msgpack, zstd")),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="the review it belongs to; NULL for nobody's",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measurements",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_measurement",
                "db_table_comment": "one run of one suite with one model",
            },
        ),
        migrations.CreateModel(
            name="MeasurementResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        db_comment="record, statement, or a cut of the report", max_length=120
                    ),
                ),
                ("content", models.BinaryField(db_comment="the file itself, zstd")),
                (
                    "measurement",
                    models.ForeignKey(
                        db_comment="of which",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="storage.measurementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_measurement_result",
                "db_table_comment": "written once, never changed",
            },
        ),
        migrations.CreateModel(
            name="MeasurementSample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "task",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="masked where the suite is sealed"
                    ),
                ),
                ("epoch", models.PositiveIntegerField(db_comment="1, 2, 3, ...")),
                (
                    "family",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="of targets; masked likewise"
                    ),
                ),
                ("kind", models.CharField(db_comment="Kind of the task", max_length=120)),
                ("ended", models.CharField(db_comment="Ended", max_length=120)),
                ("tokens", models.BigIntegerField(db_comment="used, in and out")),
                ("cost", models.BigIntegerField(db_comment="in millionths of the run's currency")),
                ("at", models.DateTimeField(db_comment="when it ended")),
                ("body", models.BinaryField(db_comment="the whole KeptSample: msgpack, zstd")),
                (
                    "measurement",
                    models.ForeignKey(
                        db_comment="of which",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples",
                        to="storage.measurementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_measurement_sample",
                "db_table_comment": "only ever added to; one that is not here was not measured",
            },
        ),
        migrations.AddIndex(
            model_name="measurementrecord",
            index=models.Index(fields=["-started_at", "-id"], name="measurement_newest"),
        ),
        migrations.AddIndex(
            model_name="measurementrecord",
            index=models.Index(fields=["statement"], name="measurement_statement"),
        ),
        migrations.AddConstraint(
            model_name="measurementresult",
            constraint=models.UniqueConstraint(
                fields=("measurement", "name"), name="measurement_result_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="measurementsample",
            constraint=models.UniqueConstraint(
                fields=("measurement", "task", "epoch"), name="measurement_sample_once"
            ),
        ),
    ]
