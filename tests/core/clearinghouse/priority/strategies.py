"""Hypothesis strategies for answers to decision tables."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from firstlight.core.clearinghouse.priority.decision import (
    Answer,
    DecisionTable,
    Known,
    Point,
    Unknown,
)
from firstlight.core.clearinghouse.priority.tables import ALL_TABLES, DEPLOYER
from firstlight.core.clearinghouse.priority.tables.outcomes import PATCH_PRIORITY
from firstlight.core.clearinghouse.priority.tables.points import (
    AUTOMATABLE,
    EXPLOITATION,
    TECHNICAL_IMPACT,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

tables = st.sampled_from(sorted(ALL_TABLES.values(), key=lambda table: table.id))


@st.composite
def lawless_tables(draw: st.DrawFn) -> DecisionTable:
    """A table of random outcomes: what holds for it does not rest on a table being monotone."""
    points = (EXPLOITATION, AUTOMATABLE, TECHNICAL_IMPACT)
    outcomes = st.sampled_from([value.key for value in PATCH_PRIORITY.values])
    rows = product(*([value.key for value in point.values] for point in points))
    return DecisionTable(
        namespace="test",
        key="LAWLESS",
        version="1.0.0",
        name="Lawless",
        source=DEPLOYER.source,
        points=points,
        outcome=PATCH_PRIORITY,
        mapping={row: draw(outcomes) for row in rows},
    )


def known(point: Point) -> st.SearchStrategy[Known]:
    """An answer to `point`."""
    keys = st.sampled_from([value.key for value in point.values])
    return st.builds(Known, value=keys, source=st.just("a test"))


def unknown(point: Point) -> st.SearchStrategy[Unknown]:
    """No answer to `point`, or a narrowed one."""
    keys = st.sampled_from([value.key for value in point.values])
    possible = st.lists(keys, unique=True).map(tuple)
    return st.builds(Unknown, reason=st.just("a test"), possible=possible)


def answers(table: DecisionTable) -> st.SearchStrategy[Mapping[str, Answer]]:
    """Answers to some points of `table`; others are unknown or left out."""
    return st.fixed_dictionaries(
        {}, optional={point.key: known(point) | unknown(point) for point in table.points}
    )
