"""Our overhead for each sample over Inspect alone, in turns, by wall clock and by processor.

    .venv-inspect/bin/python -m benchmarks.measure.speed [--epochs N] [--rounds N] [--task TASK]...

Three arms play the same tasks with the same script over HTTP, in the same sandbox, under the same
verifier: Inspect alone (`bare.py`), a run of ours with Inspect's loop, a run of ours with our own.
Each arm is run with one epoch and with N, so that the difference holds samples alone and no start.
CPU is that of all processes of an arm, as the kernel adds it up when they end.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

_TASKS = ("find-sqlparse", "reproduce-sqlparse", "escalate-set-uid-cut")


class Taken(NamedTuple):
    """What a command took, in seconds."""

    wall: float
    cpu: float


def taken(command: list[str], env: dict[str, str]) -> Taken:
    """Run it to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    assert status == 0, said[-2000:].decode()
    return Taken(wall, used.ru_utime + used.ru_stime)


def arms(tasks: list[str], epochs: int) -> dict[str, list[str]]:
    """The commands."""
    run = [sys.executable, "-m", "firstlight", "measure", "run", "--suite", "public-1", "--json"]
    run += [word for task in tasks for word in ("--task", task)] + ["--epochs", str(epochs)]
    return {
        "inspect alone": [sys.executable, "-m", "benchmarks.measure.bare", str(epochs), *tasks],
        "ours, its loop": [*run, "--model", "inspect/scripted:reference"],
        "ours, own loop": [*run, "--model", "scripted:reference"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=11)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--task", action="append", dest="tasks")
    options = parser.parse_args()
    tasks = options.tasks or list(_TASKS)
    samples = (options.epochs - 1) * len(tasks)
    with tempfile.TemporaryDirectory() as data:
        env = {**os.environ, "FIRSTLIGHT_DATA": data}
        few, many = arms(tasks, 1), arms(tasks, options.epochs)
        for command in few.values():
            # Fetches, builds, makes the database.
            taken(command, env)
        each: dict[str, list[Taken]] = {name: [] for name in few}
        for _ in range(options.rounds):
            for name in few:
                short, long = taken(few[name], env), taken(many[name], env)
                each[name].append(
                    Taken((long.wall - short.wall) / samples, (long.cpu - short.cpu) / samples)
                )
    base = each["inspect alone"]
    print(f"{samples} samples in each round, {options.rounds} rounds; medians")
    for name, found in each.items():
        wall, cpu = (statistics.median(values) for values in zip(*found, strict=True))
        ratios = [
            statistics.median(
                getattr(one, field) / getattr(bare, field)
                for one, bare in zip(found, base, strict=True)
            )
            for field in ("wall", "cpu")
        ]
        print(
            f"{name:15s} {wall * 1e3:7.0f} ms wall {cpu * 1e3:7.0f} ms CPU a sample; "
            f"to Inspect alone {ratios[0]:.2f} wall, {ratios[1]:.2f} CPU"
        )


if __name__ == "__main__":
    main()
