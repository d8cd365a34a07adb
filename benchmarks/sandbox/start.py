"""What it costs to start a run with every limit set, against the bare `bwrap` command.

    python benchmarks/sandbox/start.py [--runs N] [--json]

Both run /bin/true with the same namespaces, in turns, in one process, so that whatever else the
machine does falls on both alike. Wall time is what a caller waits; CPU time is that of all
processes involved, ours included.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

from firstlight.adapters.sandbox import arguments
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.usecases.ports.execution import Command

_BARE_USER = ["--uid", "65534", "--gid", "65534", "--cap-drop", "ALL", "--disable-userns"]
_SIZE = str(64 << 20)


def bare() -> Sequence[str]:
    """`bwrap` as one would type it: the same walls and mounts, no limits and no filter."""
    tmpfs = [w for p in ("/dev/shm", "/tmp", "/box") for w in ("--size", _SIZE, "--tmpfs", p)]  # noqa: S108
    return [
        "bwrap",
        *arguments.namespaces(user=_BARE_USER),
        *arguments.system_mounts(),
        *["--proc", "/proc", "--dev", "/dev", *tmpfs],
        *["--remount-ro", "/dev", "--remount-ro", "/", "--", "/bin/true"],
    ]


def cpu() -> float:
    """Seconds used by this process and by those it has waited for."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def milliseconds(times: Sequence[float]) -> Mapping[str, float]:
    """Least, middle and most."""
    rows = {"min": min(times), "median": statistics.median(times), "max": max(times)}
    return {name: round(value * 1e3, 2) for name, value in rows.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sandbox = BubblewrapSandbox()
    facts = sandbox.facts()
    words = bare()
    inside: list[float] = []

    def ours() -> None:
        result = sandbox.run(Command(argv=["/bin/true"]))
        assert result.exit_code == 0
        inside.append(result.cpu_seconds or 0.0)

    def plain() -> None:
        subprocess.run(words, check=True, env={}, stdin=subprocess.DEVNULL)

    kinds: Mapping[str, Callable[[], None]] = {"bare bwrap": plain, "firstlight": ours}
    walls: dict[str, list[float]] = {name: [] for name in kinds}
    cpus: dict[str, float] = dict.fromkeys(kinds, 0.0)
    for each in kinds.values():
        each()
    for _ in range(options.runs):
        for name, each in kinds.items():
            before, began = cpu(), time.perf_counter()
            each()
            walls[name].append(time.perf_counter() - began)
            cpus[name] += cpu() - before
    report = {
        "level": facts.level,
        "bubblewrap": facts.bubblewrap,
        "root": os.geteuid() == 0,
        "runs": options.runs,
        "wall_ms": {name: milliseconds(times) for name, times in walls.items()},
        "cpu_ms_of_waited_processes": {
            name: round(value / options.runs * 1e3, 2) for name, value in cpus.items()
        },
        "cpu_ms_inside": round(statistics.median(inside) * 1e3, 2),
        "ratio_of_medians": round(
            statistics.median(walls["firstlight"]) / statistics.median(walls["bare bwrap"]), 2
        ),
        "ratio_of_minima": round(min(walls["firstlight"]) / min(walls["bare bwrap"]), 2),
    }
    if options.json:
        print(json.dumps(report, indent=1))
        return
    for name, row in milliseconds_rows(walls):
        print(f"{name:12s} " + "  ".join(f"{key} {value:6.2f} ms" for key, value in row.items()))
    print(f"ratio of medians {report['ratio_of_medians']}, of minima {report['ratio_of_minima']}")
    print(f"CPU a run: {report['cpu_ms_of_waited_processes']} ms, inside {report['cpu_ms_inside']}")
    print(f"{facts.bubblewrap}, level {facts.level}, root {report['root']}")


def milliseconds_rows(
    walls: Mapping[str, Sequence[float]],
) -> Sequence[tuple[str, Mapping[str, float]]]:
    """One row for each kind."""
    return [(name, milliseconds(times)) for name, times in walls.items()]


if __name__ == "__main__":
    main()
