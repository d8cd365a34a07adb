"""When a supplier makes the patch."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.outcomes import PATCH_PRIORITY
from firstlight.core.clearinghouse.priority.tables.points import (
    EXPLOITATION,
    PUBLIC_SAFETY_IMPACT,
    TECHNICAL_IMPACT,
    UTILITY,
)
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="ssvc",
    key="DT_SP",
    version="1.0.0",
    name="SSVC supplier",
    source=ssvc_source("supplier_patch_development_priority_1_0_0.json"),
    points=(EXPLOITATION, UTILITY, TECHNICAL_IMPACT, PUBLIC_SAFETY_IMPACT),
    outcome=PATCH_PRIORITY,
    grid="""
         TI | P  P  T  T
        PSI | M  S  M  S
    E=N U=L | D  S  S  O
    E=N U=E | S  O  S  O
    E=N U=S | S  O  O  O
    E=P U=L | S  O  S  I
    E=P U=E | S  I  O  I
    E=P U=S | O  I  O  I
    E=A U=L | O  I  O  I
    E=A U=E | O  I  O  I
    E=A U=S | I  I  I  I
    """,
)
