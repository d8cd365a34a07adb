"""Utility from automatable and value density."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.points import AUTOMATABLE, UTILITY, VALUE_DENSITY
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="ssvc",
    key="DT_U",
    version="1.0.0",
    name="Utility",
    source=ssvc_source("utility_1_0_0.json"),
    points=(AUTOMATABLE, VALUE_DENSITY),
    outcome=UTILITY,
    grid="""
     VD | D  C
    A=N | L  E
    A=Y | E  S
    """,
)
