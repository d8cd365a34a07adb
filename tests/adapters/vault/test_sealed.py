from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstlight.adapters.vault.conformance import AT, CHECKS
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.adapters.vault.stream import CHUNK_BYTES, PREFIX_BYTES, decrypt, encrypt
from firstlight.core.kernel.errors import TooLarge
from firstlight.usecases.ports.sealed import MAX_DOCUMENT_BYTES, SealBroken, Sealed

_KEY, _NAME = bytes(range(32)), bytes(16)
_STEP = CHUNK_BYTES + 16
_BORDERS = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES]

names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,15}", fullmatch=True)
contents = st.one_of(
    st.binary(max_size=300),
    st.sampled_from(_BORDERS).map(lambda size: bytes(index % 251 for index in range(size))),
)


@contextmanager
def fresh() -> Iterator[EngagementVault]:
    """A vault in a folder that goes afterwards (Hypothesis runs a test many times)."""
    with tempfile.TemporaryDirectory() as folder:
        yield EngagementVault(Path(folder) / "keys")


@pytest.mark.parametrize("check", range(len(CHECKS)), ids=[each.__name__ for each in CHECKS])
def test_vault_keeps_its_promises(tmp_path: Path, check: int) -> None:
    """The vault of files passes the conformance suite."""
    CHECKS[check](EngagementVault(tmp_path / "keys"))


@given(engagement=names, document=names, context=st.binary(max_size=100), content=contents)
@settings(max_examples=60, deadline=None)
def test_open_undoes_seal(engagement: str, document: str, context: bytes, content: bytes) -> None:
    """open(seal(x)) == x, for every name, context and size around the borders of chunks."""
    with fresh() as vault:
        sealed = vault.seal(engagement, document, content, context)
        assert vault.open(engagement, document, sealed, context) == content


@given(content=st.binary(max_size=40), data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_flipped_bit_breaks_the_seal(content: bytes, data: st.DataObject) -> None:
    """One bit anywhere: header, wrapped key, content, tags."""
    with fresh() as vault:
        envelope = bytearray(vault.seal("e", "d", content, b"c").envelope)
        bit = data.draw(st.integers(0, 8 * len(envelope) - 1))
        envelope[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            vault.open("e", "d", Sealed(envelope=bytes(envelope)), b"c")


def test_every_bit_of_one_envelope() -> None:
    """The same, exhaustively, for a document of three bytes."""
    with fresh() as vault:
        envelope = vault.seal("e", "d", b"abc", b"c").envelope
        for bit in range(8 * len(envelope)):
            altered = bytearray(envelope)
            altered[bit // 8] ^= 1 << bit % 8
            with pytest.raises(SealBroken):
                vault.open("e", "d", Sealed(envelope=bytes(altered)), b"c")


@given(bindings=st.lists(st.tuples(names, names, st.binary(max_size=8)), min_size=2, max_size=2))
@settings(max_examples=80, deadline=None)
def test_a_document_opens_in_its_own_place_alone(
    bindings: list[tuple[str, str, bytes]],
) -> None:
    """Under another engagement, document or context it is broken, however the names are cut."""
    (engagement, document, context), there = bindings
    with fresh() as vault:
        sealed = vault.seal(engagement, document, b"content", context)
        vault.seal(there[0], "own", b"", b"")
        if there == bindings[0]:
            assert vault.open(*there[:2], sealed, there[2]) == b"content"
        else:
            with pytest.raises(SealBroken):
                vault.open(*there[:2], sealed, there[2])


@given(
    first=st.lists(st.binary(max_size=4), max_size=4),
    second=st.lists(st.binary(max_size=4), max_size=4),
)
@settings(deadline=None)
def test_bindings_are_told_apart_by_the_wrap_alone(first: list[bytes], second: list[bytes]) -> None:
    """Under one and the same wrapping key, no two lists of names are confused (ab|c, a|bc)."""
    sealed = b"".join(encrypt(_KEY, _NAME, tuple(first), [b"x"]))
    if first == second:
        assert b"".join(decrypt(_KEY, _NAME, tuple(second), [sealed])) == b"x"
    else:
        with pytest.raises(SealBroken):
            list(decrypt(_KEY, _NAME, tuple(second), [sealed]))


def chunks_of(envelope: bytes) -> list[bytes]:
    """The sealed chunks without what goes before."""
    body = envelope[PREFIX_BYTES:]
    return [body[at : at + _STEP] for at in range(0, len(body), _STEP)]


@given(
    size=st.sampled_from([2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 5, 3 * CHUNK_BYTES]), data=st.data()
)
@settings(max_examples=60, deadline=None)
def test_chunks_have_their_order(size: int, data: st.DataObject) -> None:
    """Chunks swapped, repeated, left out or followed by others break the seal."""
    with fresh() as vault:
        envelope = vault.seal("e", "d", bytes(size), b"").envelope
        chunks = chunks_of(envelope)
        order = data.draw(st.lists(st.sampled_from(range(len(chunks))), max_size=5))
        altered = envelope[:PREFIX_BYTES] + b"".join(chunks[index] for index in order)
        if altered == envelope:
            assert vault.open("e", "d", Sealed(envelope=altered), b"") == bytes(size)
        else:
            with pytest.raises(SealBroken):
                vault.open("e", "d", Sealed(envelope=altered), b"")


@given(size=st.sampled_from([0, 5, CHUNK_BYTES, CHUNK_BYTES + 1]), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_cut_or_longer_document_is_broken(size: int, data: st.DataObject) -> None:
    """Cut anywhere, at the borders of chunks too, or with bytes behind the end."""
    with fresh() as vault:
        envelope = vault.seal("e", "d", bytes(size), b"").envelope
        borders = st.sampled_from([0, PREFIX_BYTES, min(PREFIX_BYTES + _STEP, len(envelope) - 1)])
        end = data.draw(st.one_of(borders, st.integers(0, len(envelope) - 1)))
        more = data.draw(st.binary(min_size=1, max_size=20))
        for altered in (envelope[:end], envelope + more):
            with pytest.raises(SealBroken):
                vault.open("e", "d", Sealed(envelope=altered), b"")


def test_chunks_of_another_sealing_do_not_fit() -> None:
    """Each sealing has a data key of its own: the second chunk of one is none of another."""
    with fresh() as vault:
        first, second = (vault.seal("e", "d", bytes(2 * CHUNK_BYTES), b"").envelope for _ in "ab")
        mixed = first[: PREFIX_BYTES + _STEP] + second[PREFIX_BYTES + _STEP :]
        with pytest.raises(SealBroken):
            vault.open("e", "d", Sealed(envelope=mixed), b"")


@given(cuts=st.lists(st.integers(0, 3 * CHUNK_BYTES), max_size=6))
@settings(max_examples=40, deadline=None)
def test_borders_of_parts_do_not_matter(cuts: list[int]) -> None:
    """However content and envelope are cut on their way, the document is the same."""
    content = bytes(index % 251 for index in range(2 * CHUNK_BYTES + 77))

    def cut(data: bytes) -> list[bytes]:
        ends = [0, *sorted(cuts), len(data)]
        return [data[a:b] for a, b in pairwise(ends)]

    with fresh() as vault:
        envelope = b"".join(vault.seal_stream("e", "d", cut(content), b""))
        assert len(envelope) == PREFIX_BYTES + len(content) + 3 * 16
        assert b"".join(vault.open_stream("e", "d", cut(envelope), b"")) == content


def test_a_cut_stream_ends_in_an_error() -> None:
    """What is authentic is handed on; that the end is missing is said at the end."""
    with fresh() as vault:
        envelope = vault.seal("e", "d", bytes(2 * CHUNK_BYTES), b"").envelope
        pieces = vault.open_stream("e", "d", [envelope[: PREFIX_BYTES + _STEP + 9]], b"")
        assert next(pieces) == bytes(CHUNK_BYTES)
        with pytest.raises(SealBroken):
            next(pieces)


def test_streams_hold_one_chunk_at_a_time() -> None:
    """Sealing asks for the next part only when the one before has been handed on."""
    asked = 0

    def parts() -> Iterator[bytes]:
        nonlocal asked
        for _ in range(1000):
            asked += 1
            yield bytes(CHUNK_BYTES)

    with fresh() as vault:
        pieces = vault.seal_stream("e", "d", parts(), b"")
        for count in range(1, 6):
            assert len(next(pieces)) <= _STEP
            assert asked <= count


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte too many is refused; the limit is far below what one key bears."""
    assert MAX_DOCUMENT_BYTES <= 64 << 30
    monkeypatch.setattr("firstlight.adapters.vault.stream.MAX_DOCUMENT_BYTES", 3 * CHUNK_BYTES)
    with fresh() as vault:
        vault.seal("e", "d", bytes(3 * CHUNK_BYTES), b"")
        with pytest.raises(TooLarge):
            vault.seal("e", "d", bytes(3 * CHUNK_BYTES + 1), b"")


def test_a_long_context_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    """The context is bounded."""
    with pytest.raises(ValueError, match="context"):
        EngagementVault(tmp_path).seal("e", "d", b"", bytes(4097))


@given(content=contents)
@settings(max_examples=20, deadline=None)
def test_nothing_opens_after_destruction(content: bytes) -> None:
    """Not even with a fresh key in the place of the destroyed one."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder)
        vault = EngagementVault(keys)
        sealed = vault.seal("e", "d", content, b"")
        vault.destroy("e", AT)
        (keys / "e.destroyed").unlink()  # somebody tampers
        vault.seal("e", "d", b"new", b"")
        with pytest.raises(SealBroken, match="not sealed with the key"):
            vault.open("e", "d", sealed, b"")
