"""How well crash reports are read, against the types and states that ClusterFuzz's tests expect.

Run: ``python -m benchmarks.dedupe.traces`` from the root of the repository. The labelled traces
(``crash-traces.jsonl.gz``) are looked for in ``FIRSTLIGHT_SHARED_DATA`` or ``../shared/data``.
Prints the agreement, the time it took, and every disagreement with what was expected.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from firstlight.core.clearinghouse.dedupe.crash import Crash, parse_crash

_BESIDE = Path(__file__).parents[3] / "shared" / "data"
_FILE = "crash-traces.jsonl.gz"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One labelled trace and how it was read."""

    name: str
    expected: tuple[str, str]
    """type and state; empty strings where no crash is expected"""
    got: tuple[str, str]

    @property
    def agrees(self) -> bool:
        """True when type and state are exactly as expected."""
        return self.expected == self.got


def compare(path: Path) -> list[Comparison]:
    """Read every labelled trace of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [_compare(json.loads(line)) for line in lines]


def _compare(row: dict[str, str]) -> Comparison:
    crash = parse_crash(row["trace"])
    got = (crash.type, crash.state_text) if isinstance(crash, Crash) else ("", "")
    expected = (row["crash_type"], row["crash_state"])
    return Comparison(name=row["file"], expected=expected, got=got)


def main() -> int:
    """Print the figures."""
    path = Path(os.environ.get("FIRSTLIGHT_SHARED_DATA", _BESIDE)) / _FILE
    if not path.exists():
        print(f"{_FILE} is not in {path.parent}; set FIRSTLIGHT_SHARED_DATA", file=sys.stderr)
        return 2
    start = time.perf_counter()
    compared = compare(path)
    seconds = time.perf_counter() - start
    agreed = sum(one.agrees for one in compared)
    print(f"{agreed} of {len(compared)} agree ({agreed / len(compared):.1%}) in {seconds:.2f} s")
    for one in compared:
        if not one.agrees:
            print(f"\n{one.name}")
            print(f"  expected {one.expected[0]!r} {one.expected[1]!r}")
            print(f"  got      {one.got[0]!r} {one.got[1]!r}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
