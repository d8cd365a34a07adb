"""What containment costs: a proof, a watched run, a guarded call, and how soon a run is stopped.

    python benchmarks/measure/containment.py [--runs N] [--json]

A guarded and a bare call run the same command in the same sandbox, in turns, in one process, so
that whatever else the machine does falls on both alike. The stop is that of real processes, read
from the watcher's own evidence: from the alarm until the last of them is dead.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from firstlight.adapters.bench.box import Box, RunnerShell
from firstlight.adapters.bench.containment.live import LiveContainment
from firstlight.adapters.bench.containment.prover import Outside, empty_tree
from firstlight.adapters.machine import SystemClock
from firstlight.adapters.runner.child import RunnerChild
from firstlight.core.kernel.clock import Instant
from firstlight.core.measure.alarm import ContainmentBroken, verify_chain
from firstlight.core.measure.containment import When
from firstlight.usecases.ports.containment import Bounds

_CONNECT = (
    "perl -e 'use Socket; socket(my $s, AF_INET, SOCK_STREAM, 0);"
    " connect($s, pack_sockaddr_in(80, inet_aton(chr(49).q{92.0.2.1}))); sleep 30'"
)


def milliseconds(times: Sequence[float]) -> dict[str, float]:
    """Least, middle and most."""
    rows = {"min": min(times), "median": statistics.median(times), "max": max(times)}
    return {name: round(value * 1e3, 1) for name, value in rows.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, RunnerChild(Path(name) / "builds") as child:
        contained = LiveContainment.of_runner(
            child.runner(),
            folder=Path(name) / "runs",
            roots=lambda: [os.getpid(), *([child.pid] if child.pid else [])],
            outside=Outside.of_this_machine,
            clock=SystemClock(),
        )
        report: dict[str, dict[str, float] | float] = {
            "proof_ms": milliseconds([proof(contained) for _ in range(options.runs)]),
            **calls(contained, child, options.runs),
        }
        stops = [stopped(contained, child, Path(name), number) for number in range(5)]
        report["alarm_to_dead_ms"] = milliseconds([one.after_alarm for one in stops])
        report["call_to_dead_ms"] = milliseconds([one.after_call for one in stops])
    if options.json:
        print(json.dumps(report, indent=1))
        return
    for label, row in report.items():
        print(f"{label:24s} {row}")


def proof(contained: LiveContainment) -> float:
    """Seconds of one proof, which must hold."""
    began = time.perf_counter()
    made = contained.prove(When.BEFORE)
    assert made.held, made.failures()
    return time.perf_counter() - began


def calls(
    contained: LiveContainment, child: RunnerChild, runs: int
) -> dict[str, dict[str, float] | float]:
    """A call without and with a guard, the start and end of a watch, and the watcher's CPU."""
    shell = RunnerShell(child.runner(), empty_tree(), ())
    bare, guarded = Box(shell, {}), Box(contained.guard(shell, "benchmark"), {})
    bare.run("true")
    times: dict[str, list[float]] = {"bare": [], "guarded": []}
    began = time.perf_counter()
    with contained.watch("benchmark", Bounds(proof_seconds=600)) as watch:
        entered = time.perf_counter()
        watcher = getattr(watch, "watcher", 0)
        started = cpu_of(watcher)
        guarded.run("true")
        with watch.sample("one", 600):
            for _ in range(runs):
                for name, box in (("bare", bare), ("guarded", guarded)):
                    before = time.perf_counter()
                    box.run("echo hello > note")
                    times[name].append(time.perf_counter() - before)
        leaving = time.perf_counter()
        cpu = cpu_of(watcher) - started
    return {
        "call_bare_ms": milliseconds(times["bare"]),
        "call_guarded_ms": milliseconds(times["guarded"]),
        "ratio_of_medians": round(
            statistics.median(times["guarded"]) / statistics.median(times["bare"]), 2
        ),
        "watch_start_s": round(entered - began, 2),
        "watch_end_s": round(time.perf_counter() - leaving, 2),
        "watcher_cpu_share": round(cpu / (leaving - entered), 3),
    }


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Stop(NamedTuple):
    """How soon everything was dead, in seconds."""

    after_alarm: float
    after_call: float
    """the start of the sandbox and the noticing included"""


def stopped(contained: LiveContainment, child: RunnerChild, folder: Path, number: int) -> Stop:
    """A command tries to get out at once and then stays; it must be stopped."""
    box = Box(contained.guard(RunnerShell(child.runner(), empty_tree(), ()), "stop"), {})
    run, began = f"stop-{number}", time.time()
    try:
        with contained.watch(run) as watch, watch.sample("one", 600):
            box.run("true")
            began = time.time()
            box.run(_CONNECT)
    except ContainmentBroken:
        entries = verify_chain((folder / "runs" / run / "evidence.jsonl").read_bytes())
        facts = {one.kind: one.facts for one in entries}
        assert facts["stopped"]["survivors"] == []
        alarm = Instant.parse(str(facts["alarm"]["at"])).utc.timestamp()
        after = int(str(facts["stopped"]["dead_after_ms"])) / 1000
        return Stop(after_alarm=after, after_call=alarm + after - began)
    raise AssertionError("nobody noticed")


if __name__ == "__main__":
    main()
