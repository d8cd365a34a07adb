"""Our tasks through `inspect_ai.eval`, and logs as records: whole, cut, changed, of others."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import inspect_ai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.dataset import MemoryDataset
from inspect_ai.dataset import Sample as Asked
from inspect_ai.log import (
    EvalLog,
    ProvenanceData,
    edit_score,
    invalidate_samples,
    read_eval_log,
    write_eval_log,
)
from inspect_ai.scorer import ScoreEdit, includes
from tests.adapters.bench import toy
from tests.adapters.bench.inspect.marks import INSPECT

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.inspect.player import open_model
from firstlight.adapters.bench.inspect.reading import Foreign, LogUnusable, Ours, read_log
from firstlight.adapters.bench.inspect.suite import Offered, inspect_task
from firstlight.adapters.bench.players import script as scripts
from firstlight.adapters.bench.players.scripted import serve
from firstlight.adapters.formats.measure_record import read_record, write_record
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.kernel.errors import Refused
from firstlight.core.measure.record import Ended
from firstlight.core.measure.task import Kind, Suite
from firstlight.usecases.ports.players import Allowance

pytestmark = INSPECT
_ROOT = "ab" * 32
_TASK = toy.task(Kind.REPRODUCE)


class _Watch:
    """Looks at nothing, and remembers around what it stood."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def check(self) -> None:
        """Nothing is wrong."""

    @contextmanager
    def sample(self, name: str, seconds: float) -> Iterator[None]:
        """One."""
        assert seconds > 0
        self.seen.append(name)
        yield


def _suite() -> Suite:
    return Suite(id="toys", version=1, title="Toys", public=True, tasks=(_TASK,))


def _offered(runner: LocalRunner, watch: _Watch) -> Offered:
    bench = LocalBench([toy.TARGET], runner, toy.fetch, Arena)
    return Offered(
        suite="toys",
        version="1",
        root=_ROOT,
        tasks=[_TASK],
        bench=bench,
        watch=watch,  # type: ignore[arg-type]  # what is asked of it here
        admit=lambda _scripted: "L3",
        allowance=Allowance(turns=6),
    )


def _evaluate(offered: Offered, folder: Path, epochs: int = 2) -> EvalLog:
    script = scripts.write(
        "reference", [_TASK], offered.bench.told, offered.bench.resolve, epochs=epochs
    )
    with serve(script.to_json()) as url:  # type: ignore[arg-type]  # an object
        reached = open_model("openai-api/scripted/x", public=True, url=url, key="none")
        return inspect_ai.eval(
            inspect_task(offered),
            model=reached.model,
            epochs=epochs,
            display="none",
            log_dir=str(folder),
            acp_server=False,
            ctl_server=False,
        )[0]


@pytest.fixture(scope="module")
def log(runner: LocalRunner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two epochs of the toy, solved."""
    watch = _Watch()
    found = _evaluate(_offered(runner, watch), tmp_path_factory.mktemp("log"))
    assert watch.seen == ["reproduce-toy.1", "reproduce-toy.2"]
    return Path(found.location)


def _known() -> list[Ours]:
    return [Ours(suite=_suite(), root=_ROOT)]


def test_a_log_of_ours_becomes_a_record(log: Path) -> None:
    """Our verifier was Inspect's scorer; the record says what it saw, and that nobody watched."""
    run = read_log(log, _known(), None)
    assert [each.ended for each in run.samples] == [Ended.SOLVED, Ended.SOLVED]
    assert {each.family for each in run.samples} == {_TASK.family}
    assert all(each.tokens > 0 for each in run.samples)
    assert run.containment.level.startswith("not watched")
    assert not run.containment.proofs
    assert run.plan_digest == ""
    (environment,) = run.environments
    assert len(environment[1]) == 64
    assert read_record(write_record(run)) == run


@settings(deadline=None, max_examples=40)
@given(share=st.floats(min_value=0, max_value=1, exclude_max=True))
def test_a_log_that_is_cut_gives_no_record(log: Path, share: float) -> None:
    """Wherever it is cut off, there is an error and never a record."""
    data = log.read_bytes()
    cut = log.with_name("cut.eval")
    cut.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(LogUnusable):
        read_log(cut, _known(), None)


def test_a_log_that_has_not_ended_gives_no_record(log: Path, tmp_path: Path) -> None:
    """What Inspect leaves when it is killed: an archive in order, without an end."""
    left = tmp_path / "left.eval"
    with zipfile.ZipFile(log) as whole, zipfile.ZipFile(left, "w") as part:
        for name in whole.namelist():
            if name not in {"header.json", "summaries.json", "reductions.json"}:
                part.writestr(name, whole.read(name))
    with pytest.raises(LogUnusable):
        read_log(left, _known(), None)


def test_what_is_missing_in_a_log_is_not_measured(log: Path, tmp_path: Path) -> None:
    """A sample that the log was to hold and does not is never a failure."""
    found = read_eval_log(str(log))
    assert found.samples is not None
    found.samples = found.samples[:1]
    found.status = "cancelled"
    write_eval_log(found, str(tmp_path / "some.eval"))
    run = read_log(tmp_path / "some.eval", _known(), None)
    assert [each.ended for each in run.samples] == [Ended.SOLVED, Ended.NOT_MEASURED]


def test_what_was_changed_by_hand_does_not_count(log: Path, tmp_path: Path) -> None:
    """A score that was edited, and a sample that was invalidated, are invalid."""
    found = read_eval_log(str(log))
    by = ProvenanceData(author="somebody", reason="to see")
    edit_score(found, _TASK.id, "firstlight_verifier", ScoreEdit(value="C", provenance=by), epoch=1)
    assert found.samples is not None
    changed = invalidate_samples(found, [str(found.samples[1].uuid)], by)
    write_eval_log(changed, str(tmp_path / "changed.eval"))
    run = read_log(tmp_path / "changed.eval", _known(), None)
    assert {each.ended for each in run.samples} == {Ended.INVALID}


def test_other_tasks_than_ours_now_are_refused(log: Path) -> None:
    """Where the commitment differs, the tasks have changed, and nothing is made of the log."""
    with pytest.raises(LogUnusable, match="have changed"):
        read_log(log, [Ours(suite=_suite(), root="cd" * 32)], None)
    with pytest.raises(LogUnusable, match="not here"):
        read_log(log, [], None)


def test_a_model_is_not_let_in_behind_weak_walls(runner: LocalRunner, tmp_path: Path) -> None:
    """What `admit` refuses is never opened; the evaluation ends with its sentence."""

    def admit(scripted: bool) -> str:  # noqa: FBT001  # as the port has it
        assert not scripted
        raise Refused("a model needs L3")

    watch = _Watch()
    found = _evaluate(replace(_offered(runner, watch), admit=admit), tmp_path, epochs=1)
    assert found.status == "error"
    assert found.error is not None
    assert "a model needs L3" in found.error.message
    assert watch.seen == []


def _of_others(folder: Path) -> Path:
    samples = [
        Asked(input="?", target=target, id=name, metadata={"project": family})
        for name, target, family in (("a", "Default", "p1"), ("b", "other", "p2"))
    ]
    made = inspect_ai.Task(dataset=MemoryDataset(samples), scorer=includes(), name="others")
    model = open_model("mockllm/model", public=True).model
    found = inspect_ai.eval(
        made, model=model, display="none", log_dir=str(folder), acp_server=False, ctl_server=False
    )[0]
    return Path(found.location)


def test_a_log_of_others_needs_kind_and_family(tmp_path: Path) -> None:
    """Said of which kind they are, tasks of others become a record without a commitment."""
    log = _of_others(tmp_path)
    with pytest.raises(LogUnusable, match="none of ours"):
        read_log(log, _known(), None)
    with pytest.raises(LogUnusable, match="in its metadata"):
        read_log(log, _known(), Foreign(kind=Kind.FIND, family="team"))
    run = read_log(log, _known(), Foreign(kind=Kind.FIND, family="project"))
    assert {(each.task, each.family, each.ended) for each in run.samples} == {
        ("a", "p1", Ended.SOLVED),
        ("b", "p2", Ended.FAILED),
    }
    assert (run.suite.root, run.model.scripted) == ("", True)
