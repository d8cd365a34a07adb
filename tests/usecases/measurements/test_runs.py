"""A run from its start to its statement, on each real database."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.usecases.measurements.runs import ADMITTED, FIXED, PAPERS, TASKS, begun, kept

from firstlight.core.kernel.errors import Conflict, Missing, MoveNotAllowed, NotSignedIn, Refused
from firstlight.core.kernel.parties import ANONYMOUS, SYSTEM, Role
from firstlight.core.measure.figures import Unmeasured
from firstlight.core.measure.ids import MeasurementId
from firstlight.core.measure.measurement import MeasurementState, to_play
from firstlight.core.measure.record import Ended
from firstlight.usecases.measurements.runs import end, keep, pause, resume, start, stop
from firstlight.usecases.ports.runs import RECORD, STATEMENT, report_name

if TYPE_CHECKING:
    from tests.usecases.conftest import Bench


def test_a_run_ends_in_a_statement(bench: Bench) -> None:
    """What is kept is in the record as it was; the rest is not measured; both files are kept."""
    run = begun(bench)
    keep(bench.context, SYSTEM, run.id, [kept("one", 1, Ended.SOLVED)])
    done = end(bench.context, SYSTEM, run.id, TASKS, PAPERS, why="the budget is used up")
    ends = {(each.task, each.epoch): each.ended for each in done.run.samples}
    assert ends == {
        ("one", 1): Ended.SOLVED,
        ("one", 2): Ended.NOT_MEASURED,
        ("two", 1): Ended.NOT_MEASURED,
        ("two", 2): Ended.NOT_MEASURED,
    }
    assert done.measurement.state is MeasurementState.ENDED
    with bench.context.storage.look() as work:
        assert work.measurements.result(run.id, RECORD) == done.record
        assert work.measurements.result(run.id, STATEMENT) == done.statement
        assert list(done.reports) == ["public", "developer", "full"]
        for cut, page in done.reports.items():
            assert work.measurements.result(run.id, report_name(cut)) == page
        assert work.measurements.get(run.id).measurement == done.measurement


def test_the_ledger_tells_each_step_and_no_sample(bench: Bench) -> None:
    """Start with what was fixed, pause, resumption and end are entries; samples are none."""
    run = begun(bench)
    keep(bench.context, SYSTEM, run.id, [kept("one", 1, Ended.FAILED)])
    pause(bench.context, SYSTEM, run.id, why="lunch")
    resume(bench.context, SYSTEM, run.id, ADMITTED, evidence="part-2")
    done = end(bench.context, SYSTEM, run.id, TASKS, PAPERS)
    with bench.context.storage.look() as work:
        entries = [one.entry for one in work.ledger.entries(str(run.id), 0, 10)]
    assert [one.facts["step"] for one in entries] == ["start", "pause", "resume", "end"]
    assert entries[0].facts["fixed"] == run.fixed_digest
    assert entries[-1].facts["statement"] == done.measurement.statement


def test_what_is_kept_is_not_played_again(bench: Bench) -> None:
    """After any interruption only the places that are not kept are left, in their order."""
    run = begun(bench)
    keep(bench.context, SYSTEM, run.id, [kept("two", 1, Ended.SOLVED)])
    with bench.context.storage.look() as work:
        places = work.measurements.places(run.id)
    left = [(item.task, epoch) for item, epoch in to_play(run.fixed, places)]
    assert left == [("one", 1), ("one", 2), ("two", 2)]


def test_one_place_is_kept_once(bench: Bench) -> None:
    """A second sample of one task and epoch is refused, and the first stays."""
    run = begun(bench)
    keep(bench.context, SYSTEM, run.id, [kept("one", 1, Ended.SOLVED)])
    with pytest.raises(Conflict):
        keep(bench.context, SYSTEM, run.id, [kept("one", 1, Ended.FAILED)])
    with bench.context.storage.look() as work:
        (only,) = work.measurements.samples(run.id)
    assert only.ended is Ended.SOLVED


def test_a_run_that_does_not_go_on_takes_no_sample(bench: Bench) -> None:
    """While it is paused, and after an alarm, nothing is added."""
    run = begun(bench)
    pause(bench.context, SYSTEM, run.id, why="lunch")
    with pytest.raises(Conflict, match="paused"):
        keep(bench.context, SYSTEM, run.id, [kept("one", 1, Ended.SOLVED)])


def test_nothing_goes_on_after_an_alarm(bench: Bench) -> None:
    """No step leads away from a run that an alarm has stopped; there is no statement of it."""
    run = begun(bench)
    stopped = stop(bench.context, SYSTEM, run.id, alarm="a decoy was called", head="0" * 64)
    assert stopped.state is MeasurementState.STOPPED
    for step in (
        lambda: resume(bench.context, SYSTEM, run.id, ADMITTED, evidence="again"),
        lambda: pause(bench.context, SYSTEM, run.id, why="x"),
        lambda: end(bench.context, SYSTEM, run.id, TASKS, PAPERS),
    ):
        with pytest.raises(MoveNotAllowed):
            step()
    with bench.context.storage.look() as work, pytest.raises(Missing):
        work.measurements.result(run.id, STATEMENT)


def test_a_run_goes_on_at_its_own_level_only(bench: Bench) -> None:
    """A run begun behind some walls is not taken up again behind others."""
    run = begun(bench)
    other = replace(ADMITTED, level=type(ADMITTED.level).L2)
    with pytest.raises(Conflict, match="was begun at L1"):
        resume(bench.context, SYSTEM, run.id, other, evidence="again")


def test_what_was_seen_with_samples_is_kept_once(bench: Bench) -> None:
    """Environments, the model's own version and gaps join the record, each once."""
    run = begun(bench)
    gap = Unmeasured(name="cost in money", reason="no price was given")
    for epoch in (1, 2):
        keep(
            bench.context,
            SYSTEM,
            run.id,
            [kept("one", epoch, Ended.SOLVED)],
            environment=("toy", "a" * 64),
            version_seen="model-2026",
            unmeasured=[gap],
        )
    done = end(bench.context, SYSTEM, run.id, TASKS, PAPERS)
    assert done.run.environments == (("toy", "a" * 64),)
    assert done.run.model.version == "model-2026"
    assert done.run.unmeasured == (gap,)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
def test_only_the_program_leads_runs(bench: Bench, role: Role) -> None:
    """A run is led from the shell of its machine; no role of a person takes a step."""
    run = begun(bench)
    actor = ANONYMOUS if role is Role.ANONYMOUS else bench.actor(role)
    fresh = bench.context.mint.new(MeasurementId, bench.clock.now())
    for step in (
        lambda: start(bench.context, actor, fresh, FIXED, ADMITTED, evidence="x"),
        lambda: resume(bench.context, actor, run.id, ADMITTED, evidence="x"),
        lambda: keep(bench.context, actor, run.id, [kept("one", 1, Ended.SOLVED)]),
        lambda: pause(bench.context, actor, run.id, why="x"),
        lambda: stop(bench.context, actor, run.id, alarm="x", head=""),
        lambda: end(bench.context, actor, run.id, TASKS, PAPERS),
    ):
        with pytest.raises((Refused, NotSignedIn)):
            step()
