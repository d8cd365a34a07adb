"""Pieces of lists that a query hands out whole because they are short.

The cursor names the last row of the piece, not a place: rows that come meanwhile neither repeat
nor hide a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from firstlight.adapters.api.answers import page_size
from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Invalid

Row = TypeVar("Row")
_DIGITS = 32


class NoSuchRow(Invalid):
    """The cursor names no row of this list."""

    code = "request.no_such_row"
    next_step = "Begin again without a cursor; use only cursors that this list gave."


def piece(
    rows: Sequence[Row], key: Callable[[Row], str], cursor: str | None, limit: int | None
) -> tuple[Sequence[Row], str | None]:
    """The rows after the cursor, and the cursor of what follows.

    Raises:
        NoSuchRow: the cursor is none of this list's.
    """
    keys = _keys(rows, key)
    start = 0
    if cursor is not None:
        if cursor not in keys:
            raise NoSuchRow
        start = keys.index(cursor) + 1
    end = start + page_size(limit)
    following = keys[end - 1] if end < len(rows) else None
    return rows[start:end], following


def newest(
    rows: Sequence[Row], key: Callable[[Row], str], cursor: str | None, limit: int | None
) -> tuple[Sequence[Row], str | None]:
    """Like `piece`, of rows that come oldest first."""
    return piece(rows[::-1], key, cursor, limit)


def by_content(row: Json) -> str:
    """A key for a document without an identifier."""
    return digest(canonical(row))[:_DIGITS]


def _keys(rows: Sequence[Row], key: Callable[[Row], str]) -> list[str]:
    """A key for each row; equal rows are told apart by their order."""
    seen: Counter[str] = Counter()
    keys = []
    for row in rows:
        name = key(row)
        keys.append(f"{name}.{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return keys
