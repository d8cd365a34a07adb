"""Throughput of the verifier against the same programs run bare, each on both cores, in turns.

    python -m benchmarks.measure.verifier [--answers N] [--rounds N] [--task TASK]...

What the verifier runs is written down once, command by command, as the sandbox gets it. Bare means:
the very same commands over the very same built trees with the same files, one after the other in
two processes, each within one namespace that only puts the tree to its place. No fresh sandbox, no
limits, no reading of what a run did, no judgement.
"""

from __future__ import annotations

import argparse
import base64
import json
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.runner.child import RunnerChild
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.bootstrap import bench as open_bench
from firstlight.bootstrap import suites
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.measure.outcome import Solved
from firstlight.core.measure.task import Task
from firstlight.settings import load
from firstlight.usecases.ports.bench import Transcript
from firstlight.usecases.ports.execution import Command, RunResult

_TASKS = ("reproduce-sqlparse", "reproduce-ujson", "reproduce-json5")
_SCRATCH = "/tmp"  # noqa: S108  # of the namespace
_LOOP = """
import base64, json, os, shutil, subprocess, sys
for one in json.load(sys.stdin):
    for left in os.scandir("/box"):
        shutil.rmtree(left) if left.is_dir(follow_symlinks=False) else os.unlink(left)
    for name, data in one["files"].items():
        os.makedirs(os.path.dirname("/box/" + name), exist_ok=True)
        with open("/box/" + name, "wb") as file:
            file.write(base64.b64decode(data))
    done = subprocess.run(one["argv"], env=one["env"], cwd=one["cwd"],
                          input=base64.b64decode(one["stdin"]), capture_output=True, check=False)
    if one["code"] not in (None, done.returncode):
        sys.exit(f"ended with {done.returncode}, not {one['code']}: {done.stderr[-500:]}")
"""


class Used(NamedTuple):
    """Seconds."""

    wall: float
    cpu: float


class Recorder:
    """A sandbox that writes down what it is given."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._inner = BubblewrapSandbox()
        self._lock = threading.Lock()
        self.commands: list[tuple[Command, int | None]] = []

    def level(self) -> ContainmentLevel:
        """Of the sandbox within."""
        return self._inner.level()

    def run(self, command: Command) -> RunResult:
        """Run it, and keep it."""
        done = self._inner.run(command)
        with self._lock:
            self.commands.append((command, done.exit_code))
        return done


def answer_of(bench: LocalBench, task: Task) -> Transcript:
    """The reference solution, played."""
    sample = bench.open(task)
    for call in bench.resolve(task, task.reference):
        sample.call(call)
    found = sample.transcript()
    assert found.answer is not None, task.id
    return found


def measured(work: Callable[[], None], ended: Callable[[], None] = lambda: None) -> Used:
    """Wall clock of some work; processor time of the children that it waited for, and of us."""
    before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    began = time.perf_counter()
    work()
    wall = time.perf_counter() - began
    ended()
    after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(
        late.ru_utime + late.ru_stime - early.ru_utime - early.ru_stime
        for early, late in zip(before, after, strict=True)
    )
    return Used(wall, cpu)


def ours(cache: Path, task: Task, answers: int) -> Used:
    """Judge so many answers, two at a time, with the runner that a run has."""
    child = RunnerChild(cache, places=2)
    with child:
        bench = open_bench(load(), child.runner())
        transcript = answer_of(bench, task)
        assert isinstance(bench.verify(task, transcript), Solved)

        def work() -> None:
            with ThreadPoolExecutor(2) as pool:
                found = list(pool.map(lambda _: bench.verify(task, transcript), range(answers)))
            assert all(isinstance(one, Solved) for one in found)

        return measured(work, lambda: child.__exit__(None, None, None))


def recorded(cache: Path, task: Task) -> list[tuple[Command, int | None]]:
    """What one judgement gives to the sandbox; the trees are built already."""
    recorder = Recorder()
    runner = LocalRunner(recorder, cache)
    bench = open_bench(load(), runner)
    transcript = answer_of(bench, task)
    bench.verify(task, transcript)
    recorder.commands.clear()
    bench.verify(task, transcript)
    return list(recorder.commands)


def bare(commands: Sequence[tuple[Command, int | None]], answers: int) -> Used:
    """Run the same commands as often, in two processes."""
    trees: dict[Path, list[dict[str, object]]] = {}
    for command, code in commands:
        trees.setdefault(command.mounts[0].source, []).append({**plain(command), "code": code})

    def half(count: int) -> None:
        for tree, some in trees.items():
            with tempfile.TemporaryDirectory() as box:
                subprocess.run(
                    inside(tree, box),
                    input=json.dumps(some * count).encode(),
                    check=True,
                )

    def work() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(half, (answers // 2, answers - answers // 2)))

    return measured(work)


def inside(tree: Path, box: str) -> list[str]:
    """A Python in a namespace where the tree is at its place."""
    same = [word for place in ("/usr", "/etc") for word in ("--ro-bind", place, place)]
    links = [
        word
        for place in ("bin", "lib", "lib64", "sbin")
        if Path(f"/{place}").is_symlink()
        for word in ("--symlink", str(Path(f"/{place}").readlink()), f"/{place}")
    ]
    places = ["--ro-bind", str(tree), "/target", "--bind", box, "/box", "--tmpfs", _SCRATCH]
    rest = ["--proc", "/proc", "--dev", "/dev"]
    return ["bwrap", *same, *links, *places, *rest, "/usr/bin/python3", "-c", _LOOP]


def plain(command: Command) -> dict[str, object]:
    """A command as JSON."""
    files = {name: base64.b64encode(data).decode() for name, data in command.files.items()}
    return {
        "argv": list(command.argv),
        "env": {"PATH": "/usr/bin:/bin", **command.env},
        "cwd": command.cwd,
        "stdin": base64.b64encode(command.stdin).decode(),
        "files": files,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--task", action="append", dest="tasks")
    options = parser.parse_args()
    known = {task.id: task for suite in suites() for task in suite.tasks}
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name) / "builds"
        for task in (known[each] for each in options.tasks or _TASKS):
            commands = recorded(cache, task)
            # Whatever the runner builds for itself, it builds now.
            ours(cache, task, 0)
            pairs = []
            for _ in range(options.rounds):
                start, whole = ours(cache, task, 0), ours(cache, task, options.answers)
                mine = Used(whole.wall - start.wall, whole.cpu - start.cpu)
                pairs.append((mine, bare(commands, options.answers)))
            walls, cpus = (
                statistics.median(getattr(b, f) / getattr(a, f) for a, b in pairs)
                for f in ("wall", "cpu")
            )
            each, more = (
                statistics.median(values) * 2e3 / options.answers / len(commands)
                for values in ([b.wall for _, b in pairs], [a.wall - b.wall for a, b in pairs])
            )
            print(
                f"{task.id}: {len(commands)} runs an answer, {each:.0f} ms each when bare, "
                f"{more:+.0f} ms when judged; verifier at {walls:.0%} of bare by wall clock, "
                f"{cpus:.0%} by CPU",
                flush=True,
            )


if __name__ == "__main__":
    main()
