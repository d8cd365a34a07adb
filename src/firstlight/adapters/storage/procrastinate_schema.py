"""Procrastinate's own tables and functions (PostgreSQL only), kept by our migrations.

Procrastinate ships its whole schema as one file, and every change of it as a file of its own. What
a database has is written into the comment of its main table, so that `ensure` is idempotent. When
a newer Procrastinate brings newer files, a migration that calls `ensure` is added and `NEWEST`
raised; a test reminds.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

NEWEST = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""the last schema change of Procrastinate that our migrations know of"""
_COMMENT = (
    "SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class'),"
    " to_regclass('procrastinate_jobs') IS NOT NULL"
)


def changes() -> dict[str, str]:
    """Name to SQL of every schema change that the installed Procrastinate ships, in order."""
    folder = resources.files("procrastinate.sql.migrations")
    found = {each.name: each for each in folder.iterdir() if each.name.endswith(".sql")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def ensure(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ANN401  # Django's registry of historical models
    """Bring Procrastinate's schema up to the installed version; a step for `RunPython`."""
    if editor.connection.vendor != "postgresql":
        return
    shipped = changes()
    with editor.connection.cursor() as cursor:
        cursor.execute(_COMMENT)
        applied, exists = cursor.fetchone()
        if exists:
            missing = [sql for name, sql in shipped.items() if name > (applied or NEWEST)]
        else:
            missing = [
                resources.files("procrastinate.sql")
                .joinpath("schema.sql")
                .read_text(encoding="utf-8")
            ]
        for sql in missing:
            # Without parameters the driver sends the text as it is, percent signs included.
            cursor.execute(sql)
        name = max(shipped)
        cursor.execute("SELECT format('COMMENT ON TABLE procrastinate_jobs IS %%L', %s)", [name])
        (statement,) = cursor.fetchone()
        cursor.execute(statement)
