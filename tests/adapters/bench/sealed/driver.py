"""A run of a sealed suite in a process of its own, as chatty as a run can be.

Called by a test with the suite's folder and a folder for the run. Each task gets a talkative
player, who reads and copies everything, its reference and its no-op; what the run keeps goes
through the same doors as in a real one.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.gates import attempt
from firstlight.adapters.bench.sealed.running import SealedRun
from firstlight.bootstrap import committed_suite, open_sealed
from firstlight.core.measure.outcome import Outcome
from firstlight.core.measure.task import Task
from firstlight.core.measure.tools import Call, Run, Submit
from firstlight.settings import load

_CHATTER: tuple[Call, ...] = (
    Run(command="find /target /box -type f | head -n 200; cat /target/src/*"),
    Run(command="mkdir -p copy && cp -r /target/src copy/ && tar -czf all.tgz copy; env; id"),
    Run(command="cp -r /target/src /tmp/; cat /target/src/* | base64; cat /target/src/* >&2"),
    Submit(answer=b"I have read everything and say nothing."),
)


def main(suite: Path, folder: Path) -> None:
    """Run every task, and keep what a run keeps."""
    logging.basicConfig(filename=folder / "run.log", level=logging.DEBUG)
    settings = load()
    run = SealedRun(committed_suite(settings, suite))
    with (
        open_sealed(settings, run) as (bench, containment),
        containment.watch("sealed-run") as watch,
    ):
        for number, task in enumerate(run.suite.tasks):
            with watch.sample(task.id, 120):
                _keep(run, task, 3 * number, _chat(bench, task), folder)
                for turn, solution in enumerate((task.reference, task.no_op), start=1):
                    outcome = attempt(task, solution, bench)
                    _keep(run, task, 3 * number + turn, outcome, folder)
            # As careless as somebody may be: whole values in a log.
            logging.getLogger("run").info("%r %r %r", task, bench.target(task), run.suite)


def _chat(bench: LocalBench, task: Task) -> Outcome:
    sample = bench.open(task)
    for call in _CHATTER:
        sample.call(call)
    return bench.verify(task, sample.transcript())


def _keep(run: SealedRun, task: Task, number: int, outcome: Outcome, folder: Path) -> None:
    kept = run.keep("sealed-run", task.id, number, outcome)
    (folder / f"{number:03}.evidence").write_bytes(kept.envelope)
    said = {
        "task": task.id,
        "family": task.family,
        "kind": kept.outcome.kind,
        "summary": kept.outcome.evidence.summary,
        "facts": dict(kept.outcome.evidence.facts),
        "detections": [[one.trick, one.where, one.why] for one in kept.outcome.evidence.detections],
        "opens": kept.name,
    }
    (folder / f"{number:03}.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
