"""What each tool without a model solves of a suite, at one CPU budget: writes the summary again.

    .venv/bin/python benchmarks/measure/tools.py --cpu-seconds 20 --write

Each task that a tool can try is played once, through the sample that a model would get, and judged
by the same verifier. Without `--write` nothing is changed and the differences are shown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from firstlight.adapters.bench.baselines.kits import KITS, kit_of, version_of
from firstlight.adapters.bench.baselines.player import ToolPlayer
from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.loader import load_suite
from firstlight.adapters.formats.measure_tools import read_summary, write_summary
from firstlight.adapters.registries import Fetcher
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.adapters.targets import load_all
from firstlight.core.measure.baselines import Summary, ToolTried, Tried
from firstlight.core.measure.record import Ended
from firstlight.core.measure.task import Suite
from firstlight.usecases.ports.players import Allowance, End

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "suites" / "public-1"
SUMMARY = SUITE / "tools.json"
_MOST_SECONDS = 900.0


def tried(suite: Suite, bench: LocalBench, name: str, cpu_seconds: int) -> Iterator[Tried]:
    """Play one tool's tasks, and say how each ended as it ends."""
    kit = kit_of(name)
    player = ToolPlayer(
        kit,
        version_of(kit),
        cpu_seconds=cpu_seconds,
        target=bench.target,
        tick=time.monotonic,
    )
    allowance = Allowance(seconds=_MOST_SECONDS, cpu_seconds=cpu_seconds)
    for task in suite.tasks:
        if player.declines(task):
            continue
        sample = bench.open(task)
        played = player.play(task, sample, allowance, lambda: None)
        outcome = bench.verify(task, sample.transcript())
        ended = Ended.INDETERMINATE if played.end is End.LOST else Ended(outcome.kind)
        took = round((played.spent.cpu_seconds or 0.0) * 1000)
        print(f"{name} {task.id}: {ended} after {took / 1000:.1f} CPU seconds {played.why}")
        yield Tried(task=task.id, kind=task.kind, ended=ended, cpu_milliseconds=took)


def measure(cpu_seconds: int, names: list[str], only: frozenset[str] = frozenset()) -> Summary:
    """Every tool on every task that it can try; `only` these tasks where some are named."""
    targets = {target.id: target for target in load_all(ROOT / "targets")}
    suite = load_suite(SUITE, targets)
    if only:
        suite = Suite(
            id=suite.id,
            title=suite.title,
            version=suite.version,
            public=suite.public,
            tasks=tuple(task for task in suite.tasks if task.id in only),
        )
    with tempfile.TemporaryDirectory(prefix="firstlight-tools-") as scratch:
        runner = LocalRunner(BubblewrapSandbox(), Path(scratch, "builds"))
        fetch = Fetcher(Path(scratch, "downloads")).fetch
        bench = LocalBench(tuple(targets.values()), runner, fetch, Arena)
        tools = tuple(
            ToolTried(
                name=name,
                version=version_of(KITS[name]),
                tried=tuple(tried(suite, bench, name, cpu_seconds)),
            )
            for name in names
        )
    return Summary(suite=suite.id, version=str(suite.version), cpu_seconds=cpu_seconds, tools=tools)


def main() -> int:
    """Measure, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cpu-seconds", type=int, default=20, help="of searching, for each task")
    parser.add_argument("--write", action="store_true", help="write the summary of the suite")
    given = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    found = measure(given.cpu_seconds, list(KITS))
    if given.write:
        SUMMARY.write_bytes(write_summary(found))
        return 0
    before = read_summary(SUMMARY.read_bytes())
    changed = found.solved_by() ^ before.solved_by()
    for tool, task in sorted(changed):
        print(f"differs from the committed summary: {tool} on {task}")
    return 1 if changed else 0


if __name__ == "__main__":
    raise SystemExit(main())
