from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.validation.neighbourhood import neighbours

proofs = st.binary(min_size=4, max_size=200)


@given(proofs, st.integers(1, 40), st.integers(0, 1 << 40))
def test_the_same_seed_gives_the_same_inputs(proof: bytes, count: int, seed: int) -> None:
    """Two machines at two times try the same."""
    assert list(neighbours(proof, count, seed)) == list(neighbours(proof, count, seed))


@given(proofs, st.integers(1, 40), st.integers(0, 1 << 40))
def test_they_are_new_each_time_and_keep_to_the_budget(proof: bytes, count: int, seed: int) -> None:
    """As many as asked for, none twice, none the proof itself, all near it in size."""
    found = list(neighbours(proof, count, seed))
    assert len(found) == len(set(found)) == count
    assert proof not in found
    assert all(len(one) <= len(proof) + 60 for one in found)


def test_another_seed_gives_others() -> None:
    """The seed matters, and so does the proof."""
    first = list(neighbours(b"abcdefgh", 20, 1))
    assert first != list(neighbours(b"abcdefgh", 20, 2))
    assert first != list(neighbours(b"abcdefgi", 20, 1))


def test_an_empty_proof_has_neighbours_too() -> None:
    """Nothing divides by its length."""
    assert all(neighbours(b"", 3, 1))
