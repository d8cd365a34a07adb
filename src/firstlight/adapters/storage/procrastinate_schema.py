"""Procrastinate's schema files, for our migrations."""

from __future__ import annotations

from importlib import resources

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def files() -> dict[str, str]:
    """Name to SQL of every schema change that the installed Procrastinate ships, in order."""
    folder = resources.files("procrastinate.sql.migrations")
    found = [each for each in folder.iterdir() if each.name.endswith(".sql")]
    return {
        each.name: each.read_text(encoding="utf-8")
        for each in sorted(found, key=lambda each: each.name)
    }


def apply_files(editor: BaseDatabaseSchemaEditor, *, after: str, up_to: str) -> None:
    """Apply the changes after one file and up to another; on SQLite there is nothing to do.

    Args:
        editor: of the running migration
        after: name of the last file that is applied already, empty for none
        up_to: name of the last file to apply
    """
    if editor.connection.vendor != "postgresql":
        return
    for name, sql in files().items():
        if after < name <= up_to:
            with editor.connection.cursor() as cursor:
                # No parameters, so the driver sends the whole file as it is.
                cursor.execute(sql)
