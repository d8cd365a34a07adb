"""The ledger's first row, and triggers that refuse every change and removal of an entry."""

from django.db import migrations

_SQLITE = (
    """
    CREATE TRIGGER firstlight_ledger_no_update BEFORE UPDATE ON firstlight_ledger_entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
    """
    CREATE TRIGGER firstlight_ledger_no_delete BEFORE DELETE ON firstlight_ledger_entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
    """,
)
_POSTGRESQL = (
    """
    CREATE FUNCTION firstlight_ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER firstlight_ledger_no_change BEFORE UPDATE OR DELETE
    ON firstlight_ledger_entry FOR EACH ROW EXECUTE FUNCTION firstlight_ledger_append_only()
    """,
    """
    CREATE TRIGGER firstlight_ledger_no_truncate BEFORE TRUNCATE
    ON firstlight_ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION firstlight_ledger_append_only()
    """,
)


def _protect(apps, schema_editor) -> None:  # type: ignore[no-untyped-def]  # historical models
    alias = schema_editor.connection.alias
    size = apps.get_model("storage", "LedgerEntry").objects.using(alias).count()
    apps.get_model("storage", "LedgerHead").objects.using(alias).create(only=1, size=size)
    statements = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
    for statement in statements[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("storage", "0001_initial")]
    operations = [migrations.RunPython(_protect)]
