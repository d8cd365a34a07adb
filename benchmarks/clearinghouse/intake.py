"""How fast a flood comes in: SARIF results and CVE records against bare insertion into SQLite.

Run: ``python -m benchmarks.clearinghouse.intake [RESULTS] [--postgres]`` from the root of the
repository. The results are made up and the same in every run; the CVE records are real where the
shared data are there. Printed are wall and CPU seconds, the ratio to "parse every record and insert
its row, with the two indexes that a candidate has, and compute nothing" in the same run, and the
largest memory of the process.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, BinaryIO

from tests import databases, postgres

from firstlight.adapters.formats.bulk.read import read_records
from firstlight.adapters.formats.bulk.window import Window
from firstlight.adapters.machine import SystemClock, SystemMint
from firstlight.adapters.publication.zone import FolderZone
from firstlight.adapters.vault.keys import KeyFolder
from firstlight.core.clearinghouse.intake.flood import Batch, BatchId, BatchState
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.context import Context
from firstlight.usecases.findings.flood import take_in

_RULES = 200
_CVE = Path(os.environ.get("FIRSTLIGHT_SHARED_DATA", "../shared/data")) / (
    "cve-vulnrichment-2024.jsonl.gz"
)
_SAME = (
    *("org_" + "0" * 26, "bat_" + "0" * 26, "TLP:AMBER", "sarif", "$.runs[0].results[12345]"),
    *("2026-11-02 09:00:00", "2026-11-02 09:00:00", "", "", "", b"0" * 32, 7, 1000),
)
_BARE = f"INSERT INTO bare VALUES (NULL, {', '.join(['?'] * 20)})"  # noqa: S608  # marks alone
"""a candidate's columns and two indexes, and its document as text; nothing is computed"""


def write_sarif(count: int, path: Path) -> None:
    """A log of `count` results in the manner of a static analyser, about 1 kB each."""
    dice = random.Random(1)  # noqa: S311  # the same log in every run
    rules = [
        {
            "id": f"cpp/rule-{n}",
            "shortDescription": {"text": f"Rule number {n} about buffers"},
            "fullDescription": {"text": "What the rule looks for, in a few sentences. " * 8},
            "properties": {"tags": ["security", f"external/cwe/cwe-{100 + n}"]},
        }
        for n in range(_RULES)
    ]
    tool = {"driver": {"name": "analyser", "semanticVersion": "1.0", "rules": rules}}
    with path.open("w") as file:
        file.write(f'{{"version":"2.1.0","runs":[{{"tool":{json.dumps(tool)},"results":[')
        for number in range(count):
            file.write((", " if number else "") + json.dumps(_result(number, dice)))
        file.write("]}]}")


def _result(number: int, dice: random.Random) -> dict[str, Any]:
    rule, path = dice.randrange(_RULES), f"src/mod{number % 400}/file{number % 3000}.c"
    steps = [
        {
            "location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": f"src/step{step}.c"},
                    "region": {"startLine": step + 1},
                },
                "message": {"text": "step"},
            }
        }
        for step in range(3)
    ]
    return {
        "ruleId": f"cpp/rule-{rule}",
        "ruleIndex": rule,
        "level": "warning",
        "message": {"text": f"memcpy may write beyond buf_{number % 1000} of {number} bytes."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path},
                    "region": {"startLine": dice.randrange(5000) + 1, "startColumn": 5},
                    "contextRegion": {"snippet": {"text": f"  memcpy(buf, src, {number});\n"}},
                },
                "logicalLocations": [{"fullyQualifiedName": f"ns::func_{number % 20000}"}],
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": f"{number:016x}:1"},
        "codeFlows": [{"threadFlows": [{"locations": steps}]}],
    }


def bare_sarif(file: BinaryIO, path: Path) -> int:
    """Parse each result and insert a row of it, in one transaction; nothing else."""

    def rows() -> Iterator[tuple[object, ...]]:
        window = Window(file)
        for key in window.members():
            if key != "runs":
                window.value()
                continue
            for _ in window.elements():
                for name in window.members():
                    if name != "results":
                        window.value(32 << 20)
                        continue
                    for _ in window.elements():
                        value, text = window.scanned()
                        place = value["locations"][0]["physicalLocation"]  # type: ignore[index,call-overload]
                        yield (
                            value["ruleId"],  # type: ignore[index,call-overload]
                            place["artifactLocation"]["uri"],  # type: ignore[index,call-overload]
                            place["region"]["startLine"],  # type: ignore[index,call-overload]
                            value["message"]["text"],  # type: ignore[index,call-overload]
                            value["level"],  # type: ignore[index,call-overload]
                            *_SAME,
                            text,
                        )

    return _insert(path, rows())


def bare_lines(file: BinaryIO, path: Path) -> int:
    """Likewise for JSON lines of CVE records."""

    def rows() -> Iterator[tuple[object, ...]]:
        for line in file:
            value = json.loads(line)
            about = value["cveMetadata"]
            yield (about["cveId"], about["state"], 0, "", "", *_SAME, line.decode())

    return _insert(path, rows())


def _insert(path: Path, rows: Iterator[tuple[object, ...]]) -> int:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(
            "CREATE TABLE bare (id INTEGER PRIMARY KEY, key UNIQUE, rule, path, line, message,"
            " level, owner, batch, marking, format, position, first, changed, package, function,"
            " names, content, pack, size, document)"
        )
        database.execute("CREATE INDEX bare_own ON bare (owner, id DESC)")
        keyed = ((os.urandom(16), *row) for row in rows)
        return database.executemany(_BARE, keyed).rowcount


def timed(name: str, count: int, act: Callable[[], object]) -> float:
    """Wall seconds of `act`, printed with CPU and rate."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"  {name:<34}{wall:7.2f} s wall {cpu:7.2f} s CPU {count / wall:9,.0f}/s")
    return wall


def _batch(context: Context) -> Batch:
    now = context.clock.now()
    batch = Batch(
        id=context.mint.new(BatchId, now),
        owner=_OWNER[0],
        name="benchmark",
        marking=Marking.AMBER_STRICT,
        state=BatchState.WAITING,
        opened_at=now,
    )
    with context.storage.begin() as work:
        work.batches.add(batch)
    return batch


_OWNER: list[OrganisationId] = []


def _memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB"


def compare(
    context: Context, name: str, path: Path, count: int, bare: Callable[[BinaryIO, Path], int]
) -> None:
    """One kind of flood: bare, first import, the same again."""
    size = path.stat().st_size / 1e6
    print(f"{name}: {count:,} records, {size:,.0f} MB; memory before {_memory()}")
    with tempfile.TemporaryDirectory() as folder, path.open("rb") as file:
        base = timed("parsing and bare insertion", count, lambda: bare(file, Path(folder) / "b"))

    def take() -> None:
        with path.open("rb") as file:
            done = take_in(context, _batch(context), file, read_records)
        print(f"  {done.state.value}: {done.tally}")

    first = timed("imported", count, take)
    again = timed("the same file again", count, take)
    print(f"  ratio to bare: {first / base:.2f} (again: {again / base:.2f}); memory {_memory()}\n")


def main() -> int:
    """Print the figures."""
    numbers = [one for one in sys.argv[1:] if one.isdigit()]
    count = int(numbers[0]) if numbers else 100_000
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        folder = Path(name)
        databases.ready()
        if "--postgres" in sys.argv:
            server = opened.enter_context(postgres.running_server())
            made = databases.make_postgres_template(server)
            opened.enter_context(databases.fresh_postgres(server, made))
        else:
            template = databases.make_sqlite_template(folder)
            opened.enter_context(databases.fresh_sqlite(template, folder))
        _run(folder, count)
    return 0


def _run(folder: Path, count: int) -> None:
    from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415  # needs Django

    context = Context(
        storage=DjangoStorage(),
        clock=SystemClock(),
        mint=SystemMint(),
        signer=KeyFolder(folder / "keys"),
        laboratory=None,  # type: ignore[arg-type]  # nothing is validated here
        zone=FolderZone(folder / "public"),
    )
    _OWNER[:] = [context.mint.new(OrganisationId, context.clock.now())]
    write_sarif(count, folder / "log.sarif")
    compare(context, "SARIF", folder / "log.sarif", count, bare_sarif)
    if _CVE.exists():
        lines = gzip.decompress(_CVE.read_bytes())
        (folder / "cve.jsonl").write_bytes(lines)
        compare(context, "CVE", folder / "cve.jsonl", lines.count(b"\n"), bare_lines)


if __name__ == "__main__":
    raise SystemExit(main())
