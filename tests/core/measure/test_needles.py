"""What a leak is searched for by: every piece is found in every encoding, wherever it stands."""

from __future__ import annotations

import base64
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.measure.needles import LEAST_BYTES, needles, pieces

PIECES = st.text("abcdefghijklmnopqrstuvwxyz_0123456789 ", min_size=12, max_size=60)
AROUND = st.binary(max_size=40)


@given(PIECES, AROUND, AROUND)
def test_base64_is_found_at_every_alignment(piece: str, before: bytes, after: bytes) -> None:
    """Whatever stands before and after it in the same stream."""
    written = base64.b64encode(before + piece.encode() + after)
    for_addresses = base64.urlsafe_b64encode(before + piece.encode() + after)
    assert any(one.data in written for one in needles([piece]))
    assert any(one.data in for_addresses for one in needles([piece]))


@given(PIECES)
@pytest.mark.parametrize(
    "write",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode().hex().encode(),
        lambda text: text.encode().hex().upper().encode(),
        lambda text: codecs.encode(text, "rot13").encode(),
        lambda text: text[::-1].encode(),
    ],
)
def test_each_encoding_is_found(write: object, piece: str) -> None:
    """As it is, UTF-16, hexadecimal, rotated, backwards."""
    assert callable(write)
    assert any(one.data in write(piece) for one in needles([piece]))


@given(PIECES)
def test_something_else_is_not_found(piece: str) -> None:
    """Text that does not hold the piece holds none of its needles."""
    assert not any(one.data in b"# " * 400 for one in needles([piece]) if piece.strip(" "))


def test_a_short_piece_is_refused() -> None:
    """It would be found by chance."""
    with pytest.raises(ValueError, match=str(LEAST_BYTES)):
        needles(["short"])


def test_only_words_that_stand_in_a_task_are_taken() -> None:
    """A word that is drawn but not used, or that is short, is no piece."""
    files = {"a": b"int pull_ring_bel(void);"}
    assert pieces(files, ["pull_ring_bel", "absent_word", "int"]) == ("pull_ring_bel",)
