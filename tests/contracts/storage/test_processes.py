from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection
from tests.databases import Database

from firstlight.adapters.storage import samples
from firstlight.adapters.storage.models import (
    CaseRecord,
    FindingRecord,
    JobRecord,
    LedgerEntry,
    RawDocument,
)
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.ledger import NO_PREVIOUS, opens

_PROGRAM = Path(__file__).with_name("writer_process.py")
_WRITERS, _WRITES = 3, 30
_KILLS = 8


def _start(database: Database, count: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, str(_PROGRAM), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(database.environment),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _check_ledger(expected: int) -> None:
    """Without a gap, each subject's entries chained, each entry open."""
    with DjangoStorage().begin() as work:
        entries = work.ledger.entries(None, 0, expected + 10)
        assert work.ledger.size() == expected
    assert [each.index for each in entries] == list(range(expected))
    for subject in {each.entry.subject for each in entries}:
        chain = [each for each in entries if each.entry.subject == subject]
        assert [each.entry.sequence for each in chain] == list(range(1, len(chain) + 1))
        assert chain[0].entry.previous == NO_PREVIOUS
        for before, after in pairwise(chain):
            assert after.entry.previous == before.commitment.hex()
    assert all(opens(each.entry.to_json(), each.salt, each.commitment) for each in entries)


def test_concurrent_processes_keep_order(any_database: Database) -> None:
    """Several processes write at once: no number twice, one gapless ledger, nothing missing."""
    writers = [_start(any_database, _WRITES) for _ in range(_WRITERS)]
    acknowledged = [line for writer in writers for line in writer.communicate()[0].split()]
    assert [writer.returncode for writer in writers] == [0] * _WRITERS
    total = _WRITERS * _WRITES
    assert len(set(acknowledged)) == total
    numbers = sorted(CaseRecord.objects.values_list("number", flat=True))
    assert numbers == list(samples.numbered(2026, total))
    assert RawDocument.objects.count() == 3, "a document is stored once, whoever sends it"
    _check_ledger(total)


def test_concurrent_threads_keep_order(any_storage: DjangoStorage) -> None:
    """Threads of one process share nothing but the database."""
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(20):
                with any_storage.begin() as work:
                    samples.append(work, "cas_a")
        except BaseException as error:  # noqa: BLE001  # handed to the main thread, which raises
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    _check_ledger(80)


@pytest.mark.parametrize("seed", [1])
def test_acknowledged_writes_survive_kill(any_database: Database, seed: int) -> None:
    """Killed at random instants, a writer loses nothing acknowledged and leaves nothing half."""
    chance = random.Random(seed)  # noqa: S311  # instants of kills, no secret
    acknowledged: set[str] = set()
    for _ in range(_KILLS):
        process = _start(any_database, 0)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        said = process.communicate()[0]
        acknowledged |= {line for line in said.splitlines() if len(line) == 30}
    stored = set(CaseRecord.objects.values_list("id", flat=True))
    assert acknowledged <= stored
    assert len(stored - acknowledged) <= _KILLS, "at most one commit per kill is unacknowledged"
    assert len(acknowledged) > _KILLS, "the writers were killed too early to prove anything"
    total = len(stored)
    assert FindingRecord.objects.count() == total
    assert LedgerEntry.objects.count() == total
    assert JobRecord.objects.count() == total
    _check_ledger(total)
    if any_database.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            assert cursor.fetchone() == ("ok",)
    print(  # noqa: T201  # a measured figure
        f"\n{any_database.vendor}: {_KILLS} kills, {len(acknowledged)} acknowledged, 0 lost"
    )
