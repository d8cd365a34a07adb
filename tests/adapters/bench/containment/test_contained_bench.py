"""A real bench under watch: real tasks are worked on without an alarm, and guarded all the same."""

from __future__ import annotations

import os

import pytest
from tests.adapters.bench.containment.stage import play

pytestmark = [pytest.mark.sandbox, pytest.mark.network]

_SCRIPT = """
child.__exit__(None, None, None)
from firstlight.bootstrap import open_contained, suites
from firstlight.settings import load
settings = load({"FIRSTLIGHT_DATA": str(folder / "data")})
suite = suites()[0]
tasks = {task.id: task for task in suite.tasks}
wanted = [next(t for t in suite.tasks if t.environment.kind == kind) for kind in KINDS]
with open_contained(settings) as (bench, containment):
    with containment.watch("r") as watch:
        for task in wanted:
            with watch.sample(task.id, 240):
                sample = bench.open(task)
                for call in bench.resolve(task, task.reference):
                    sample.call(call)
                outcome = bench.verify(task, sample.transcript())
                told(task=task.id, kind=outcome.kind)
    told(places=sorted({p.place for p in watch.proofs}), held=all(p.held for p in watch.proofs))
class Nothing:
    def __exit__(self, *_): pass
child = Nothing()
"""


def test_reference_solutions_set_off_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The reference solution of a task of each kind of environment is solved under watch.

    Each environment was proved from inside before its first call.
    """
    kinds = ["target", *(["arena"] if os.geteuid() == 0 else [])]
    script = _SCRIPT.replace("KINDS", repr(kinds))
    done = play(script, tmp_path_factory.mktemp("contained"))
    assert done.code == 0, done.stderr
    *solved, proofs = done.lines
    assert [line["kind"] for line in solved] == ["solved"] * len(kinds)
    assert proofs["held"] is True
    assert len(proofs["places"]) == len(kinds) + 1
