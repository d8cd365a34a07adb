"""SQL that is written by hand, for what happens at every use of the gateway.

Building a query through the ORM takes ten times as long as running it, and a use needs some twenty;
so the few statements on that path stand in the stores as text, each with a name and a reason. This
module runs them and translates moments, which the two databases keep differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import connections

from firstlight.core.kernel.clock import Instant

Value = str | int | bytes | Instant | None
Row = tuple[Any, ...]


class Statements:
    """Runs statements in the running transaction, or alone where none runs."""

    def __init__(self, using: str) -> None:
        """`using` is Django's alias of the database."""
        self._using = using

    @cached_property
    def _connection(self) -> Any:  # noqa: ANN401  # of either vendor
        return connections[self._using]

    @property
    def locks(self) -> str:
        """What locks the rows of a SELECT; on SQLite the transaction itself is the lock."""
        return " FOR UPDATE" if self._connection.features.has_select_for_update else ""

    def one(self, statement: str, *values: Value) -> Row | None:
        """The first row."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, [self._adapted(value) for value in values])
            row: Row | None = cursor.fetchone()
        return row

    def run(self, statement: str, *values: Value) -> int:
        """How many rows were changed."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, [self._adapted(value) for value in values])
            return int(cursor.rowcount)

    def insert(self, table: str, columns: Mapping[str, Value]) -> None:
        """One row; table and names are the caller's own words."""
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *columns.values())  # noqa: S608  # our own names

    def update(self, table: str, columns: Mapping[str, Value], where: str, *values: Value) -> int:
        """Likewise; `where` is the caller's own text."""
        changes = ", ".join(f'"{name}" = %s' for name in columns)
        statement = f"UPDATE {table} SET {changes} WHERE {where}"  # noqa: S608  # likewise
        return self.run(statement, *columns.values(), *values)

    def _adapted(self, value: Value) -> Any:  # noqa: ANN401  # what the vendor keeps
        if isinstance(value, Instant):
            return self._connection.ops.adapt_datetimefield_value(value.utc)
        return value


def moment(value: datetime) -> Instant:
    """A moment as either database hands it out: SQLite's is naive, in UTC."""
    return Instant(value if value.tzinfo else value.replace(tzinfo=UTC))
