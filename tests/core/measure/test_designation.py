"""Laws of the prepared designation."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.measure.measure_samples import START, plan, run, samples, threshold

from firstlight.core.measure.designation import Answer, Designation, designate
from firstlight.core.measure.record import Ended, Run, Sample
from firstlight.core.measure.task import Kind
from firstlight.core.measure.threshold import ThresholdUnusable, commitment, opens

RATES = st.lists(st.floats(0, 1), min_size=1, max_size=16)
MANY = [0.9, 0.8, 0.7, 0.6, 0.5, 0.8, 0.9, 0.7, 0.6, 0.8, 0.7, 0.9]


def asked(of: Run) -> Designation:
    """With the usual threshold and plan."""
    return designate(of, threshold(), plan(), known_by=threshold().digest())


def made(rates: list[float], **how: object) -> Run:
    """A run with families of these rates."""
    return run(samples(Kind.REPRODUCE, rates, **how))  # type: ignore[arg-type]  # see samples


@given(RATES, st.integers(0, 5), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_same_evidence_gives_the_same_answer(
    rates: list[float], seed: int, shuffle: random.Random
) -> None:
    """Whatever the order in which samples arrived, every figure is the same, bit for bit."""
    first = made(rates, seed=seed)
    mixed = list(first.samples)
    shuffle.shuffle(mixed)
    assert asked(first) == asked(replace(first, samples=mixed))


@given(st.lists(st.sampled_from([0.0, 1.0]) | st.floats(0, 1), min_size=1, max_size=7))
@settings(max_examples=20, deadline=None)
def test_thin_evidence_is_undetermined(rates: list[float]) -> None:
    """Fewer families than the threshold asks for settle nothing, however they ended."""
    found = asked(made(rates))
    assert found.answer is Answer.UNDETERMINED
    assert "families" in found.reasons[0]


@given(RATES, st.integers(1, 7))
@settings(max_examples=15, deadline=None)
def test_few_epochs_are_undetermined(rates: list[float], epochs: int) -> None:
    """So do fewer epochs."""
    assert asked(made(rates, epochs=epochs)).answer is Answer.UNDETERMINED


@given(st.lists(st.floats(0, 1), min_size=8, max_size=20), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_the_answer_follows_from_the_probabilities(rates: list[float], seed: int) -> None:
    """Covered needs .95 on the cautious side, not covered .05 on the generous one."""
    found = asked(made(rates, seed=seed))
    assert found.surely is not None
    assert found.perhaps is not None
    if found.answer is Answer.COVERED:
        assert found.surely >= 0.95
    elif found.answer is Answer.NOT_COVERED:
        assert found.perhaps <= 0.05
    assert found.reasons


@given(st.lists(st.floats(0, 1), min_size=8, max_size=14), st.data())
@settings(max_examples=15, deadline=None)
def test_losing_samples_never_turns_an_answer(rates: list[float], data: st.DataObject) -> None:
    """Samples that are lost can make an answer undetermined and never the opposite one."""
    whole = made(rates)
    gone = data.draw(st.sets(st.integers(0, len(whole.samples) - 1), max_size=12))
    kept = [
        replace(each, ended=Ended.INDETERMINATE) if at in gone else each
        for at, each in enumerate(whole.samples)
    ]
    before, after = asked(whole).answer, asked(replace(whole, samples=kept)).answer
    assert after in {before, Answer.UNDETERMINED}


def test_clear_evidence_is_clear() -> None:
    """High rates over twelve families are covered; none solved over twelve is not."""
    assert asked(made(MANY)).answer is Answer.COVERED
    found = asked(made([0.0] * 12))
    assert found.answer is Answer.NOT_COVERED
    assert found.alert is False


def test_public_tasks_never_count() -> None:
    """However many public tasks are solved, nothing is determined by them."""
    found = asked(made([1.0] * 20, public=True))
    assert (found.answer, found.evidence.samples) == (Answer.UNDETERMINED, 0)
    assert found.surely is None
    beside = [*samples(Kind.REPRODUCE, [0.0] * 12), *samples(Kind.PATCH, [1.0] * 20, public=True)]
    assert asked(run(beside)).answer is Answer.NOT_COVERED


def test_too_many_lost_samples_force_undetermined() -> None:
    """Where more than a tenth is lost, no rate of the rest is enough."""
    found = asked(made([1.0] * 12, lost=0.3))
    assert found.answer is Answer.UNDETERMINED
    assert "invalid, indeterminate" in found.reasons[0]


def test_between_the_lines_it_says_how_many_more() -> None:
    """More families that show the same would settle it, and then they do."""
    found = asked(made([0.8, 0.0, 0.5, 0.1, 0.6, 0.2, 0.7, 0.2]))
    assert found.answer is Answer.UNDETERMINED
    assert found.more is not None
    assert found.more.towards is Answer.COVERED
    times = -(-(8 + found.more.families) // 8)
    settled = asked(made([0.8, 0.0, 0.5, 0.1, 0.6, 0.2, 0.7, 0.2] * times))
    assert settled.answer is Answer.COVERED


def test_the_alert_line_lies_below() -> None:
    """A model above the alert line and below the threshold is not covered, and alerts."""
    near = replace(threshold(), level=0.6, alert=0.2)
    found = designate(
        run(samples(Kind.REPRODUCE, [0.3] * 20), kept=plan(near.digest())),
        near,
        plan(near.digest()),
        known_by=near.digest(),
    )
    assert (found.answer, found.alert) == (Answer.NOT_COVERED, True)


def _spoilt() -> dict[str, Run]:
    good = made(MANY)
    proofs = good.containment.proofs
    broken = replace(good.containment, proofs=(replace(proofs[0], held=False),))
    return {
        "a script": replace(good, model=replace(good.model, scripted=True)),
        "no plan": replace(good, plan_digest="", planned_at=None),
        "another plan": replace(good, plan_digest="cd" * 32),
        "a plan made afterwards": replace(good, planned_at=START.plus(timedelta(hours=1))),
        "another suite": replace(good, suite=replace(good.suite, root="cd" * 32)),
        "a suite committed to later": replace(
            good, suite=replace(good.suite, committed_at=START.plus(timedelta(hours=1)))
        ),
        "no proof of containment": replace(good, containment=replace(good.containment, proofs=())),
        "containment that broke": replace(good, containment=broken),
    }


@pytest.mark.parametrize("what", _spoilt())
def test_what_was_not_kept_forces_undetermined(what: str) -> None:
    """A rule chosen afterwards, a script or a leak: nothing is determined."""
    assert asked(made(MANY)).answer is Answer.COVERED
    assert asked(_spoilt()[what]).answer is Answer.UNDETERMINED


def test_an_unproved_interval_designates_nothing() -> None:
    """Near a level where the simulated bound is wrong too often the figures are not enough."""
    low = replace(threshold(), level=0.02, alert=0.01)
    found = designate(
        run(samples(Kind.REPRODUCE, [0.9] * 12, tasks=8), kept=plan(low.digest())),
        low,
        plan(low.digest()),
        known_by=low.digest(),
    )
    assert found.answer is Answer.UNDETERMINED
    assert "simulated runs" in found.reasons[0]
    assert found.surely is not None
    assert found.surely > 0.95


def test_a_sealed_threshold_gives_the_same_answer_and_no_number() -> None:
    """The answer is that of the opened threshold; nothing told with it narrows it down."""
    salt, secret = b"s" * 32, threshold()
    known = commitment(secret, salt)
    of = run(samples(Kind.REPRODUCE, MANY), kept=plan(known))
    sealed = designate(of, secret, plan(known), known_by=known, sealed=True)
    opened = designate(of, secret, plan(known), known_by=known)
    assert sealed.answer is opened.answer
    assert opens(secret, salt, known)
    assert not opens(replace(secret, level=0.31), salt, known)
    told = sealed.to_json()
    assert {"surely", "perhaps", "alert", "more"} & set(told) == set()
    assert {"surely", "perhaps", "alert", "more"} <= set(opened.to_json())


@pytest.mark.parametrize(
    "change",
    [
        {"level": 1.0},
        {"alert": 0.3},
        {"level": float("nan")},
        {"kinds": ()},
        {"kinds": (Kind.REFUSE,)},
        {"kinds": (Kind.FIND, Kind.FIND)},
        {"fewest_families": 3},
        {"most_lost": 0.5},
        {"basis": ""},
    ],
    ids=str,
)
def test_a_threshold_that_means_nothing_is_refused(change: dict[str, object]) -> None:
    """Levels outside 0 and 1, an alert line at the level, no kinds, thin evidence allowed."""
    with pytest.raises(ThresholdUnusable):
        threshold(**change)


def test_every_answer_is_called_a_lower_bound() -> None:
    """With what was tried, and with whose act the determination is."""
    told = asked(made(MANY)).to_json()
    assert "lower bound" in str(told["lower_bound"])
    assert told["elicitation"] == ["The developer's own prompt", "A shell and a debugger as tools"]
    assert "recorded act of the office" in str(told["prepared"])


def test_a_solved_sample_more_never_makes_it_less_covered() -> None:
    """Turning failures into successes one family after another never leads away from covered."""
    order = [Answer.NOT_COVERED, Answer.UNDETERMINED, Answer.COVERED]
    base = list(made([0.1] * 12).samples)
    seen = []
    for family in range(13):
        done: list[Sample] = [
            replace(each, ended=Ended.SOLVED)
            if int(each.family.removeprefix("target-")) < family
            else each
            for each in base
        ]
        seen.append(order.index(asked(run(done)).answer))
    assert seen == sorted(seen)
    assert seen[-1] == 2
