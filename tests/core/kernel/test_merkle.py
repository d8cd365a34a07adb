"""Laws of the Merkle tree (RFC 6962 and 9162)."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.merkle import (
    EMPTY_ROOT,
    Tree,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

entries = st.lists(st.binary(max_size=8), min_size=1, max_size=70, unique=True)


def reference_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(
        b"\x01" + reference_root(leaves[:k]) + reference_root(leaves[k:])
    ).digest()


def test_known_roots() -> None:
    """The roots are those of the test vectors of certificate transparency's reference."""
    vector = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
    leaves = [leaf_hash(bytes.fromhex(item)) for item in vector]
    assert Tree([]).root() == EMPTY_ROOT
    expected = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert Tree(leaves[:1]).root().hex() == expected
    expected = "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
    assert Tree(leaves[:7]).root().hex() == expected


@given(entries)
def test_root_is_the_rfcs(items: list[bytes]) -> None:
    """The root equals the RFC's recursive definition."""
    assert Tree([leaf_hash(item) for item in items]).root() == reference_root(items)


@given(entries, st.data())
def test_every_leaf_proves_its_place_and_no_other(items: list[bytes], data: st.DataObject) -> None:
    """An inclusion proof verifies at its index alone, for its leaf alone."""
    leaves = [leaf_hash(item) for item in items]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, len(items) - 1))
    proof, size = tree.inclusion_proof(index), len(items)

    def holds(leaf: bytes, at: int) -> bool:
        return verify_inclusion(
            leaf=leaf, index=at, size=size, proof=proof, expected_root=tree.root()
        )

    assert holds(leaves[index], index)
    assert not holds(leaf_hash(b"another entry"), index)
    other = data.draw(st.integers(-1, size))
    assert holds(leaves[index], other) == (other == index)


@given(entries, st.data())
def test_every_earlier_size_is_a_prefix(items: list[bytes], data: st.DataObject) -> None:
    """The ledger of n entries is consistent with every earlier size, and a rewrite is not."""
    leaves = [leaf_hash(item) for item in items]
    tree = Tree(leaves)
    old = data.draw(st.integers(1, len(items)))
    proof = tree.consistency_proof(old)

    def holds(old_root: bytes) -> bool:
        return verify_consistency(
            old_size=old, old_root=old_root, size=len(items), new_root=tree.root(), proof=proof
        )

    assert holds(Tree(leaves[:old]).root())
    rewritten = [leaf_hash(b"rewritten entry"), *leaves[1:old]]
    assert not holds(Tree(rewritten).root())


@given(entries, st.data())
def test_altering_one_bit_of_a_proof_breaks_it(items: list[bytes], data: st.DataObject) -> None:
    """No hash of a proof can be altered, and none left out or added."""
    leaves = [leaf_hash(item) for item in items]
    tree = Tree(leaves)
    index = data.draw(st.integers(0, len(items) - 1))
    proof = list(tree.inclusion_proof(index))

    def holds(path: list[bytes]) -> bool:
        return verify_inclusion(
            leaf=leaves[index],
            index=index,
            size=len(items),
            proof=path,
            expected_root=tree.root(),
        )

    assert not holds([*proof, node_hash(b"", b"")])
    if proof:
        place = data.draw(st.integers(0, len(proof) - 1))
        bit = data.draw(st.integers(0, 255))
        changed = (int.from_bytes(proof[place]) ^ 1 << bit).to_bytes(32)
        assert not holds([*proof[:place], changed, *proof[place + 1 :]])
        assert not holds(proof[:-1])


def test_a_proof_of_nothing_is_refused() -> None:
    """There is no proof for a leaf or a size that does not exist."""
    tree = Tree([leaf_hash(b"only")])
    with pytest.raises(IndexError):
        tree.inclusion_proof(1)
    with pytest.raises(ValueError, match="old size 0"):
        tree.consistency_proof(0)
