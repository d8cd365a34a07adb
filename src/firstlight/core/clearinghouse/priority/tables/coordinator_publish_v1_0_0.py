"""Whether a coordinator publishes about a flaw."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.outcomes import PUBLISH
from firstlight.core.clearinghouse.priority.tables.points import (
    EXPLOITATION,
    PUBLIC_VALUE_ADDED,
    SUPPLIER_INVOLVEMENT,
)
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="ssvc",
    key="DT_COORD_PUBLISH",
    version="1.0.0",
    name="Coordinator publish",
    source=ssvc_source("coordinator_publish_decision_table_1_0_0.json"),
    points=(SUPPLIER_INVOLVEMENT, EXPLOITATION, PUBLIC_VALUE_ADDED),
    outcome=PUBLISH,
    grid="""
                PVA | L  A  P
    SINV=FR E=N     | N  N  P
    SINV=FR E=P     | N  N  P
    SINV=FR E=A     | N  P  P
    SINV=C  E=N     | N  N  P
    SINV=C  E=P     | N  N  P
    SINV=C  E=A     | N  P  P
    SINV=UU E=N     | N  N  P
    SINV=UU E=P     | N  P  P
    SINV=UU E=A     | P  P  P
    """,
)
