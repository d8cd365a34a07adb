"""Playing samples: what is kept, what is lost, what pauses a run. The bench is a stand-in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest
from tests.usecases.measurements.runs import TASKS, begun

from firstlight.core.kernel.errors import Unavailable
from firstlight.core.kernel.parties import SYSTEM
from firstlight.core.measure.alarm import AlarmKind, ContainmentBroken
from firstlight.core.measure.containment import Driver, Proof
from firstlight.core.measure.measurement import Measurement
from firstlight.core.measure.outcome import (
    Detection,
    Evidence,
    Failed,
    InvalidSample,
    Outcome,
    Solved,
    Trick,
)
from firstlight.core.measure.record import Ended
from firstlight.core.measure.task import Task
from firstlight.core.measure.tools import Call, Reply
from firstlight.usecases.measurements.playing import (
    LOST_IN_A_ROW,
    Hidden,
    Leading,
    Progress,
    Seal,
    Stage,
    play,
)
from firstlight.usecases.ports.bench import Sample, Transcript
from firstlight.usecases.ports.players import (
    Allowance,
    Check,
    Described,
    End,
    Played,
    Said,
    Spent,
)

if TYPE_CHECKING:
    from tests.usecases.conftest import Bench

_SEEN = Evidence(summary="It was looked at.", facts={"where": "guard.c"})


class _Open:
    instruction = "Do it."
    over = False

    def __init__(self, broken: str) -> None:
        self._broken = broken

    def call(self, call: Call) -> Reply:
        raise AssertionError(f"nobody calls {call}")

    def transcript(self) -> Transcript:
        return Transcript(broken=self._broken)


class _Bench:
    """Says of each sample what it was told to say."""

    def __init__(self, outcomes: Sequence[Outcome], *, absent: str = "", broken: str = "") -> None:
        self._outcomes = itertools.cycle(outcomes)
        self._absent = absent
        self._broken = broken

    def open(self, task: Task) -> Sample:
        if task.id == self._absent:
            raise Unavailable("its release was withdrawn")
        return _Open(self._broken)

    def verify(self, task: Task, transcript: Transcript) -> Outcome:
        del task, transcript
        return next(self._outcomes)


class _Player:
    def __init__(self, ends: Sequence[End]) -> None:
        self._ends = itertools.cycle(ends)
        self.played: list[str] = []

    described = Described(name="test", version="", driver=Driver.SCRIPT, endpoint={})

    def play(self, task: Task, sample: Sample, allowance: Allowance, check: Check) -> Played:
        del sample, allowance
        check()
        self.played.append(task.id)
        return Played(
            end=next(self._ends),
            spent=Spent(turns=1, tokens=7, cost=3),
            why="why",
            dialogue=(Said(by="model", text="the text of the task"),),
        )


class _Watch:
    proofs: Sequence[Proof] = ()
    evidence_head = "f" * 64

    def __init__(self) -> None:
        self.samples: list[str] = []

    def check(self) -> None:
        """All is quiet."""

    def alarm(self, kind: AlarmKind, seen: str, *, sample: str = "") -> NoReturn:
        raise ContainmentBroken(f"{kind}: {seen}{sample}")

    @contextmanager
    def sample(self, name: str, seconds: float) -> Iterator[None]:
        assert seconds > 0
        self.samples.append(name)
        yield


def _play(
    bench: Bench,
    run: Measurement,
    stand_in: _Bench,
    player: _Player,
    *,
    seal: Seal | None = None,
    interrupted: Callable[[], bool] = lambda: False,
) -> tuple[str, list[Progress]]:
    told: list[Progress] = []
    stage = Stage(
        bench=stand_in,
        watch=_Watch(),
        player=player,
        tasks=TASKS,
        resolved=lambda task: (task.id, "b" * 64),
        tick=itertools.count().__next__,
        seal=seal,
    )
    leading = Leading(
        context=bench.context,
        actor=SYSTEM,
        measurement=run,
        allowance=Allowance(),
        tell=told.append,
        interrupted=interrupted,
    )
    return play(leading, stage), told


def _ends(bench: Bench, run: Measurement) -> list[tuple[str, int, Ended]]:
    with bench.context.storage.look() as work:
        kept = work.measurements.samples(run.id)
    return sorted((each.task, each.epoch, each.ended) for each in kept)


def test_every_sample_is_played_and_kept(bench: Bench) -> None:
    """Each task in each epoch once, all tasks before the next epoch; progress counts them."""
    run, player = begun(bench), _Player([End.OVER])
    why, told = _play(bench, run, _Bench([Solved(evidence=_SEEN), Failed(evidence=_SEEN)]), player)
    assert why == ""
    assert player.played == ["one", "two", "one", "two"]
    assert _ends(bench, run) == [
        ("one", 1, Ended.SOLVED),
        ("one", 2, Ended.SOLVED),
        ("two", 1, Ended.FAILED),
        ("two", 2, Ended.FAILED),
    ]
    last = told[-1]
    assert (last.done, last.of, last.tokens, last.cost) == (4, 4, 28, 12)


def test_lost_samples_in_a_row_pause_and_are_not_kept(bench: Bench) -> None:
    """An endpoint that is gone says nothing of the tasks: nothing of the row is kept."""
    run, player = begun(bench), _Player([End.OVER, *[End.LOST] * LOST_IN_A_ROW])
    why, _ = _play(bench, run, _Bench([Solved(evidence=_SEEN)]), player)
    assert "in a row were lost" in why
    assert _ends(bench, run) == [("one", 1, Ended.SOLVED)]
    why, _ = _play(bench, run, _Bench([Solved(evidence=_SEEN)]), _Player([End.OVER]))
    assert why == ""
    assert len(_ends(bench, run)) == 4


def test_a_single_lost_sample_is_indeterminate(bench: Bench) -> None:
    """Between samples that went well, a lost one is kept as indeterminate, never as failed."""
    run = begun(bench)
    _play(bench, run, _Bench([Solved(evidence=_SEEN)]), _Player([End.LOST, End.OVER]))
    assert [ended for _, _, ended in _ends(bench, run)].count(Ended.INDETERMINATE) == 2


def test_a_broken_environment_is_a_lost_sample(bench: Bench) -> None:
    """A dead sandbox pauses the run like a dead endpoint; nothing of it counts as failed."""
    run = begun(bench)
    stand_in = _Bench([Failed(evidence=_SEEN)], broken="the runner died")
    why, _ = _play(bench, run, stand_in, _Player([End.OVER]))
    assert why
    assert _ends(bench, run) == []


def test_a_task_that_cannot_be_opened_is_not_measured(bench: Bench) -> None:
    """It says why, and the others are played."""
    run = begun(bench)
    stand_in = _Bench([Solved(evidence=_SEEN)], absent="one")
    why, _ = _play(bench, run, stand_in, _Player([End.OVER]))
    assert why == ""
    with bench.context.storage.look() as work:
        kept = work.measurements.samples(run.id)
    assert {each.reason for each in kept if each.ended is Ended.NOT_MEASURED} == {
        "its environment cannot be had here: its release was withdrawn"
    }
    assert sum(each.ended is Ended.SOLVED for each in kept) == 2


def test_an_interruption_keeps_what_was_played(bench: Bench) -> None:
    """Asked before each sample; what ended before stays."""
    run = begun(bench)
    asked = itertools.count()
    why, _ = _play(
        bench,
        run,
        _Bench([Solved(evidence=_SEEN)]),
        _Player([End.OVER]),
        interrupted=lambda: next(asked) >= 3,
    )
    assert "interrupted" in why
    assert len(_ends(bench, run)) == 3


def test_tampering_is_an_alarm(bench: Bench) -> None:
    """A call that writes where the verifier might be stops the run; its sample is not kept."""
    run = begun(bench)
    seen = Detection(trick=Trick.TAMPERING, where="call 3", why="It writes there.")
    outcome = InvalidSample(evidence=Evidence(summary="No.", detections=(seen,)))
    with pytest.raises(ContainmentBroken, match="tampering: call 3: It writes there"):
        _play(bench, run, _Bench([outcome]), _Player([End.OVER]))
    assert _ends(bench, run) == []


def test_a_sealed_task_leaves_nothing_but_its_end(bench: Bench) -> None:
    """Where outcomes are sealed, neither evidence nor dialogue is kept in clear."""
    run = begun(bench)

    def seal(task: str, epoch: int, outcome: Outcome) -> Hidden:
        shown = type(outcome)(evidence=Evidence(summary="Sealed."))
        return Hidden(outcome=shown, envelope=b"sealed", name=f"{task}.{epoch}")

    _play(bench, run, _Bench([Failed(evidence=_SEEN)]), _Player([End.OVER]), seal=seal)
    from firstlight.adapters.storage import measurement_rows  # noqa: PLC0415  # needs Django
    from firstlight.adapters.storage.models import MeasurementSample  # noqa: PLC0415

    for row in MeasurementSample.objects.all():
        kept = measurement_rows.sample(row)
        assert (kept.summary, kept.sealed, kept.dialogue, dict(kept.facts)) == (
            "Sealed.",
            b"sealed",
            (),
            {},
        )
