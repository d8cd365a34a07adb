from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.storage import codec
from firstlight.core.clearinghouse.finding import Location
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import BadEncoding, Invalid, TooDeep, TooLarge
from firstlight.core.kernel.ids import Identifier

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)

_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(-(1 << 63), (1 << 63) - 1),
    Instant: st.datetimes(timezones=st.just(UTC)).map(Instant),
    type(None): st.none(),
}


def values(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401  # whatever a field is declared as
    """Every value that a core type can hold, its sequences as tuples."""
    origin = typing.get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*(values(each) for each in typing.get_args(kind)))
    if origin is Sequence:
        return st.lists(values(typing.get_args(kind)[0]), max_size=3).map(tuple)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if issubclass(kind, Identifier):
        return st.binary(min_size=10, max_size=10).map(lambda noise: kind.mint(1, noise))
    if not dataclasses.is_dataclass(kind):
        return st.from_type(kind)
    hints = typing.get_type_hints(kind)
    fields: dict[str, Any] = {
        field.name: values(hints[field.name]) for field in dataclasses.fields(kind)
    }
    return st.builds(typing.cast("Any", kind), **fields)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(_JSON.filter(lambda value: "inf" not in repr(value)))
def test_json_comes_back(value: Any) -> None:  # noqa: ANN401  # any JSON
    """Every JSON value is equal to itself after storing."""
    assert codec.unpack_json(codec.pack_json(value)) == value


def test_lone_surrogate_is_refused() -> None:
    """Text that is not UTF-8 has a clear error."""
    with pytest.raises(BadEncoding):
        codec.pack(Location(path="a\ud800b"))
    with pytest.raises(BadEncoding):
        codec.pack_json({"a": "\udfff"})


def test_endless_number_is_refused() -> None:
    """A number that no column can hold has a clear error."""
    with pytest.raises(Invalid):
        codec.pack(Location(line=10**40))


def test_endless_nesting_is_refused() -> None:
    """A value nested without end has a clear error."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(TooDeep):
        codec.pack_json(deep)


def test_bomb_in_a_row_is_refused() -> None:
    """A row that claims to unpack to more than the limit is not unpacked."""
    bomb = zstandard.ZstdCompressor(level=1).compress(bytes(codec.MOST_BYTES + 1))
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge):
        codec.unsqueeze(bomb)
