from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.formats._gzip import unpack
from firstlight.core.kernel.errors import Invalid, TooLarge

CONTENT = b"some content, repeated " * 40
PACKED = gzip.compress(CONTENT, mtime=0)


@given(st.binary(max_size=2000))
def test_packing_changes_nothing(data: bytes) -> None:
    """A file and its gzip are read alike, unless the file itself begins like a gzip."""
    if not data.startswith(b"\x1f\x8b"):
        assert unpack(data, limit=2000, source="a test") == data
    assert unpack(gzip.compress(data, mtime=0), limit=4000, source="a test") == data


@pytest.mark.parametrize("data", [CONTENT, PACKED], ids=["plain", "gzip"])
def test_the_limit_is_met_exactly(data: bytes) -> None:
    """As many bytes as allowed are read, one more is refused, packed or not."""
    assert unpack(data, limit=len(CONTENT), source="a test") == CONTENT
    with pytest.raises(TooLarge) as caught:
        unpack(data, limit=len(CONTENT) - 1, source="a test")
    assert caught.value.details["limit"] == len(CONTENT) - 1


def test_a_bomb_is_refused_before_it_fills_memory() -> None:
    """64 MiB packed into 64 KiB are refused at the limit of 1 MiB, and never unpacked whole."""
    bomb = gzip.compress(bytes(64 << 20), mtime=0)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            unpack(bomb, limit=1 << 20, source="a test")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (PACKED[:-1], "cut off"),
        (PACKED[:10] + b"\xff" + PACKED[11:], "damaged"),
        (PACKED[:-8] + bytes(4) + PACKED[-4:], "damaged"),
        (PACKED + b"x", "after its gzip content"),
        (PACKED + PACKED, "after its gzip content"),
    ],
    ids=["cut off", "damaged block", "wrong checksum", "something after", "a second member"],
)
def test_a_wrong_gzip_file_is_refused(data: bytes, complaint: str) -> None:
    """Half a catalogue is never taken for a whole one."""
    with pytest.raises(Invalid, match=complaint):
        unpack(data, limit=1 << 20, source="a test")
