"""The table of the outbound guard's verdicts."""

import firstlight.adapters.storage.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0010_flood"),
    ]

    operations = [
        migrations.CreateModel(
            name="VerdictRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="VerdictId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(db_comment="when it was given")),
                (
                    "channel",
                    models.CharField(db_comment="Channel: mail, webhook, document", max_length=120),
                ),
                ("key", models.CharField(db_comment="names what was to leave", max_length=220)),
                ("verdict", models.CharField(db_comment="Verdict", max_length=120)),
                (
                    "rule",
                    models.CharField(
                        db_comment="Rule that it cites; empty for pass", max_length=120
                    ),
                ),
                (
                    "rules",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="all rules that were broken, by commas"
                    ),
                ),
                ("state", models.CharField(db_comment="KeptState", max_length=120)),
                (
                    "marking",
                    models.CharField(db_comment="TLP 2.0 label; filters every read", max_length=16),
                ),
                (
                    "fingerprint",
                    models.CharField(db_comment="SHA-256 of text and recipient", max_length=64),
                ),
                (
                    "key_name",
                    models.CharField(
                        db_comment="names the key that the text is sealed with", max_length=120
                    ),
                ),
                (
                    "sealed",
                    models.BinaryField(
                        db_comment="recipient, original and rewritten text: an envelope"
                    ),
                ),
                (
                    "decided_by",
                    models.CharField(
                        db_comment="PersonId who released or refused it", max_length=30, null=True
                    ),
                ),
                (
                    "decided_at",
                    models.DateTimeField(db_comment="when; NULL before that", null=True),
                ),
                (
                    "reason",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="why, in the person's words"
                    ),
                ),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
            ],
            options={
                "db_table": "firstlight_guard_verdict",
                "db_table_comment": "what the outbound guard said about each thing that was to leave",
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="verdict_newest"),
                    models.Index(fields=["state", "-at"], name="verdict_waiting"),
                    models.Index(fields=["key", "-at"], name="verdict_of_key"),
                ],
            },
        ),
    ]
