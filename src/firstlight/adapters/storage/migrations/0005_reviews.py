"""Tables of the voluntary review, and the first row of its counter of changes."""

import django.db.models.deletion
import firstlight.adapters.storage.models.fields
from django.db import migrations, models


def _begin(apps, schema_editor) -> None:  # type: ignore[no-untyped-def]  # historical models
    revisions = apps.get_model("storage", "ReviewRevision").objects
    revisions.using(schema_editor.connection.alias).create(only=1, number=0)


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0004_duties"),
    ]

    operations = [
        migrations.CreateModel(
            name="EngagementNumber",
            fields=[
                (
                    "year",
                    models.PositiveIntegerField(
                        db_comment="calendar year (UTC)", primary_key=True, serialize=False
                    ),
                ),
                ("last", models.PositiveIntegerField(db_comment="the number given last")),
            ],
            options={
                "db_table": "firstlight_engagement_number",
                "db_table_comment": "one row per year; its lock makes sure no number is given twice",
            },
        ),
        migrations.CreateModel(
            name="ReviewModel",
            fields=[
                (
                    "key",
                    models.CharField(
                        db_comment="SHA-256 over developer, name and version, spelling set aside",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_model",
                "db_table_comment": "days of access are counted over all engagements of one row",
            },
        ),
        migrations.CreateModel(
            name="ReviewRevision",
            fields=[
                (
                    "only",
                    models.PositiveSmallIntegerField(
                        db_comment="always 1", primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveBigIntegerField(db_comment="grows with every change")),
            ],
            options={
                "db_table": "firstlight_review_revision",
                "db_table_comment": "one row; read by the gateway while uses are open",
            },
        ),
        migrations.CreateModel(
            name="EngagementRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="EngagementId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        db_comment="for people: FR-2026-0001", max_length=20, unique=True
                    ),
                ),
                (
                    "developer",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                ("state", models.CharField(db_comment="EngagementState", max_length=120)),
                (
                    "marking",
                    models.CharField(db_comment="TLP 2.0 label; filters every read", max_length=16),
                ),
                (
                    "opened_at",
                    models.DateTimeField(db_comment="when it was first asked for or opened"),
                ),
                ("closed_at", models.DateTimeField(db_comment="when it was closed", null=True)),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Engagement: msgpack, zstd")),
                (
                    "model",
                    models.ForeignKey(
                        db_comment="the model",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="storage.reviewmodel",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_engagement",
                "db_table_comment": "a developer's review of one model",
            },
        ),
        migrations.CreateModel(
            name="AcceptanceRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(db_comment="PersonId in identity", max_length=30)),
                (
                    "number",
                    models.PositiveIntegerField(
                        db_comment="version of the terms in the engagement"
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        db_comment="SHA-256 of exactly what was accepted", max_length=64
                    ),
                ),
                ("at", models.DateTimeField(db_comment="when")),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="the engagement",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_acceptance",
                "db_table_comment": "who accepted which terms; never changed",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "person", "number"), name="review_acceptance_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GrantRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="GrantId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("person", models.CharField(db_comment="PersonId in identity", max_length=30)),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                ("state", models.CharField(db_comment="GrantState", max_length=120)),
                ("given_at", models.DateTimeField(db_comment="when")),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Grant: msgpack, zstd")),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_grant",
                "db_table_comment": "person x artefact x purpose x time; time is compared at every use",
                "indexes": [
                    models.Index(
                        fields=["engagement", "given_at", "id"], name="grant_of_engagement"
                    ),
                    models.Index(fields=["person", "-given_at", "-id"], name="grant_of_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ObservationRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="ObservationId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId of the author", max_length=30),
                ),
                ("made_at", models.DateTimeField(db_comment="when its first version was written")),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Observation: msgpack, zstd")),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observations",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_observation",
                "db_table_comment": "advice to the developer, and its responses",
                "indexes": [
                    models.Index(
                        fields=["engagement", "made_at", "id"], name="observation_of_engagement"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficeRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                ("state", models.CharField(db_comment="OfficeState", max_length=120)),
                ("since", models.DateTimeField(db_comment="when this state began")),
                (
                    "words",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="what was written with the last step"
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="the engagement",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offices",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_office",
                "db_table_comment": "several offices, one engagement",
                "indexes": [
                    models.Index(fields=["organisation", "state"], name="review_office_mine")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "organisation"), name="review_office_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="PartnerId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                ("state", models.CharField(db_comment="PartnerState", max_length=120)),
                ("proposed_at", models.DateTimeField(db_comment="when")),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Partner: msgpack, zstd")),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="partners",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_partner",
                "db_table_comment": "selected together; refusals and appeals stay",
                "indexes": [
                    models.Index(fields=["organisation", "state"], name="review_partner_mine")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["refused", "ended"]), _negated=True),
                        fields=("engagement", "organisation"),
                        name="review_partner_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        db_comment="1 at the close, 2 after later destruction"
                    ),
                ),
                ("at", models.DateTimeField(db_comment="when")),
                ("envelope", models.BinaryField(db_comment="DSSE as it was signed")),
                ("destroyed", models.BooleanField(db_comment="speaks of destroyed keys")),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_receipt",
                "db_table_comment": "what the developer was given at the end; never changed",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("engagement", "number"), name="review_receipt_once"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="engagementrecord",
            index=models.Index(fields=["-opened_at", "-id"], name="engagement_newest"),
        ),
        migrations.AddIndex(
            model_name="engagementrecord",
            index=models.Index(fields=["developer", "-opened_at", "-id"], name="engagement_mine"),
        ),
        migrations.AddConstraint(
            model_name="engagementrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=("model",),
                name="engagement_live_once",
            ),
        ),
        migrations.RunPython(_begin),
    ]
