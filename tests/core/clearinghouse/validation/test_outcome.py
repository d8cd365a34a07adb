"""Laws of the decision over judged runs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.validation.oracle import Showing
from firstlight.core.clearinghouse.validation.outcome import (
    CouldNotBuild,
    Evidence,
    Flaky,
    NotReproduced,
    NotShown,
    NotTried,
    Outcome,
    Reproduced,
    decide,
    sentence,
)
from firstlight.core.clearinghouse.validation.target import Side

runs = st.lists(st.booleans(), max_size=8)


def judged(shown: list[bool]) -> tuple[Showing, ...]:
    """Runs that showed or did not."""
    return tuple(Showing(shown=one, why="seen" if one else "unseen") for one in shown)


def decided(vulnerable: list[bool], fixed: list[bool]) -> Outcome:
    """The decision over such runs."""
    return decide(Evidence(vulnerable=judged(vulnerable), fixed=judged(fixed)))


@given(runs, runs)
def test_each_combination_has_one_outcome(vulnerable: list[bool], fixed: list[bool]) -> None:
    """The outcome follows the numbers k of n and nothing else."""
    outcome = decided(vulnerable, fixed)
    match outcome:
        case NotTried():
            assert not vulnerable or not fixed
        case NotReproduced(reason=NotShown.ALSO_ON_FIXED):
            assert vulnerable
            assert any(fixed)
        case Reproduced(k=k, n=n):
            assert all(vulnerable)
            assert not any(fixed)
            assert k == n == len(vulnerable)
        case NotReproduced(reason=NotShown.NEVER):
            assert not any(vulnerable)
            assert not any(fixed)
        case Flaky(k=k, n=n):
            assert 0 < k < n
            assert k == sum(vulnerable)
            assert not any(fixed)
        case CouldNotBuild():
            raise AssertionError("runs cannot say that a build failed")
    assert sentence(outcome)


@given(runs.filter(bool), runs.filter(bool), st.randoms())
def test_order_of_runs_does_not_matter(
    vulnerable: list[bool], fixed: list[bool], mix: object
) -> None:
    """The same runs in another order give the same kind."""
    before = decided(vulnerable, fixed).kind
    mix.shuffle(vulnerable)  # type: ignore[attr-defined]  # random.Random
    mix.shuffle(fixed)  # type: ignore[attr-defined]
    assert decided(vulnerable, fixed).kind == before


@given(runs.filter(bool), runs.filter(any))
def test_one_showing_on_the_fixed_side_is_never_reproduced(
    vulnerable: list[bool], fixed: list[bool]
) -> None:
    """A proof that shows something on the fixed release does not show the flaw that was fixed."""
    assert not isinstance(decided(vulnerable, fixed), Reproduced | Flaky)


def test_every_kind_has_its_own_word() -> None:
    """Kinds are told apart by their stable word."""
    kinds = [one.kind for one in (Reproduced, NotReproduced, Flaky, CouldNotBuild, NotTried)]
    assert len(set(kinds)) == len(kinds)


def test_what_did_not_run_says_so() -> None:
    """A failed build and a missing tool are sentences that claim nothing about the flaw."""
    assert "nothing was run" in sentence(CouldNotBuild(side=Side.FIXED, log="ld: no"))
    assert sentence(NotTried(reason="no node")) == "Not tried: no node"
