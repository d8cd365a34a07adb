"""What checking a statement costs, beside starting the interpreter and beside `--help`.

    python benchmarks/measure/verify.py STATEMENT KEYFILE [--runs N]

Processor seconds of whole programs, the best and the median of N runs, in turns.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys


def spent(command: list[str]) -> float:
    """Processor seconds of one program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("statement")
    parser.add_argument("key")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    program = [sys.executable, "-m", "firstlight"]
    check = [*program, "measure", "verify", options.statement, "--key", options.key]
    commands = {
        "interpreter": [sys.executable, "-c", "pass"],
        "help": [*program, "--help"],
        "verify": check,
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(options.runs):
        for name, command in commands.items():
            taken[name].append(spent(command))
    for name, seconds in taken.items():
        best, middle = min(seconds) * 1000, statistics.median(seconds) * 1000
        print(f"{name:12s} best {best:5.0f} ms, median {middle:5.0f} ms")


if __name__ == "__main__":
    main()
