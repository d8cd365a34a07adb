"""Tables of sealed documents, of their copies, and of where notices are sent."""

import django.db.models.deletion
import firstlight.adapters.storage.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0006_uses"),
    ]

    operations = [
        migrations.CreateModel(
            name="SilentPerson",
            fields=[
                (
                    "person",
                    models.CharField(
                        db_comment="PersonId in identity",
                        max_length=30,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("since", models.DateTimeField(db_comment="when they said so")),
            ],
            options={
                "db_table": "firstlight_notice_silent",
                "db_table_comment": "no row: mail is wanted",
            },
        ),
        migrations.CreateModel(
            name="DocumentRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="DocumentId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "artefact",
                    models.CharField(db_comment="ArtefactId in the engagement", max_length=30),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        db_comment="version within the artefact: 1, 2, 3, ..."
                    ),
                ),
                (
                    "name",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="of the file"
                    ),
                ),
                (
                    "media_type",
                    models.CharField(db_comment="what it is, and how it is marked", max_length=120),
                ),
                ("size", models.PositiveBigIntegerField(db_comment="of the content, in bytes")),
                ("digest", models.CharField(db_comment="SHA-256 of the content", max_length=64)),
                (
                    "sealed_with",
                    models.CharField(
                        db_comment="fingerprint of the engagement's key", max_length=120
                    ),
                ),
                ("uploaded_by", models.CharField(db_comment="PersonId in identity", max_length=30)),
                ("uploaded_at", models.DateTimeField(db_comment="when")),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_document",
                "db_table_comment": "versions of documents; never changed",
            },
        ),
        migrations.CreateModel(
            name="DocumentPiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(db_comment="0, 1, 2, ... in the envelope")),
                ("content", models.BinaryField(db_comment="sealed bytes, about a mebibyte")),
                (
                    "document",
                    models.ForeignKey(
                        db_comment="of which",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="storage.documentrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_document_piece",
                "db_table_comment": "opened only with a key that is not in the database; dropped with it",
            },
        ),
        migrations.CreateModel(
            name="DownloadRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="DownloadId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "grant",
                    models.CharField(
                        db_comment="GrantId; NULL for the developer's own people",
                        max_length=30,
                        null=True,
                    ),
                ),
                ("person", models.CharField(db_comment="PersonId in identity", max_length=30)),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                (
                    "second",
                    models.CharField(
                        db_comment="PersonId who was present; NULL where nobody was needed",
                        max_length=30,
                        null=True,
                    ),
                ),
                (
                    "reader",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="person and organisation, as the mark names them"
                    ),
                ),
                ("at", models.DateTimeField(db_comment="when")),
                (
                    "document",
                    models.ForeignKey(
                        db_comment="of which",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="storage.documentrecord",
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="downloads",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_document_download",
                "db_table_comment": "who had a copy of what; never changed",
            },
        ),
        migrations.CreateModel(
            name="WebhookRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="WebhookId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                (
                    "role",
                    models.CharField(db_comment="Role whose notices are sent", max_length=120),
                ),
                (
                    "name",
                    models.CharField(db_comment="within organisation and role", max_length=120),
                ),
                (
                    "url",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="https address"
                    ),
                ),
                ("sealed", models.BinaryField(db_comment="the secret, sealed; empty once removed")),
                ("state", models.CharField(db_comment="WebhookState", max_length=120)),
                ("added_by", models.CharField(db_comment="PersonId in identity", max_length=30)),
                ("added_at", models.DateTimeField(db_comment="when")),
                (
                    "tried_at",
                    models.DateTimeField(db_comment="when something was last sent", null=True),
                ),
                (
                    "delivered_at",
                    models.DateTimeField(db_comment="when it last took something", null=True),
                ),
                (
                    "error",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="what the last try said; empty for well"
                    ),
                ),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
            ],
            options={
                "db_table": "firstlight_webhook",
                "db_table_comment": "where organisations have their notices sent",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "removed"), _negated=True),
                        fields=("organisation", "role", "name"),
                        name="webhook_name_once",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="documentrecord",
            index=models.Index(
                fields=["engagement", "uploaded_at", "id"], name="document_of_engagement"
            ),
        ),
        migrations.AddConstraint(
            model_name="documentrecord",
            constraint=models.UniqueConstraint(
                fields=("artefact", "number"), name="document_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="documentpiece",
            constraint=models.UniqueConstraint(
                fields=("document", "number"), name="document_piece_once"
            ),
        ),
        migrations.AddIndex(
            model_name="downloadrecord",
            index=models.Index(fields=["engagement", "at", "id"], name="download_of_engagement"),
        ),
        migrations.AddIndex(
            model_name="downloadrecord",
            index=models.Index(fields=["grant"], name="download_of_grant"),
        ),
        migrations.AddIndex(
            model_name="downloadrecord",
            index=models.Index(fields=["person", "-at"], name="download_of_person"),
        ),
    ]
