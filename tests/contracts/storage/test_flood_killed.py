from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.contracts.storage.reader_process import _context
from tests.databases import Database

from firstlight.adapters.storage.flood_queries import DjangoFloodQueries
from firstlight.adapters.storage.models import CandidateRecord
from firstlight.core.clearinghouse.intake.flood import BatchId, BatchState, Tally
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import SYSTEM, Actor, Role
from firstlight.usecases.findings.flood import add_piece, close_batch, open_batch

_PROGRAM = Path(__file__).with_name("reader_process.py")
_RECORDS, _KILLS = 3_000, 2


def _read(database: Database, batch: BatchId) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, str(_PROGRAM), str(batch)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(database.environment),
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == "ready\n", process.wait()
    return process


def test_a_killed_reader_loses_no_record_and_stores_none_twice(any_database: Database) -> None:
    """Killed again and again in the middle, the file ends up as if it had been read at once."""
    context = _context()
    now = context.clock.now()
    finder = Actor(
        role=Role.FINDER,
        person=context.mint.new(PersonId, now),
        organisation=context.mint.new(OrganisationId, now),
    )
    batch = open_batch(context, finder, name="scan", marking=Marking.AMBER).id
    lines = [json.dumps({"title": f"Flaw number {n}"}) for n in range(_RECORDS)]
    add_piece(context, finder, batch, offset=0, data="\n".join(lines).encode())
    close_batch(context, finder, batch)
    dice = random.Random(7)  # noqa: S311  # when to kill
    for _ in range(_KILLS):
        reader = _read(any_database, batch)
        time.sleep(dice.uniform(0.02, 0.25))
        reader.kill()
        reader.communicate()
    reader = _read(any_database, batch)
    assert reader.communicate()[0] == "read\n"
    done = DjangoFloodQueries().batch(SYSTEM, batch)
    assert (done.state, done.tally) == (BatchState.READ, Tally(fresh=_RECORDS))
    assert CandidateRecord.objects.count() == _RECORDS
    with context.storage.look() as work:
        entries = work.ledger.entries(str(batch), 0, 500)
    stored = [one.entry.facts for one in entries if "root" in one.entry.facts]
    assert [50 * n for n in range(len(stored))] == [facts["start"] for facts in stored]
