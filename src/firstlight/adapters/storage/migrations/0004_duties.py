"""What was recorded about duties, and triggers that refuse every change and removal of it."""

import firstlight.adapters.storage.models.fields
from django.db import migrations, models

_SQLITE = (
    """
    CREATE TRIGGER firstlight_duty_no_update BEFORE UPDATE ON firstlight_duty_entry
    BEGIN SELECT RAISE(ABORT, 'the history of a duty is append-only'); END
    """,
    """
    CREATE TRIGGER firstlight_duty_no_delete BEFORE DELETE ON firstlight_duty_entry
    BEGIN SELECT RAISE(ABORT, 'the history of a duty is append-only'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION firstlight_duty_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the history of a duty is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER firstlight_duty_no_change BEFORE UPDATE OR DELETE
    ON firstlight_duty_entry FOR EACH ROW EXECUTE FUNCTION firstlight_duty_append_only()
    """,
    """
    CREATE TRIGGER firstlight_duty_no_truncate BEFORE TRUNCATE
    ON firstlight_duty_entry FOR EACH STATEMENT EXECUTE FUNCTION firstlight_duty_append_only()
    """,
)


def _protect(apps, schema_editor) -> None:  # type: ignore[no-untyped-def]  # historical models
    statements = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("storage", "0003_procrastinate")]
    operations = [
        migrations.CreateModel(
            name="DutyEntry",
            fields=[
                (
                    "id",
                    models.CharField(
                        db_comment="HistoryId", max_length=30, primary_key=True, serialize=False
                    ),
                ),
                (
                    "duty",
                    models.CharField(db_comment="key of the duty in the register", max_length=120),
                ),
                ("kind", models.CharField(db_comment="EntryKind", max_length=120)),
                (
                    "on",
                    models.DateField(db_comment="the day on which what is shown took place"),
                ),
                (
                    "text",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="what the evidence shows, or the reason"
                    ),
                ),
                (
                    "source",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="who published the evidence; empty for none"
                    ),
                ),
                (
                    "link",
                    firstlight.adapters.storage.models.fields.CleanTextField(
                        db_comment="https address of the evidence; empty for none"
                    ),
                ),
                (
                    "withdraws",
                    models.CharField(
                        db_comment="HistoryId of the entry that was wrong; NULL otherwise",
                        max_length=30,
                        null=True,
                    ),
                ),
                (
                    "recorded_by",
                    models.CharField(
                        db_comment="as the ledger names people; shown to those who read the ledger",
                        max_length=120,
                    ),
                ),
                (
                    "recorded_as",
                    models.CharField(
                        db_comment="Role in which it was recorded; shown to everyone",
                        max_length=120,
                    ),
                ),
                ("recorded_at", models.DateTimeField(db_comment="when")),
            ],
            options={
                "db_table": "firstlight_duty_entry",
                "db_table_comment": "append-only; a trigger refuses UPDATE, DELETE and TRUNCATE",
                "indexes": [
                    models.Index(fields=["duty", "recorded_at"], name="duty_entry_in_order")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("withdraws",), name="duty_withdrawn_once")
                ],
            },
        ),
        migrations.RunPython(_protect),
    ]
