"""Strict reading of a TOML table: each wrong or unknown key is named together with its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Self, TypeVar

from firstlight.core.kernel.errors import Invalid

Value = TypeVar("Value")


class TargetInvalid(Invalid):
    """A target's description cannot be used."""

    code = "target.invalid"
    next_step = "Correct the named key of the named file; targets/README.md has the list of keys."


class Table:
    """One TOML table, from which keys are taken; what is left at the end is unknown."""

    error: type[Invalid] = TargetInvalid
    """what is raised; another kind of description has a subclass with its own"""

    def __init__(self, values: Mapping[str, object], *, file: str, place: str = "") -> None:
        self._values = dict(values)
        self._file = file
        self._place = place

    def wrong(self, key: str, reason: str) -> Invalid:
        """The error that names `key`."""
        full = f"{self._place}{key}"
        return self.error(f"{self._file}: {full} {reason}.", file=self._file, key=full)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; not empty unless it has a default."""
        value = self._take(key, str, default)
        if not value and default is None:
            raise self.wrong(key, "must not be empty")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number of either kind."""
        value = self._values.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "must be a number" if value is not None else "is missing")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.number(key, default)
        if not isinstance(value, int):
            raise self.wrong(key, "must be a whole number")
        return value

    def yes(self, key: str) -> bool:
        """A flag, false when absent."""
        return self._take(key, bool, default=False)

    def flag(self, key: str) -> bool:
        """A flag that must be there."""
        return self._take(key, bool, None)

    def day(self, key: str) -> date:
        """A date without a time."""
        value = self._take(key, date, None)
        if type(value) is not date:
            raise self.wrong(key, "must be a date without a time")
        return value

    def texts(self, key: str, *, needed: bool = False) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(str(value) for value in self._list(key, str, needed=needed))

    def wholes(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(value for value in self._list(key, int, needed=True) if isinstance(value, int))

    def pairs(self, key: str) -> dict[str, str]:
        """A table of strings."""
        values: dict[object, object] = self._take(key, dict, {})
        if not all(isinstance(value, str) for value in values.values()):
            raise self.wrong(key, "must hold strings only")
        return {str(name): str(value) for name, value in values.items()}

    def tables(self, key: str) -> Iterator[Self]:
        """A list of tables; each is finished after its turn."""
        for index, value in enumerate(self._list(key, dict, needed=False)):
            with self._inner(value, f"{key}[{index}]") as inner:
                yield inner

    def table(self, key: str, read: Callable[[Self], Value]) -> Value:
        """A table that must be there."""
        with self._inner(self._take(key, dict, None), key) as inner:
            return read(inner)

    def maybe(self, key: str, read: Callable[[Self], Value]) -> Value | None:
        """A table that may be absent."""
        return self.table(key, read) if key in self._values else None

    def choice(self, key: str, known: Mapping[str, Value]) -> Value:
        """One of the known words."""
        word = self.text(key)
        if word not in known:
            raise self.wrong(key, f"must be one of {', '.join(sorted(known))}, not {word!r}")
        return known[word]

    def finish(self) -> None:
        """Refuse what nobody asked for.

        Raises:
            TargetInvalid: a key is unknown.
        """
        for key in self._values:
            raise self.wrong(key, "is not a known key")

    @contextmanager
    def _inner(self, values: object, key: str) -> Iterator[Self]:
        if not isinstance(values, dict):
            raise self.wrong(key, "must be a table")
        inner = type(self)(values, file=self._file, place=f"{self._place}{key}.")
        yield inner
        inner.finish()

    def _take(self, key: str, kind: type[Value], default: Value | None) -> Value:
        value = self._values.pop(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, kind):
            raise self.wrong(key, f"must be of type {kind.__name__}")
        return value

    def _list(self, key: str, kind: type, *, needed: bool) -> list[object]:
        values: list[object] = self._take(key, list, None if needed else [])
        if not all(type(value) is kind for value in values):
            raise self.wrong(key, f"must be a list of type {kind.__name__}")
        return values
