from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from django.core.management import call_command
from django.db import connection
from tests.databases import Database, pointing

from firstlight.adapters.storage import procrastinate_schema, samples
from firstlight.adapters.storage.models import CaseRecord, FindingRecord
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.ids import AdvisoryId, CaseId, FindingId
from firstlight.core.kernel.ledger import opens

_INITIAL = Path(__file__).parent / "upgrade" / "initial.sql.zst"
_FILLED = 11
"""tables of ours that have rows in the old database"""


def _rows(path: Path, columns: dict[str, list[str]] | None = None) -> dict[str, list[object]]:
    """Table to its rows, in the named columns (default: all)."""
    found: dict[str, list[object]] = {}
    with closing(sqlite3.connect(path)) as old:
        tables = [
            name
            for (name,) in old.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'firstlight_%'"
            )
        ]
        for table in columns or tables:
            wanted = ", ".join(f'"{name}"' for name in columns[table]) if columns else "*"
            found[table] = old.execute(
                f'SELECT {wanted} FROM "{table}" ORDER BY 1'  # noqa: S608  # names of ours
            ).fetchall()
    return found


def _columns(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as old:
        return {
            table: [column[1] for column in old.execute(f'PRAGMA table_info("{table}")')]
            for table in _rows(path)
        }


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A database of the first schema, with rows."""
    path = tmp_path / "old.sqlite3"
    dump = zstandard.ZstdDecompressor().decompress(_INITIAL.read_bytes()).decode()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(dump)
    return path


def test_old_database_becomes_new(old_file: Path) -> None:
    """The first schema migrates to the newest: every old row is there, and all of it works."""
    columns = _columns(old_file)
    before = _rows(old_file, columns)
    assert sum(1 for rows in before.values() if rows) == _FILLED
    with pointing("sqlite", f"sqlite:///{old_file}"):
        call_command("migrate", verbosity=0)
        assert _rows(old_file, columns) == before | {
            "firstlight_ledger_head": [(1, 1)],
        }, "the head of the ledger is new, everything else is as it was"
        with DjangoStorage().begin() as work:
            for row in CaseRecord.objects.all():
                case = CaseId(row.pk)
                assert work.cases.get(case).number == row.number
                assert len(work.cases.evidence(case)) == 1
                advisory = work.advisories.of_case(case)
                assert advisory is not None
                assert isinstance(advisory.id, AdvisoryId)
            for finding in FindingRecord.objects.all():
                report = work.findings.get(FindingId(finding.pk)).report
                assert report.cwe == ("CWE-125",)
                assert report.proofs[0].data == bytes(range(256))
            (entry,) = work.ledger.entries(None, 0, 10)
            assert opens(entry.entry.to_json(), entry.salt, entry.commitment)
            assert samples.append(work, "cas_a").index == 1
            assert work.cases.next_number(2026) == "FL-2026-0004"


def test_no_migration_is_missing(sqlite_database: Database) -> None:
    """The tables in the code are the tables that the migrations make."""
    assert sqlite_database.vendor == "sqlite"
    call_command("makemigrations", "storage", check=True, dry_run=True, verbosity=0)


def test_procrastinate_brought_no_change() -> None:
    """The installed Procrastinate has no schema change that our migrations do not know.

    When this fails: add a migration that calls `procrastinate_schema.ensure`, and raise `NEWEST`.
    """
    assert max(procrastinate_schema.changes()) == procrastinate_schema.NEWEST


@pytest.mark.postgres
def test_procrastinate_schema_is_noted(postgres_database: Database) -> None:
    """The database says which schema of Procrastinate it has, and applying it twice is harmless."""
    assert postgres_database.vendor == "postgresql"
    with connection.schema_editor() as editor:
        procrastinate_schema.ensure(None, editor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('procrastinate_jobs'::regclass, 'pg_class')")
        assert cursor.fetchone() == (procrastinate_schema.NEWEST,)
