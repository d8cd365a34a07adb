"""Makes `initial.sql.zst`: an SQLite database of the first schema, with rows in its tables.

Run it from the repository's root: `python -m tests.adapters.storage.upgrade.make_fixture`. It was
run once, when the first schema was the newest; it is kept to show what the file holds. It needs the
code of that time.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import zstandard
from django.core.management import call_command
from tests.databases import pointing, ready

FILE = Path(__file__).with_name("initial.sql.zst")


def main() -> None:
    """Migrate to the first schema, fill it, dump it."""
    ready()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "initial.sqlite3"
        with pointing("sqlite", f"sqlite:///{path}"):
            call_command("migrate", "storage", "0001", verbosity=0)
            _fill()
        with closing(sqlite3.connect(path)) as connection:
            dump = "\n".join(connection.iterdump())
    FILE.write_bytes(zstandard.ZstdCompressor(level=19).compress(dump.encode()))


def _fill() -> None:
    from firstlight.adapters.storage import samples, translate  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.statements import Statements  # noqa: PLC0415
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415
    from firstlight.core.clearinghouse.case import Party, PartyRole  # noqa: PLC0415
    from firstlight.core.kernel.ids import EntryId, OrganisationId  # noqa: PLC0415
    from firstlight.core.kernel.ledger import NO_PREVIOUS, Entry, commitment  # noqa: PLC0415

    with DjangoStorage().begin() as work:
        for number in range(3):
            case = samples.case(work.cases.next_number(2026))
            raw = f"document {number % 2}".encode()
            finding = samples.finding(case, raw)
            work.cases.add(case)
            work.findings.add(finding, raw)
            finder = Party(organisation=samples.fresh(OrganisationId), role=PartyRole.FINDER)
            work.cases.add_party(case.id, finder)
            work.cases.add_evidence(samples.evidence(case, finding))
            work.patches.add(samples.patch(case))
            work.advisories.add(samples.advisory(case))
            work.jobs.enqueue("note", {"case": str(case.id)}, key=str(case.id))
        # The head came with the second schema, so the entry is put down by hand.
        entry = Entry(
            id=samples.fresh(EntryId),
            at=samples.START,
            actor="system",
            action="case.move",
            subject="cas_a",
            rule="a rule",
            facts={"number": 1},
            sequence=1,
            previous=NO_PREVIOUS,
        )
        salt = bytes(16)
        Statements("default").insert(
            "firstlight_ledger_entry",
            translate.entry_columns(0, entry, salt, commitment(entry, salt)),
        )


if __name__ == "__main__":
    main()
