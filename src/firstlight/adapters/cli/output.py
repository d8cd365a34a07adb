"""What a command prints: JSON for programs, tables and facts for people.

Text from a server is data of strangers. Before it reaches a terminal, every character that could
move the cursor, change colours or turn the direction of writing is shown as its number instead.
JSON escapes everything that is not ASCII, so it carries nothing of that kind either.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
_GAP = "  "
_WIDE_ENOUGH = 100


def visible(value: object, *, lines: bool = False) -> str:
    """Text that does nothing to a terminal but stand there.

    Args:
        value: anything; its text counts
        lines: keep line ends and tabs, for prose and diffs
    """
    kept = "\n\t" if lines else ""
    return "".join(
        character
        if character in kept or unicodedata.category(character) not in _HIDDEN
        else f"\\u{{{ord(character):x}}}"
        for character in str(value)
    )


class Output:
    """Prints the result of one command."""

    def __init__(self, *, as_json: bool) -> None:
        """Rich is used only for a person at a terminal."""
        self.as_json = as_json
        self._terminal = sys.stdout.isatty()

    def json(self, value: object) -> None:
        """One JSON document, keys as they came."""
        self._write(json.dumps(value, indent=2))

    def facts(self, facts: Mapping[str, object]) -> None:
        """Label and value, one below the other; empty values are left out."""
        shown = {label: str(value) for label, value in facts.items() if value not in {None, ""}}
        width = max((len(label) for label in shown), default=0)
        for label, value in shown.items():
            self._write(f"{label.ljust(width)}{_GAP}{visible(value)}")

    def text(self, value: object) -> None:
        """Prose, with its lines."""
        self._write(visible(value, lines=True))

    def say(self, sentence: str) -> None:
        """One line to a person; nothing when a program listens."""
        if not self.as_json:
            self._write(visible(sentence))

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], empty: str) -> None:
        """Rows below their columns; `empty` is said when there is none."""
        if not rows:
            self._write(empty)
            return
        shown = [[visible(value if value is not None else "") for value in row] for row in rows]
        if self._terminal:
            _rich_table(columns, shown)
            return
        widths = [
            max(len(row[place]) for row in [columns, *shown]) for place in range(len(columns))
        ]
        for row in [columns, *shown]:
            line = _GAP.join(
                str(value).ljust(width) for value, width in zip(row, widths, strict=True)
            )
            self._write(line.rstrip())

    @staticmethod
    def _write(text: str) -> None:
        # A terminal or file that knows less than Unicode gets numbers instead of an error.
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    import shutil  # noqa: PLC0415  # likewise

    from rich.console import Console  # noqa: PLC0415  # 60 ms that only a terminal pays
    from rich.table import Table  # noqa: PLC0415  # likewise
    from rich.text import Text  # noqa: PLC0415  # likewise

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(value) for value in row))  # Text: no markup of strangers
    Console(width=max(shutil.get_terminal_size().columns, _WIDE_ENOUGH // 2)).print(table)


def shown(value: Mapping[str, Any], *names: str) -> list[object]:
    """The values of these keys, for a row."""
    return [value.get(name) for name in names]
