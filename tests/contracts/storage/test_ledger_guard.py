from __future__ import annotations

import pytest
from django.db import connection, transaction
from tests.databases import Database

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.border import AppendOnly, border
from firstlight.adapters.storage.unit import DjangoStorage

_ATTACKS = [
    "UPDATE firstlight_ledger_entry SET actor = 'somebody else'",
    "DELETE FROM firstlight_ledger_entry",
]


@pytest.mark.parametrize("statement", _ATTACKS)
def test_entries_are_never_changed(any_storage: DjangoStorage, statement: str) -> None:
    """Even plain SQL can neither change nor remove an entry."""
    with any_storage.begin() as work:
        stored = samples.append(work, "cas_a")
    with pytest.raises(AppendOnly), border(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with any_storage.begin() as work:
        assert work.ledger.entries(None, 0, 5) == (stored,)


@pytest.mark.postgres
def test_entries_are_never_truncated(postgres_storage: DjangoStorage) -> None:
    """TRUNCATE, which row triggers do not see, is refused too."""
    with postgres_storage.begin() as work:
        stored = samples.append(work, "cas_a")
    with pytest.raises(AppendOnly), border(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE firstlight_ledger_entry")
    with postgres_storage.begin() as work:
        assert work.ledger.entries(None, 0, 5) == (stored,)


@pytest.mark.postgres
def test_columns_carry_their_meaning(postgres_database: Database) -> None:
    """Every column of every table of ours says in the database what it holds."""
    assert postgres_database.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns "
            "WHERE table_name LIKE 'firstlight_%' AND column_name <> 'id' "
            "AND table_name NOT LIKE 'firstlight_identity%' "
            "AND col_description(table_name::regclass, ordinal_position) IS NULL"
        )
        assert cursor.fetchall() == []
