"""Core values <-> bytes for the columns that keep them whole.

Reports and advisories are msgpack by field name, so a later version may add fields with defaults;
JSON stays JSON. Both are compressed with zstd. Decoding is typed and runs no code of the row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec
import zstandard

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import BadEncoding, Invalid, TooDeep, TooLarge

Value = TypeVar("Value")

_LEVEL = 3
"""the best ratio for its time on documents of a few kilobytes"""
MOST_BYTES = 256 << 20
"""nothing larger is unpacked into memory; far above what intake accepts"""


def squeeze(data: bytes) -> bytes:
    """Compress."""
    return zstandard.ZstdCompressor(level=_LEVEL, write_content_size=True).compress(data)


Stored = bytes | memoryview
"""a binary column as either database hands it out"""


def unsqueeze(data: Stored) -> bytes:
    """Decompress.

    Raises:
        TooLarge: the row claims more than is unpacked into memory.
    """
    stored = bytes(data)
    size = zstandard.frame_content_size(stored)
    if not 0 <= size <= MOST_BYTES:
        raise TooLarge(f"a stored document claims {size} bytes", limit=MOST_BYTES)
    return zstandard.ZstdDecompressor().decompress(stored)


def pack(value: object) -> bytes:
    """A core dataclass as compressed msgpack.

    Raises:
        BadEncoding: a text in it is not UTF-8.
        Invalid: a number in it needs more than 64 bits.
        TooDeep: it is nested without end.
    """
    with _encodable():
        return squeeze(msgspec.msgpack.encode(value))


def unpack(data: Stored, kind: type[Value]) -> Value:
    """The core dataclass that was packed, its sequences as tuples."""
    return cast("Value", _frozen(msgspec.msgpack.decode(unsqueeze(data), type=kind)))


def pack_json(value: Json) -> bytes:
    """Small JSON, compressed. Raises what `pack` raises."""
    with _encodable():
        return squeeze(msgspec.json.encode(value))


def unpack_json(data: Stored) -> Any:  # noqa: ANN401  # JSON is checked by whoever reads it
    """The JSON that was packed."""
    return msgspec.json.decode(unsqueeze(data))


def _frozen(value: Any) -> Any:  # noqa: ANN401  # walks whatever a core value is made of
    """Core values are immutable; msgspec builds lists where a `Sequence` is declared."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: new
            for field in dataclasses.fields(value)
            if (new := _frozen(old := getattr(value, field.name))) is not old
        }
        return dataclasses.replace(value, **changed) if changed else value
    return value


@contextmanager
def _encodable() -> Iterator[None]:
    try:
        yield
    except UnicodeEncodeError as error:
        raise BadEncoding(f"a text holds {error.object[error.start]!r}") from error
    except OverflowError as error:
        raise Invalid("a number needs more than 64 bits") from error
    except RecursionError as error:
        raise TooDeep from error
