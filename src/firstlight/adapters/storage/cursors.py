"""Cursors: where a page ended, as text that means nothing to whoever holds it.

A cursor is no secret and gives no right: the reader's filter is applied to every page anew. One
that was not made here is refused, whatever it holds.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TypeVar

import msgspec

from firstlight.core.kernel.errors import Invalid

_MOST_CHARACTERS = 200
Kind = TypeVar("Kind", "Place", "Index")


class BadCursor(Invalid):
    """This is no cursor of this list."""

    code = "input.bad_cursor"
    next_step = "Start again without a cursor."


class Place(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """The last row of a page in a list that is ordered by time and identifier."""

    at: datetime
    id: str


class Index(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """The last row of a page of the ledger."""

    index: int


def write(place: Place | Index) -> str:
    """The text form."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).decode().rstrip("=")


def read_place(cursor: str) -> Place:
    """Raises BadCursor."""
    place = _read(cursor, Place)
    if place.at.tzinfo is None or "\x00" in place.id:
        raise BadCursor
    return place


def read_index(cursor: str) -> int:
    """Raises BadCursor."""
    index = _read(cursor, Index).index
    if not 0 <= index < 1 << 62:
        raise BadCursor
    return index


def _read(cursor: str, kind: type[Kind]) -> Kind:
    if len(cursor) > _MOST_CHARACTERS or not cursor.isascii():
        raise BadCursor
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        return msgspec.msgpack.decode(data, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise BadCursor from None
