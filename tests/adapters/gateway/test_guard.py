from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.gateway.failures import EndpointShowsKey
from firstlight.adapters.gateway.guard import KeyGuard

KEY = "aab-aabaab"
TEXT = st.text("ab-", max_size=60).map(str.encode)
"""of the key's own letters, so that beginnings of it are everywhere"""


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    """In pieces."""
    at = [0, *sorted(place % (len(whole) + 1) for place in places), len(whole)]
    return [whole[a:b] for a, b in pairwise(at)]


@given(whole=TEXT, places=st.lists(st.integers(0, 100), max_size=8))
def test_without_the_key_every_byte_passes(whole: bytes, places: list[int]) -> None:
    """In order, and less than a key's length is ever held."""
    whole, guard, out = whole.replace(KEY.encode(), b""), KeyGuard(KEY), b""
    if KEY.encode() in whole:
        return
    fed = 0
    for piece in cut(whole, places):
        out += guard.feed(piece)
        fed += len(piece)
        assert fed - len(out) < len(KEY)
    assert out + guard.rest() == whole


@given(before=TEXT, after=TEXT, places=st.lists(st.integers(0, 100), max_size=8))
def test_with_the_key_nothing_of_it_passes(before: bytes, after: bytes, places: list[int]) -> None:
    """However it is cut: an error, and what has passed ends before the key begins."""
    whole = before + KEY.encode() + after
    guard, out = KeyGuard(KEY), b""
    with pytest.raises(EndpointShowsKey):  # noqa: PT012  # which piece it is, is not known
        for piece in cut(whole, places):
            out += guard.feed(piece)
    assert len(out) <= whole.index(KEY.encode())


def test_a_short_key_is_not_looked_for() -> None:
    """Else an endpoint without a real key would have words of its answers cut."""
    assert KeyGuard("none").feed(b"there is none") == b"there is none"
