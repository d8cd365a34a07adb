"""How long it takes to find near-duplicates of a new finding among many, in SQLite.

Run: ``python -m benchmarks.dedupe.alike [FINDINGS]`` from the root of the repository. The texts are
made up and the same in every run; the new findings are stored ones with some words replaced. Timed
is a whole proposal: sketch of the new text, index, reading of the likeliest findings, comparison
phrase by phrase. Printed are its times, how many edited texts found their original, and how often
something else was proposed.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tests import databases

from firstlight.core.clearinghouse.dedupe.facets import phrases_of
from firstlight.core.clearinghouse.dedupe.text import ALIKE, bands, share, sketch
from firstlight.core.clearinghouse.finding import Format, Report

if TYPE_CHECKING:
    from firstlight.adapters.storage.unit import DjangoStorage
    from firstlight.core.clearinghouse.finding import Finding

_WORDS = 120
_ASKED = 200
_EDITS = (0, 5, 10, 20, 40)
"""words of 120 that are replaced"""
_LIKELIEST = 20
_BATCH = 2_000
_LETTERS = str.maketrans("0123456789", "abcdefghij")
_VOCABULARY = [f"w{number}".translate(_LETTERS) for number in range(3_000)]


def _report(words: list[str]) -> Report:
    return Report(format=Format.PLAIN, title="A flaw", description=" ".join(words))


def _fill(storage: DjangoStorage, texts: list[list[str]]) -> list[Finding]:
    """Store a finding of each text, around the use cases, which would open a case for each."""
    from firstlight.adapters.storage import samples, translate  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.models import (  # noqa: PLC0415  # likewise
        FindingBand,
        FindingRecord,
    )

    first = samples.case("FL-2026-0001")
    with storage.begin() as work:
        work.cases.add(first)
        work.findings.add(samples.finding(first), b"{}")
    base = samples.finding(first)
    made = [
        replace(base, id=samples.fresh(type(base.id)), report=_report(words)) for words in texts
    ]

    def rows() -> Iterator[FindingBand]:
        for one in made:
            for band in set(bands(sketch(phrases_of(one.report)))):
                yield FindingBand(finding_id=str(one.id), band=band)

    FindingRecord.objects.bulk_create(map(translate.finding_row, made), batch_size=_BATCH)
    source = rows()
    while batch := list(islice(source, 10 * _BATCH)):
        FindingBand.objects.bulk_create(batch)
    return made


def _propose(storage: DjangoStorage, report: Report) -> list[str]:
    """What a coordinator would be asked about."""
    phrases = phrases_of(report)
    with storage.look() as work:
        found = work.findings.alike(report, _LIKELIEST)
    return [str(one.id) for one in found if share(phrases, phrases_of(one.report)) >= ALIKE]


def main() -> int:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    dice = random.Random(3)  # noqa: S311  # the same texts in every run
    texts = [dice.choices(_VOCABULARY, k=_WORDS) for _ in range(count)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        databases.ready()
        template = databases.make_sqlite_template(folder)
        with databases.fresh_sqlite(template, folder):
            from firstlight.adapters.storage.unit import DjangoStorage  # noqa: PLC0415

            storage = DjangoStorage()
            start = time.perf_counter()
            made = _fill(storage, texts)
            print(f"{count:,} findings stored and indexed in {time.perf_counter() - start:.0f} s")
            for edits in _EDITS:
                _ask(storage, edits, dice, texts, made)
    return 0


def _ask(
    storage: DjangoStorage,
    edits: int,
    dice: random.Random,
    texts: list[list[str]],
    made: list[Finding],
) -> None:
    times, right, wrong = [], 0, 0
    for number in dice.sample(range(len(texts)), _ASKED):
        words = list(texts[number])
        for at in dice.sample(range(_WORDS), edits):
            words[at] = dice.choice(_VOCABULARY)
        start = time.perf_counter()
        found = _propose(storage, _report(words))
        times.append(1000 * (time.perf_counter() - start))
        right += str(made[number].id) in found
        wrong += sum(one != str(made[number].id) for one in found)
    slowest = statistics.quantiles(times, n=20)[-1]
    print(
        f"  {edits:3} of {_WORDS} words replaced: original proposed {right}/{_ASKED}, others"
        f" {wrong}; {statistics.median(times):.1f} ms median, {slowest:.1f} ms p95"
    )


if __name__ == "__main__":
    raise SystemExit(main())
