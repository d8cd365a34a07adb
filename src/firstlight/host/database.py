"""Migrations: what waits, and making it so."""

from __future__ import annotations

from firstlight.bootstrap import set_up_django
from firstlight.core.kernel.errors import Unavailable


class DatabaseUnreachable(Unavailable):
    """The database cannot be reached."""

    code = "database.unreachable"
    next_step = "Check DATABASE_URL, and that the server runs and lets this user in."


def pending() -> int:
    """How many migrations have not been applied.

    Raises:
        DatabaseUnreachable: as it says.
    """
    set_up_django()
    from django.db import DatabaseError, connection  # noqa: PLC0415 # needs set-up
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    try:
        executor = MigrationExecutor(connection)
        return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        raise DatabaseUnreachable(str(error).strip()[:200]) from error


def migrate() -> int:
    """Bring the database to this version's tables; returns how many migrations were applied.

    Raises:
        DatabaseUnreachable: as it says.
    """
    waiting = pending()
    if waiting:
        from django.core.management import call_command  # noqa: PLC0415

        call_command("migrate", verbosity=0, interactive=False)
    return waiting


def clear_expired() -> None:
    """Remove sessions that have ended."""
    set_up_django()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("clearsessions")
