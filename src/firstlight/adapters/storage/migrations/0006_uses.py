"""Tables of the gateway: endpoints, keys, presence, uses, budgets, kept content."""

import django.db.models.deletion
import firstlight.adapters.storage.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0005_reviews"),
    ]

    operations = [
        migrations.CreateModel(
            name="GrantKeyRecord",
            fields=[
                (
                    "grant",
                    models.OneToOneField(
                        db_comment="whose it is",
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="storage.grantrecord",
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(
                        db_comment="1 for the first, one more for each new one"
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        db_comment="SHA-256 of the key; it has 256 bits", max_length=64, unique=True
                    ),
                ),
                ("made_at", models.DateTimeField(db_comment="when")),
            ],
            options={
                "db_table": "firstlight_grant_key",
                "db_table_comment": "the key itself is shown once and kept nowhere",
            },
        ),
        migrations.CreateModel(
            name="GrantSpending",
            fields=[
                (
                    "grant",
                    models.OneToOneField(
                        db_comment="whose",
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="storage.grantrecord",
                    ),
                ),
                ("requests", models.PositiveBigIntegerField(db_comment="uses so far")),
                (
                    "tokens",
                    models.PositiveBigIntegerField(db_comment="used, and reserved by open uses"),
                ),
                (
                    "money",
                    models.PositiveBigIntegerField(db_comment="likewise, in millionths of a unit"),
                ),
            ],
            options={
                "db_table": "firstlight_grant_spending",
                "db_table_comment": "one row for each grant that was used",
            },
        ),
        migrations.CreateModel(
            name="EndpointRecord",
            fields=[
                (
                    "artefact",
                    models.CharField(
                        db_comment="ArtefactId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Endpoint: msgpack, zstd")),
                (
                    "sealed_key",
                    models.BinaryField(
                        db_comment="the developer's real key, sealed with the engagement's key by the vault"
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.engagementrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_endpoint",
                "db_table_comment": "the key in it is unreadable without the vault, and after a close",
            },
        ),
        migrations.CreateModel(
            name="UseRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="UseId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("person", models.CharField(db_comment="PersonId in identity", max_length=30)),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                ("artefact", models.CharField(db_comment="ArtefactId", max_length=30)),
                ("purpose", models.CharField(db_comment="Purpose", max_length=120)),
                (
                    "second",
                    models.CharField(
                        db_comment="PersonId of the second person who was present",
                        max_length=30,
                        null=True,
                    ),
                ),
                (
                    "key_number",
                    models.PositiveIntegerField(db_comment="which of the grant's keys opened it"),
                ),
                ("dialect", models.CharField(db_comment="Dialect", max_length=120)),
                (
                    "model",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="as the request named it"
                    ),
                ),
                ("streamed", models.BooleanField(db_comment="an event stream was asked for")),
                ("opened_at", models.DateTimeField(db_comment="before anything was forwarded")),
                (
                    "salt",
                    models.BinaryField(
                        db_comment="16 random bytes before the content in both digests"
                    ),
                ),
                ("request_digest", models.BinaryField(db_comment="SHA-256(salt || request)")),
                ("request_bytes", models.PositiveBigIntegerField(db_comment="size of the request")),
                (
                    "reserved_tokens",
                    models.PositiveBigIntegerField(db_comment="held until the end"),
                ),
                ("reserved_money", models.PositiveBigIntegerField(db_comment="held until the end")),
                ("kept", models.BooleanField(db_comment="content is kept, sealed")),
                ("closed_at", models.DateTimeField(db_comment="NULL: unfinished", null=True)),
                (
                    "outcome",
                    models.CharField(db_comment="Outcome; empty while unfinished", max_length=20),
                ),
                (
                    "reason",
                    models.CharField(db_comment="code of the error that ended it", max_length=80),
                ),
                (
                    "status",
                    models.PositiveIntegerField(
                        db_comment="HTTP status of the endpoint", null=True
                    ),
                ),
                (
                    "response_digest",
                    models.BinaryField(db_comment="SHA-256(salt || answer that was passed on)"),
                ),
                (
                    "response_bytes",
                    models.PositiveBigIntegerField(db_comment="size of that answer"),
                ),
                ("input_tokens", models.PositiveBigIntegerField(db_comment="caches included")),
                ("output_tokens", models.PositiveBigIntegerField(db_comment="of the answer")),
                (
                    "counted",
                    models.CharField(db_comment="Counted; empty while unfinished", max_length=20),
                ),
                (
                    "cost",
                    models.PositiveBigIntegerField(
                        db_comment="millionths; NULL without prices", null=True
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        db_comment="its home",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.engagementrecord",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        db_comment="by which grant",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.grantrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_use",
                "db_table_comment": "one request to a developer's endpoint and its answer, without content",
            },
        ),
        migrations.CreateModel(
            name="UsePiece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("part", models.CharField(db_comment="request or response", max_length=10)),
                ("number", models.PositiveIntegerField(db_comment="0, 1, 2, ...")),
                (
                    "sealed",
                    models.BinaryField(db_comment="sealed with the engagement's key by the vault"),
                ),
                (
                    "use",
                    models.ForeignKey(
                        db_comment="of which use",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.userecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_use_piece",
                "db_table_comment": "only where the developer's plan keeps content; unreadable after a close",
            },
        ),
        migrations.CreateModel(
            name="PresenceRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="PresenceId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("person", models.CharField(db_comment="PersonId in identity", max_length=30)),
                ("began", models.DateTimeField(db_comment="when the person came")),
                ("until", models.DateTimeField(db_comment="when it ends by itself")),
                (
                    "ended",
                    models.DateTimeField(db_comment="when the person left before that", null=True),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        db_comment="for which grant",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.grantrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_review_presence",
                "db_table_comment": "two-person rule: who was there, from when to when",
                "indexes": [models.Index(fields=["grant", "until"], name="presence_of_grant")],
            },
        ),
        migrations.AddIndex(
            model_name="userecord",
            index=models.Index(
                fields=["engagement", "-opened_at", "-id"], name="use_of_engagement"
            ),
        ),
        migrations.AddIndex(
            model_name="userecord",
            index=models.Index(fields=["grant", "-opened_at", "-id"], name="use_of_grant"),
        ),
        migrations.AddConstraint(
            model_name="usepiece",
            constraint=models.UniqueConstraint(
                fields=("use", "part", "number"), name="use_piece_once"
            ),
        ),
    ]
