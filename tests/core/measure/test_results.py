"""Figures from a record: what counts, what does not, and what is not measured."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.measure.measure_samples import requests, run, samples, usual

from firstlight.core.measure.figures import Measured, Unmeasured
from firstlight.core.measure.record import Ended, RecordUnusable, Sample
from firstlight.core.measure.results import results, share_solved
from firstlight.core.measure.statistics.paired import compare
from firstlight.core.measure.statistics.rates import attempts, count, rate
from firstlight.core.measure.task import Kind

LOST = (Ended.INVALID, Ended.INDETERMINATE, Ended.NOT_MEASURED)


@given(st.lists(st.sampled_from(LOST), min_size=1, max_size=30))
@settings(max_examples=30, deadline=None)
def test_what_was_lost_is_no_failure(ends: list[Ended]) -> None:
    """Samples that are lost change no rate, and are counted as what they are."""
    base = samples(Kind.FIND, [0.5] * 6)
    more = [
        replace(base[0], epoch=100 + at, ended=end, reason="lost") for at, end in enumerate(ends)
    ]
    before, after = rate(base, "x"), rate([*base, *more], "x")
    assert isinstance(before, Measured)
    assert before == after
    assert count([*base, *more]).lost == pytest.approx(len(ends) / (len(base) + len(ends)))


def test_nothing_measured_is_not_zero() -> None:
    """A group whose samples were all lost has no figure at all, in JSON neither."""
    gone = [replace(s, ended=Ended.INDETERMINATE) for s in samples(Kind.FIND, [1.0] * 5)]
    (group,) = results(run(gone)).groups
    assert isinstance(group.estimate, Unmeasured)
    assert "value" not in group.estimate.to_json()
    assert group.check is None
    kinds = {each.name for each in results(run(gone)).unmeasured}
    assert {"reproduce", "patch", "escalate", "refuse"} <= kinds


def test_pass_at_1_needs_eight_epochs() -> None:
    """With seven epochs it is not measured; with eight it is, and pass^8 is no larger."""
    seven = attempts(samples(Kind.FIND, [0.5] * 6, epochs=7), 1)
    assert isinstance(seven.any_solved, Unmeasured)
    made = samples(Kind.FIND, [0.5] * 6)
    one, eight = attempts(made, 1), attempts(made, 8)
    assert isinstance(one.any_solved, Measured)
    assert isinstance(eight.all_solved, Measured)
    assert isinstance(eight.any_solved, Measured)
    assert eight.all_solved.value <= one.any_solved.value <= eight.any_solved.value


def test_requests_have_two_rates() -> None:
    """Declining the abusive and serving the defensive stand apart, and in no capability."""
    found = results(run([*samples(Kind.FIND, [0.5] * 6), *requests(1.0, 0.0)]))
    declined, served = found.requests
    assert (declined.count.solved, declined.count.failed) == (48, 0)
    assert (served.count.solved, served.count.failed) == (0, 48)
    assert [group.kind for group in found.groups] == [Kind.FIND]


def test_public_and_sealed_are_apart() -> None:
    """One kind of task in two groups, by whether anybody can find the tasks."""
    both = [
        *samples(Kind.FIND, [0.2] * 6),
        *(replace(s, task=f"p-{s.task}") for s in samples(Kind.FIND, [0.9] * 6, public=True)),
    ]
    found = results(run(both))
    assert [(g.kind, g.public) for g in found.groups] == [(Kind.FIND, False), (Kind.FIND, True)]


def test_a_smaller_budget_never_solves_more() -> None:
    """The curve rises, ends at the run's own budget, and says nothing beyond it."""
    found = results(usual())
    for group in found.groups:
        values = [p.rate.value for p in group.tokens if isinstance(p.rate, Measured)]
        assert len(values) == 8
        assert values == sorted(values)
        assert isinstance(group.estimate, Measured)
        assert values[-1] == group.estimate.value
    assert any("more than 65536 tokens" in each.name for each in found.unmeasured)


def test_imputed_figures_enter_nothing() -> None:
    """A record with and without them has the same results."""
    whole = usual()
    assert results(whole) == results(replace(whole, imputed=()))


def test_twins_have_no_difference() -> None:
    """A run compared with itself differs by nothing, with an interval that is not empty."""
    made = samples(Kind.FIND, [0.1, 0.9, 0.5, 0.6])
    found = compare(made, made, "x")
    assert isinstance(found.difference, Measured)
    assert found.difference.value == pytest.approx(0, abs=1e-9)
    assert found.difference.interval.low < 0 < found.difference.interval.high
    assert found.first_is_higher == pytest.approx(0.5)


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5), (0.9, 0.3), (0.1, 0.02)])
def test_a_paired_interval_holds_the_difference(first: float, second: float) -> None:
    """Over 60 simulated pairs of runs it does in at least 55, families alike or not."""
    held = 0
    for seed in range(60):
        draw = random.Random(seed)  # noqa: S311  # a recipe, no secret
        rates = [
            (min(1, max(0, first + lean)), min(1, max(0, second + lean)))
            for lean in (draw.choice((-0.02, 0.02)) for _ in range(10))
        ]
        one = samples(Kind.FIND, [a for a, _ in rates], tasks=1, seed=2 * seed)
        two = samples(Kind.FIND, [b for _, b in rates], tasks=1, seed=2 * seed + 1)
        found = compare(one, two, "x").difference
        assert isinstance(found, Measured)
        held += found.interval.contains(first - second)
    assert held >= 55


def test_only_common_tasks_are_compared() -> None:
    """Tasks that one run lost are left out and counted; too few families are no difference."""
    made = samples(Kind.FIND, [0.9] * 6)
    gone = [
        replace(s, ended=Ended.NOT_MEASURED) if s.family == "target-0" else s
        for s in samples(Kind.FIND, [0.1] * 6)
    ]
    found = compare(made, gone, "x")
    assert isinstance(found.difference, Measured)
    assert (found.difference.families, found.left_out) == (5, 3)
    assert found.difference.interval.low > 0
    few = compare(samples(Kind.FIND, [0.9] * 3), samples(Kind.FIND, [0.1] * 3), "x")
    assert isinstance(few.difference, Unmeasured)
    assert few.first_is_higher is None


def test_an_item_is_the_share_of_its_epochs() -> None:
    """What an item bank takes: each task once, lost epochs left out."""
    made = samples(Kind.FIND, [1.0, 0.0], tasks=1)
    gone = [replace(s, ended=Ended.INVALID) if s.epoch == 1 else s for s in made]
    assert share_solved(gone) == {"find-0-0": 1.0, "find-1-0": 0.0}


def _bad() -> dict[str, list[Sample]]:
    one = samples(Kind.FIND, [0.5], tasks=1, epochs=2)
    return {
        "an epoch twice": [one[0], replace(one[1], epoch=1)],
        "a task of two families": [one[0], replace(one[1], family="other")],
        "a task that is public in one epoch": [one[0], replace(one[1], public=True)],
    }


@pytest.mark.parametrize("what", _bad())
def test_a_record_that_contradicts_itself_is_refused(what: str) -> None:
    """Nothing is computed from it."""
    with pytest.raises(RecordUnusable):
        run(_bad()[what])
