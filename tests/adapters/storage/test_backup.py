from __future__ import annotations

import hashlib
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from tests.databases import Database

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.backup import NotABackup, NotEmpty, backup, restore
from firstlight.adapters.storage.border import AppendOnly, border
from firstlight.adapters.storage.conformance import CHECKS
from firstlight.adapters.storage.models import CaseRecord, LedgerEntry
from firstlight.adapters.storage.unit import DjangoStorage, remember_organisation
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.kernel.ids import OrganisationId

_WRITER = Path(__file__).parents[2] / "contracts" / "storage" / "writer_process.py"


def _fill(storage: DjangoStorage) -> None:
    """Rows in every table of ours."""
    with storage.begin() as work:
        case = samples.case(work.cases.next_number(2026))
        finding = samples.finding(case, b"\x00\xff document")
        work.cases.add(case)
        work.findings.add(finding, b"\x00\xff document")
        work.cases.add_evidence(samples.evidence(case, finding))
        work.patches.add(samples.patch(case))
        work.advisories.add(samples.advisory(case))
        samples.append(work, str(case.id))
        work.ledger.keep_checkpoint(work.ledger.size(), "a note")
        work.jobs.enqueue("note", {"case": str(case.id)}, key=str(case.id))
        work.idempotency.put("door", str(case.id), "0" * 64, {}, samples.START)
    remember_organisation(samples.fresh(OrganisationId), "An organisation")


def _content() -> dict[str, str]:
    """Table name to a digest of all its rows."""
    content = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608  # a name of ours
            rows = [
                [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
                for row in cursor.fetchall()
            ]
            content[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return content


def _empty(database: Database) -> None:
    """Everything away, the tables too."""
    if database.vendor == "sqlite":
        connection.close()
        for path in Path(database.url.removeprefix("sqlite:///")).parent.glob("*.sqlite3*"):
            path.unlink()
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def test_restored_is_what_was_backed_up(any_database: Database, tmp_path: Path) -> None:
    """Every table comes back row for row, the ledger's guard too; the file is its owner's."""
    _fill(DjangoStorage())
    before = _content()
    assert len([name for name in before if name.startswith("firstlight_")]) >= 18
    file = tmp_path / "backup"
    backup(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    _empty(any_database)
    restore(file)
    assert _content() == before
    with pytest.raises(AppendOnly), border():
        LedgerEntry.objects.all().delete()
    _fill(DjangoStorage())
    assert CaseRecord.objects.count() == 2, "the counters go on where they were"


def test_backup_while_others_write(any_database: Database, tmp_path: Path) -> None:
    """A backup taken in the middle of writing is whole: no half unit of work in it."""
    with subprocess.Popen(
        [sys.executable, str(_WRITER), "0"],
        stdout=subprocess.PIPE,
        env=dict(any_database.environment),
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(0.3)
        backup(tmp_path / "backup")
        acknowledged = CaseRecord.objects.count()
        time.sleep(0.2)
        writer.kill()
    later = CaseRecord.objects.count()
    restore(tmp_path / "backup", overwrite=True)
    restored = CaseRecord.objects.count()
    assert 0 < restored <= acknowledged < later
    assert LedgerEntry.objects.count() == restored
    with DjangoStorage().begin() as work:
        assert work.ledger.size() == restored


def test_data_is_not_overwritten_unasked(any_storage: DjangoStorage, tmp_path: Path) -> None:
    """A database with data is refused, and left as it is, unless overwriting was asked for."""
    backup(tmp_path / "empty")
    _fill(any_storage)
    before = _content()
    with pytest.raises(NotEmpty):
        restore(tmp_path / "empty")
    assert _content() == before
    restore(tmp_path / "empty", overwrite=True)
    assert CaseRecord.objects.count() == 0
    restore(tmp_path / "empty")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _other(file: Path) -> None:
    file.write_bytes(b"something else altogether")


def _altered(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def _nothing(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("damage", [_cut, _other, _altered, _nothing])
def test_damaged_file_changes_nothing(
    any_storage: DjangoStorage, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """A file that is cut, foreign, altered or empty is refused, and the data stays."""
    _fill(any_storage)
    backup(tmp_path / "backup")
    damage(tmp_path / "backup")
    before = _content()
    with pytest.raises(NotABackup):
        restore(tmp_path / "backup", overwrite=True)
    assert _content() == before


@pytest.mark.postgres
def test_restore_that_fails_changes_nothing(
    postgres_storage: DjangoStorage, tmp_path: Path
) -> None:
    """An intact dump whose rows the database refuses half-way leaves everything as it was."""
    with connection.cursor() as cursor:
        cursor.execute("SET firstlight.mood = 'good'")
        cursor.execute(
            "CREATE TABLE zzz (row int CHECK (current_setting('firstlight.mood') = 'good'))"
        )
        cursor.execute("INSERT INTO zzz VALUES (1)")
    backup(tmp_path / "backup")
    _fill(postgres_storage)
    before = _content()
    with pytest.raises(Unavailable, match="psql"):
        restore(tmp_path / "backup", overwrite=True)
    assert _content() == before


def test_absent_file_is_said(any_storage: DjangoStorage, tmp_path: Path) -> None:
    """A file that is not there, a folder that cannot be written: Unavailable, with the path."""
    _fill(any_storage)
    with pytest.raises(Unavailable, match="nowhere"):
        restore(tmp_path / "nowhere", overwrite=True)
    with pytest.raises(Unavailable, match="no folder"):
        backup(tmp_path / "no folder" / "backup")


def test_restored_database_works(any_storage: DjangoStorage, tmp_path: Path) -> None:
    """After a restore the storage keeps its promises as before."""
    backup(tmp_path / "backup")
    restore(tmp_path / "backup", overwrite=True)
    CHECKS[0](any_storage)
