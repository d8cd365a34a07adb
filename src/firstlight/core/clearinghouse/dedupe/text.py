"""How alike two texts are: sketches to find what may be alike, shingles to verify it.

A text becomes the set of its phrases of two words (shingles). A sketch keeps 64 numbers of that
set, drawn by one hash each (one-permutation hashing, Li, Owen and Zhang 2012; empty places are
filled after Shrivastava 2017), so that the share of equal numbers estimates the share of common
phrases. Sixteen bands of four numbers are keys of an index: texts that share four phrases of five
meet in a band practically always, unlike texts seldom. What meets is compared phrase by phrase.

Text alone never joins anything; it proposes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

PLACES = 64
BANDS = 16
ALIKE = 0.5
"""of all phrases of two texts, the share in both from which a pair is proposed"""
_ROWS = PLACES // BANDS
_PHRASE = 2
_CHARACTERS = 20_000
_FEWEST = 16
"""phrases below which a text is too short to tell flaws apart"""
_NO_PROSE = re.compile(r"```.*?(?:```|\Z)|https?://\S+", re.DOTALL)
"""code and addresses: a tool writes them alike for unlike flaws, and crashes are compared apart"""
_WORD = re.compile(r"[a-z_][a-z0-9_]*|[0-9]+")


def shingles(text: str) -> frozenset[int]:
    """The phrases of a text as numbers; empty when there are too few. Numbers are all alike."""
    prose = _NO_PROSE.sub(" ", text[:_CHARACTERS]).lower()
    words = ["#" if word[0].isdigit() else word for word in _WORD.findall(prose)]
    phrases = {" ".join(words[at : at + _PHRASE]) for at in range(len(words) - _PHRASE + 1)}
    if len(phrases) < _FEWEST:
        return frozenset()
    return frozenset(_number(phrase.encode()) for phrase in phrases)


def sketch(phrases: frozenset[int]) -> tuple[int, ...]:
    """64 numbers; empty for an empty set."""
    if not phrases:
        return ()
    places: list[int | None] = [None] * PLACES
    for phrase in phrases:
        place, value = phrase % PLACES, phrase // PLACES
        held = places[place]
        if held is None or value < held:
            places[place] = value
    return tuple(_filled(places, at) for at in range(PLACES))


def _filled(places: Sequence[int | None], at: int) -> int:
    """The number of a place; an empty one borrows from another, the same for every text."""
    held, turn = places[at], 0
    while held is None:
        turn += 1
        held = places[_number(f"{at} {turn}".encode()) % PLACES]
    return held


def bands(numbers: Sequence[int]) -> tuple[int, ...]:
    """Keys of an index, below 2**63; none for an empty sketch."""
    if not numbers:
        return ()
    return tuple(
        _number(f"{band}:{numbers[band * _ROWS : (band + 1) * _ROWS]}".encode()) >> 1
        for band in range(BANDS)
    )


def share(one: frozenset[int], other: frozenset[int]) -> float:
    """Common phrases of all phrases (Jaccard); 0 where a text has none."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def _number(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest())
