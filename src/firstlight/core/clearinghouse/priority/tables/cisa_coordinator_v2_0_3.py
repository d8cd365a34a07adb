"""CISA's own coordinator table: Track, Track*, Attend or Act."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.outcomes import CISA_LEVELS
from firstlight.core.clearinghouse.priority.tables.points import (
    AUTOMATABLE,
    EXPLOITATION,
    MISSION_AND_WELL_BEING,
    TECHNICAL_IMPACT,
)
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="cisa",
    key="DT_CO",
    version="2.0.3",
    name="CISA coordinator",
    source=ssvc_source("cisa_coordinator_2_0_3.json", publisher="CISA, through CERT/CC"),
    points=(EXPLOITATION, AUTOMATABLE, TECHNICAL_IMPACT, MISSION_AND_WELL_BEING),
    outcome=CISA_LEVELS,
    grid="""
         TI | P   P   P   T   T   T
        MWI | L   M   H   L   M   H
    E=N A=N | T   T   T   T   T   T*
    E=N A=Y | T   T   AT  T   T   AT
    E=P A=N | T   T   T*  T   T*  AT
    E=P A=Y | T   T   AT  T   T*  AT
    E=A A=N | T   T   AT  T   AT  AC
    E=A A=Y | AT  AT  AC  AT  AC  AC
    """,
)
