"""Human impact from safety impact and mission impact."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.points import (
    HUMAN_IMPACT,
    MISSION_IMPACT,
    SAFETY_IMPACT,
)
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="ssvc",
    key="DT_HI",
    version="1.0.0",
    name="Human impact",
    source=ssvc_source("human_impact_1_0_0.json"),
    points=(SAFETY_IMPACT, MISSION_IMPACT),
    outcome=HUMAN_IMPACT,
    grid="""
      MI | D   MSC MEF MF
    SI=N | L   L   M   VH
    SI=M | L   L   M   VH
    SI=R | M   H   H   VH
    SI=C | VH  VH  VH  VH
    """,
)
