"""Public safety impact from safety impact."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.points import PUBLIC_SAFETY_IMPACT, SAFETY_IMPACT
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="ssvc",
    key="DT_PSI",
    version="1.0.0",
    name="Public safety impact",
    source=ssvc_source("public_safety_impact_1_0_0.json"),
    points=(SAFETY_IMPACT,),
    outcome=PUBLIC_SAFETY_IMPACT,
    grid="""
    SI | N  M  R  C
       | M  S  S  S
    """,
)
