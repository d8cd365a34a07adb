"""The Merkle tree of RFC 6962, section 2.1: leaf, root, inclusion and consistency proofs.

Leaves and inner nodes are hashed under different prefixes, so that no leaf can pass for a node
(second-preimage attack). Verification follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from hmac import compare_digest

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, oldest first."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    cut = _split(len(leaves))
    return node_hash(root(leaves[:cut]), root(leaves[cut:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The sibling hashes that lead from leaf `index` to the root, deepest first.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    if len(leaves) == 1:
        return ()
    cut = _split(len(leaves))
    if index < cut:
        return (*inclusion_proof(leaves[:cut], index), root(leaves[cut:]))
    return (*inclusion_proof(leaves[cut:], index - cut), root(leaves[:cut]))


def verify_inclusion(
    *, leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes
) -> bool:
    """Whether `proof` shows that `leaf` is number `index` of the `size` leaves under the root."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            current = node_hash(current, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and compare_digest(current, expected_root)


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The hashes that show that the first `old_size` leaves are a prefix of all of them.

    Raises:
        ValueError: `old_size` lies outside 1 to the present size.
    """
    if not 1 <= old_size <= len(leaves):
        raise ValueError(f"old size {old_size} of {len(leaves)}")
    return _subproof(leaves, old_size, whole=True)


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> tuple[bytes, ...]:
    if old == len(leaves):
        return () if whole else (root(leaves),)
    cut = _split(len(leaves))
    if old <= cut:
        return (*_subproof(leaves[:cut], old, whole=whole), root(leaves[cut:]))
    return (*_subproof(leaves[cut:], old - cut, whole=False), root(leaves[:cut]))


def verify_consistency(
    *, old_size: int, old_root: bytes, size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the tree of `size` leaves extends the tree of `old_size` leaves."""
    if not 1 <= old_size <= size:
        return False
    if old_size == size:
        return not proof and compare_digest(old_root, new_root)
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    node, last = old_size - 1, size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and compare_digest(old, old_root) and compare_digest(new, new_root)
