"""Tables of defensive tools, and of the register of participants."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("storage", "0007_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="ParticipationRecord",
            fields=[
                (
                    "organisation",
                    models.CharField(
                        db_comment="OrganisationId in identity",
                        max_length=30,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("listed", models.BooleanField(db_comment="whether the register shows it")),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Participation: msgpack, zstd")),
            ],
            options={
                "db_table": "firstlight_participation",
                "db_table_comment": "opt-in; an entry that is not listed is shown to nobody",
            },
        ),
        migrations.CreateModel(
            name="OfferRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="OfferId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "offered_by",
                    models.CharField(db_comment="OrganisationId in identity", max_length=30),
                ),
                ("state", models.CharField(db_comment="OfferState", max_length=120)),
                ("published_at", models.DateTimeField(db_comment="when")),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole Offer: msgpack, zstd")),
            ],
            options={
                "db_table": "firstlight_tool_offer",
                "db_table_comment": "public but for `delivery` in the body",
                "indexes": [
                    models.Index(fields=["-published_at", "-id"], name="tool_offer_newest")
                ],
            },
        ),
        migrations.CreateModel(
            name="ToolRequestRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="ToolRequestId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "offered_by",
                    models.CharField(db_comment="OrganisationId of the offer", max_length=30),
                ),
                (
                    "organisation",
                    models.CharField(db_comment="OrganisationId of the asker", max_length=30),
                ),
                ("person", models.CharField(db_comment="PersonId of the asker", max_length=30)),
                ("state", models.CharField(db_comment="RequestState", max_length=120)),
                ("asked_at", models.DateTimeField(db_comment="when")),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole ToolRequest: msgpack, zstd")),
                (
                    "offer",
                    models.ForeignKey(
                        db_comment="for what",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="storage.offerrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_tool_request",
                "db_table_comment": "asked, answered, appealed; nothing is decided by silence",
            },
        ),
        migrations.CreateModel(
            name="ToolGrantRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="ToolGrantId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                ("person", models.CharField(db_comment="PersonId in identity", max_length=30)),
                ("state", models.CharField(db_comment="ToolGrantState", max_length=120)),
                ("given_at", models.DateTimeField(db_comment="when")),
                ("version", models.PositiveIntegerField(db_comment="grows with every change")),
                ("body", models.BinaryField(db_comment="the whole ToolGrant: msgpack, zstd")),
                (
                    "offer",
                    models.ForeignKey(
                        db_comment="of what",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="storage.offerrecord",
                    ),
                ),
                (
                    "through",
                    models.OneToOneField(
                        db_comment="the engagement's grant of an offered model; NULL for a tool",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="storage.grantrecord",
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        db_comment="its cause",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grant",
                        to="storage.toolrequestrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_tool_grant",
                "db_table_comment": "person x offer x systems x time; time is compared at every use",
            },
        ),
        migrations.CreateModel(
            name="ToolUseRecord",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="ToolUseId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_comment="when it was written down, before the tool was told"
                    ),
                ),
                ("body", models.BinaryField(db_comment="the whole ToolUse: msgpack, zstd")),
                (
                    "grant",
                    models.ForeignKey(
                        db_comment="under what",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="storage.toolgrantrecord",
                    ),
                ),
            ],
            options={
                "db_table": "firstlight_tool_use",
                "db_table_comment": "only ever added to",
            },
        ),
        migrations.AddIndex(
            model_name="toolrequestrecord",
            index=models.Index(
                fields=["organisation", "-asked_at", "-id"], name="tool_request_mine"
            ),
        ),
        migrations.AddIndex(
            model_name="toolrequestrecord",
            index=models.Index(
                fields=["offered_by", "-asked_at", "-id"], name="tool_request_to_me"
            ),
        ),
        migrations.AddConstraint(
            model_name="toolrequestrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["asked", "appealed"])),
                fields=("offer", "person"),
                name="tool_request_open_once",
            ),
        ),
        migrations.AddIndex(
            model_name="toolgrantrecord",
            index=models.Index(fields=["person", "-given_at", "-id"], name="tool_grant_of_person"),
        ),
        migrations.AddIndex(
            model_name="tooluserecord",
            index=models.Index(fields=["grant", "-at", "-id"], name="tool_use_of_grant"),
        ),
    ]
