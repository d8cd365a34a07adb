"""The replay: figures as published, the same for the same seed, and nothing appears or vanishes."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from firstlight.core.clearinghouse.pacing.compare import VARIANTS, compare, vary
from firstlight.core.clearinghouse.pacing.flow import Draw, Flood, Flow, draw_flood, flaws
from firstlight.core.clearinghouse.pacing.replay import Policy, hours_for, play
from firstlight.core.kernel.errors import Invalid

SMALL = Flow(candidates=2_000, projects=30, checks=400, patched=20)


def series(seed: int) -> Draw:
    """Numbers, the same for the same seed."""
    return Random(seed).random  # noqa: S311  # a recipe, no secret


@pytest.fixture(scope="module")
def flood() -> Flood:
    """A small one."""
    return draw_flood(SMALL, series(3))


def test_the_same_draws_give_the_same_flood(flood: Flood) -> None:
    """And its shares are those that were asked for."""
    assert draw_flood(SMALL, series(3)) == flood
    every = flood.candidates
    assert [one.week for one in every] == sorted(one.week for one in every)
    fresh = [one for one in every if one.same_as is None]
    true = sum(one.true for one in fresh) / len(fresh)
    assert true == pytest.approx(SMALL.true_share, abs=0.03)
    again = [one for one in every if one.same_as is not None]
    assert len(again) / len(every) == pytest.approx(SMALL.duplicates, abs=0.03)
    for one in again:
        assert one.same_as is not None
        first = every[one.same_as]
        assert (first.project, first.same_as, first.true) == (one.project, None, one.true)


def test_first_come_gives_what_was_published(flood: Flood) -> None:
    """The hours are found such that as many are mended by then; others play with the same hours."""
    scale = hours_for(SMALL, flood)
    played = play(SMALL, flood, Policy.FIRST_COME, scale=scale)
    assert played.patched_published == pytest.approx(SMALL.patched, abs=2)


def test_the_published_flow_comes_out() -> None:
    """1,596 were reported of 1,752 that were checked: not fitted, and within two in a hundred."""
    found = draw_flood(Flow(), series(1))
    played = play(Flow(), found, Policy.FIRST_COME, scale=0.15)
    assert played.sent_found == pytest.approx(1_596, rel=0.02)


@pytest.mark.parametrize("policy", list(Policy))
def test_nothing_appears_or_vanishes(flood: Flood, policy: Policy) -> None:
    """What is mended was sent and is a flaw; exposure lies between all mended and none."""
    played = play(SMALL, flood, policy, scale=1.0)
    assert played.patched == sum(played.by_rating.values()) > 0
    assert played.patched <= played.sent - played.repeated <= flaws(flood.candidates)
    assert all(
        0 <= left <= bare for left, bare in zip(played.exposure, played.nothing_done, strict=True)
    )
    assert 0 < played.prevented < 1
    assert play(SMALL, flood, policy, scale=1.0) == played


def test_ours_repeats_nothing_and_floods_nobody(flood: Flood) -> None:
    """One report for each flaw; never more open than twice the pace, or two."""
    paced = play(SMALL, flood, Policy.PACED, scale=0.3)
    others = play(SMALL, flood, Policy.FIRST_COME, scale=0.3)
    assert (paced.repeated, paced.most_open) == (0, 2)
    assert others.repeated > 0
    assert others.most_open > 10


def test_more_hours_prevent_more(flood: Flood) -> None:
    """With the order given, time decides."""
    less, more = (play(SMALL, flood, Policy.FIRST_COME, scale=hours) for hours in (0.5, 4.0))
    assert less.patched < more.patched
    assert less.total > more.total


def test_policies_are_compared_on_the_same_floods() -> None:
    """Nothing was mended by anybody: the same exposure under each; medians and ends agree."""
    told: list[int] = []
    found = compare(SMALL, [series(at) for at in range(3)], tell=told.append)
    assert told == [1, 2, 3]
    bare = [[one.nothing_done for one in found.played[policy]] for policy in Policy]
    assert bare[0] == bare[1] == bare[2]
    for policy in Policy:
        low, high = found.ends(policy, lambda one: one.prevented)
        assert low <= found.middle(policy, lambda one: one.prevented) <= high
        assert len(found.weeks(policy)) == SMALL.weeks


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS)
def test_every_variant_is_a_flow(changes: dict[str, float]) -> None:
    """Each changes something."""
    assert vary(Flow(), changes) != Flow()


@pytest.mark.parametrize(
    "changes",
    [
        {"true_share": 1.2},
        {"grave_share": 0.95},
        {"projects": 0},
        {"candidates": 2_000_000},
        {"fix_hours": 0.0},
        {"rediscovery": 1.0},
    ],
)
def test_what_cannot_be_played_is_refused(changes: dict[str, float]) -> None:
    """With a sentence, before anything is drawn."""
    with pytest.raises(Invalid):
        replace(Flow(), **changes)  # type: ignore[arg-type]
