"""Numbers, names and bytes from a secret seed: the same seed gives the same, for ever.

SHA-256 in counter mode over seed and label; without the seed nothing can be told of what comes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

SEED_BYTES = 32
_T = TypeVar("_T")
_HEADS = (
    "bel", "cor", "dan", "fel", "gar", "hul", "jor", "kel", "lum", "mar", "nev", "oru", "pel",
    "qua", "ros", "sil", "tor", "ulm", "ver", "wen", "yar", "zel",
)  # fmt: skip
_TAILS = ("a", "dic", "en", "ix", "lo", "mer", "nat", "or", "pa", "ric", "sto", "tis", "um", "vex")
_NOUNS = (
    "batch", "bead", "berth", "brick", "cell", "chart", "crate", "entry", "flask", "frame", "gauge",
    "item", "label", "lane", "leaf", "ledger", "lot", "marker", "note", "parcel", "panel", "plate",
    "point", "post", "rack", "reel", "ring", "row", "sheet", "shelf", "slot", "spool", "stamp",
    "strip", "tag", "tile", "token", "tray", "unit", "vessel", "ward", "wedge",
)  # fmt: skip
_VERBS = (
    "accept", "apply", "assign", "bring", "carry", "collect", "digest", "enter", "fetch", "fill",
    "follow", "gather", "handle", "keep", "lay", "load", "mark", "move", "pass", "pick", "place",
    "pull", "push", "put", "send", "settle", "shift", "sort", "store", "take", "trace", "turn",
)  # fmt: skip


class Draws:
    """An endless run of draws; a name is drawn once."""

    def __init__(self, seed: bytes, label: str) -> None:
        """`label` keeps the draws of different programs apart.

        Raises:
            ValueError: the seed is too short to stay secret.
        """
        if len(seed) < SEED_BYTES:
            raise ValueError(f"a seed has at least {SEED_BYTES} bytes")
        self._key = hashlib.sha256(len(seed).to_bytes(4) + seed + label.encode()).digest()
        self._count = 0
        self._used: set[str] = set()

    def block(self) -> bytes:
        """32 fresh bytes."""
        self._count += 1
        return hashlib.sha256(self._key + self._count.to_bytes(8)).digest()

    def below(self, bound: int) -> int:
        """From 0 to bound - 1; the bias of the remainder of 256 bits does not matter."""
        return int.from_bytes(self.block()) % bound

    def between(self, least: int, most: int) -> int:
        """From least to most, both included."""
        return least + self.below(most - least + 1)

    def pick(self, some: Sequence[_T]) -> _T:
        """One of them."""
        return some[self.below(len(some))]

    def some(self, of: Sequence[_T], count: int) -> list[_T]:
        """`count` different ones, in a drawn order."""
        left = list(of)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]

    def hexadecimal(self, characters: int) -> str:
        """At most 64 characters."""
        return self.block().hex()[:characters]

    def name(self) -> str:
        """A word that means nothing."""
        return self._once(lambda: self.pick(_HEADS) + self.pick(_TAILS) + self.pick(_HEADS))

    def noun(self) -> str:
        """A thing, for a type or a variable."""
        return self._once(lambda: self.pick(_NOUNS))

    def verb(self) -> str:
        """A command word."""
        return self._once(lambda: self.pick(_VERBS))

    def function(self) -> str:
        """A verb and a noun, with a drawn end so that no two programs share one."""
        return self._once(lambda: f"{self.pick(_VERBS)}_{self.pick(_NOUNS)}_{self.pick(_HEADS)}")

    def word(self, least: int = 4, most: int = 9) -> str:
        """Small letters, as a value in an input."""
        length = self.between(least, most)
        return "".join(chr(97 + byte % 26) for byte in self.block()[:length])

    def _once(self, draw: Callable[[], str]) -> str:
        found = draw()
        while found in self._used:
            found = draw()
        self._used.add(found)
        return found
