"""Tables of floods: batches, packs, candidates; the index of like texts."""

import django.db.models.deletion
import firstlight.adapters.storage.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0009_measurements"),
    ]

    operations = [
        migrations.CreateModel(
            name="BatchRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="BatchId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "owner",
                    models.CharField(
                        db_comment="OrganisationId in identity: who sends it", max_length=30
                    ),
                ),
                (
                    "name",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="the file's name, for people"
                    ),
                ),
                (
                    "marking",
                    models.CharField(db_comment="TLP 2.0 label; filters every read", max_length=16),
                ),
                ("state", models.CharField(db_comment="BatchState", max_length=120)),
                ("opened_at", models.DateTimeField(db_comment="when sending began")),
                (
                    "ended_at",
                    models.DateTimeField(
                        db_comment="when it was read, broken or cancelled", null=True
                    ),
                ),
                ("size", models.PositiveBigIntegerField(db_comment="bytes received so far")),
                (
                    "digest",
                    models.CharField(
                        db_comment="SHA-256 (hex) of the file; empty until it is whole",
                        max_length=64,
                    ),
                ),
                (
                    "purl",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="package of records that name none"
                    ),
                ),
                (
                    "trouble",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="where and why it broke off; empty otherwise"
                    ),
                ),
                ("fresh", models.PositiveIntegerField(db_comment="new candidates")),
                (
                    "changed",
                    models.PositiveIntegerField(db_comment="known by identity, with other content"),
                ),
                ("known", models.PositiveIntegerField(db_comment="there already, byte for byte")),
                (
                    "passed",
                    models.PositiveIntegerField(db_comment="report no problem, or were suppressed"),
                ),
                ("failed", models.PositiveIntegerField(db_comment="cannot be read")),
            ],
            options={
                "db_table": "firstlight_batch",
                "db_table_comment": "files of many records, from the first byte to the last record",
                "indexes": [
                    models.Index(fields=["-opened_at", "-id"], name="batch_newest"),
                    models.Index(fields=["owner", "-opened_at", "-id"], name="batch_own"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchPack",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.PositiveIntegerField(db_comment="records of the batch before it")),
                (
                    "leaves",
                    models.BinaryField(
                        db_comment="Merkle leaves of all records in it, 32 bytes each"
                    ),
                ),
                (
                    "data",
                    models.BinaryField(db_comment="documents of new and changed candidates, zstd"),
                ),
                (
                    "faults",
                    models.BinaryField(db_comment="records that cannot be read: JSON, zstd"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_comment="of which",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="packs",
                        to="storage.batchrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_batch_pack",
                "db_table_comment": "one transaction and one ledger entry each; never changed",
            },
        ),
        migrations.CreateModel(
            name="BatchBytes",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "start",
                    models.PositiveBigIntegerField(db_comment="byte of the file where it begins"),
                ),
                ("size", models.PositiveIntegerField(db_comment="bytes before compression")),
                ("data", models.BinaryField(db_comment="the bytes, zstd")),
                ("at", models.DateTimeField(db_comment="when it was received")),
                (
                    "batch",
                    models.ForeignKey(
                        db_comment="of which",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="storage.batchrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_batch_bytes",
                "db_table_comment": "gone when the batch has been read; the records are kept",
            },
        ),
        migrations.CreateModel(
            name="CandidateRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.BinaryField(
                        db_comment="made of owner and identity; CandidateId as bytes",
                        max_length=16,
                        unique=True,
                    ),
                ),
                (
                    "owner",
                    models.CharField(
                        db_comment="OrganisationId in identity: who sent it", max_length=30
                    ),
                ),
                (
                    "marking",
                    models.CharField(db_comment="TLP 2.0 label; filters every read", max_length=16),
                ),
                ("format", models.CharField(db_comment="Format", max_length=120)),
                (
                    "position",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="its place in the file"
                    ),
                ),
                (
                    "package",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="purl without version; empty when unknown"
                    ),
                ),
                (
                    "rule",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="the tool's rule, or the weakness"
                    ),
                ),
                (
                    "title",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="for lists"
                    ),
                ),
                (
                    "path",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="file inside the source"
                    ),
                ),
                ("line", models.PositiveIntegerField(db_comment="where it is now", null=True)),
                (
                    "function",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="as far as the record names it"
                    ),
                ),
                ("level", models.CharField(db_comment="the tool's own word", max_length=120)),
                (
                    "names",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="public names of the flaw in capitals, by blanks"
                    ),
                ),
                (
                    "content",
                    models.BinaryField(db_comment="Merkle leaf of the document", max_length=32),
                ),
                (
                    "start",
                    models.PositiveIntegerField(
                        db_comment="byte of the unpacked pack where it begins"
                    ),
                ),
                ("size", models.PositiveIntegerField(db_comment="bytes of the document")),
                ("first_at", models.DateTimeField(db_comment="when it first came")),
                ("changed_at", models.DateTimeField(db_comment="when its present content came")),
                (
                    "batch",
                    models.ForeignKey(
                        db_comment="which brought its present content",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="storage.batchrecord",
                    ),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        db_comment="the report that was made of it; NULL for none",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.findingrecord",
                    ),
                ),
                (
                    "pack",
                    models.ForeignKey(
                        db_comment="holds the document",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.batchpack",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_candidate",
                "db_table_comment": "what scanners say; no report until a person makes it one",
            },
        ),
        migrations.CreateModel(
            name="FindingBand",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "band",
                    models.BigIntegerField(db_comment="made of four numbers of the text's sketch"),
                ),
                (
                    "finding",
                    models.ForeignKey(
                        db_comment="whose text",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="storage.findingrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_finding_band",
                "db_table_comment": "sixteen for each finding with enough text; to find near-duplicates",
            },
        ),
        migrations.AddConstraint(
            model_name="batchpack",
            constraint=models.UniqueConstraint(fields=("batch", "start"), name="batch_pack_once"),
        ),
        migrations.AddConstraint(
            model_name="batchbytes",
            constraint=models.UniqueConstraint(fields=("batch", "start"), name="batch_bytes_once"),
        ),
        migrations.AddIndex(
            model_name="candidaterecord",
            index=models.Index(fields=["owner", "-id"], name="candidate_own"),
        ),
        migrations.AddConstraint(
            model_name="findingband",
            constraint=models.UniqueConstraint(
                fields=("band", "finding"), name="finding_band_once"
            ),
        ),
    ]
