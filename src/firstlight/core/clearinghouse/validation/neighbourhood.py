"""Inputs near a proof: small mutations of it, the same on every machine.

A patch that only refuses the known proof leaves the flaw where it was. So the verifier also tries
inputs that differ a little, for a fixed budget. The mutations come from a hash of the seed, never
from a source of randomness: the same seed and proof give the same inputs, for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_MOST_BYTES = 1 << 20
"""of a mutated input"""
_TELLING = (0x00, 0x0A, 0x20, 0x22, 0x2D, 0x2F, 0x30, 0x5B, 0x5C, 0x7B, 0x7F, 0xFF)
"""bytes that parsers care about"""


class _Draws:
    """An endless run of numbers from a seed."""

    def __init__(self, seed: int, proof: bytes) -> None:
        self._key = hashlib.sha256(str(seed).encode() + b"\0" + proof).digest()
        self._count = 0

    def below(self, bound: int) -> int:
        """The next number from 0 to bound - 1; the bias of the remainder does not matter here."""
        block = hashlib.sha256(self._key + self._count.to_bytes(8)).digest()
        self._count += 1
        return int.from_bytes(block[:8]) % bound


def neighbours(proof: bytes, count: int, seed: int) -> Iterator[bytes]:
    """`count` inputs near `proof`, each different from it and from the ones before."""
    draws, seen = _Draws(seed, proof), {proof}
    for _ in range(count * 20):
        if len(seen) > count:
            return
        mutated = _mutate(proof, draws)
        if mutated not in seen:
            seen.add(mutated)
            yield mutated


def _mutate(proof: bytes, draws: _Draws) -> bytes:
    data = bytearray(proof)
    for _ in range(1 + draws.below(3)):
        at = draws.below(len(data) + 1)
        match draws.below(6):
            case 0 if data:
                data[min(at, len(data) - 1)] = _TELLING[draws.below(len(_TELLING))]
            case 1 if data:
                data[min(at, len(data) - 1)] ^= 1 << draws.below(8)
            case 2:
                data.insert(at, _TELLING[draws.below(len(_TELLING))])
            case 3 if data:
                del data[at : at + 1 + draws.below(4)]
            case 4 if data:
                piece = bytes(data[at : at + 1 + draws.below(8)])
                data[at:at] = piece
            case _:
                data = data[: max(1, at)] if draws.below(2) else data + data[-8:]
    return bytes(data[:_MOST_BYTES])
