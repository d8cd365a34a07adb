"""The compact notation in which tables are written here, and its reader.

A grid is text. Left of the bar are conditions, right of it columns:

             A  | N    N    Y    Y        a heading names a point and its value in each column
             TI | P    T    P    T
    KEV=N PE=N  | FSU  FSU  60D  60D      a row gives values to the other points, then outcomes
    KEV=Y PE=*  | ...                     * stands for every value

Every combination must be given exactly once: an overlap is refused here, a gap by the table.
"""

from __future__ import annotations

from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.priority.decision import DecisionTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firstlight.core.clearinghouse.priority.decision import CountsAs, Point, TableSource


def table_from_grid(
    *,
    namespace: str,
    key: str,
    version: str,
    name: str,
    source: TableSource,
    points: tuple[Point, ...],
    outcome: Point,
    grid: str,
    unknown: Mapping[str, CountsAs] | None = None,
) -> DecisionTable:
    """A decision table whose mapping is written as a grid.

    Raises:
        ValueError: the grid has an overlap, a gap, or a line that does not fit its headings.
    """
    return DecisionTable(
        namespace=namespace,
        key=key,
        version=version,
        name=name,
        source=source,
        points=points,
        outcome=outcome,
        mapping=MappingProxyType(read_grid(grid, points=points)),
        unknown=MappingProxyType(dict(unknown or {})),
    )


def read_grid(grid: str, *, points: tuple[Point, ...]) -> dict[tuple[str, ...], str]:
    """Expand a grid to one entry per combination, values in the order of `points`.

    Raises:
        ValueError: a combination is given twice, or a line does not fit the headings.
    """
    headings: list[list[tuple[str, str]]] = []
    mapping: dict[tuple[str, ...], str] = {}
    for line in filter(str.strip, grid.splitlines()):
        left, bar, right = line.partition("|")
        conditions, cells = left.split(), right.split()
        if not bar or (headings and len(cells) != len(headings[0])):
            raise ValueError(f"the line does not fit its headings: {line!r}")
        if len(conditions) == 1 and "=" not in conditions[0]:
            headings.append([(conditions[0], cell) for cell in cells])
            continue
        for place, outcome in enumerate(cells):
            column = dict(heading[place] for heading in headings)
            for combination in _expand(conditions, column, points):
                if combination in mapping:
                    raise ValueError(f"{combination} is given twice, the second time by {line!r}")
                mapping[combination] = outcome
    return mapping


def _expand(
    conditions: list[str], column: Mapping[str, str], points: tuple[Point, ...]
) -> Iterator[tuple[str, ...]]:
    """Every combination that a row means in one column."""
    given = dict(condition.split("=", 1) for condition in conditions) | dict(column)
    choices = []
    for point in points:
        text = given.pop(point.key)
        values = point.values if text == "*" else (point.value(text),)
        choices.append([value.key for value in values])
    if given:
        raise ValueError(f"the grid names points that the table lacks: {sorted(given)}")
    return product(*choices)
