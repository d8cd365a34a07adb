"""CISA Binding Operational Directive 26-04 (2026-06-10): by when a flaw is remedied on an asset."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.decision import CountsAs
from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.outcomes import REMEDIATION_TIMELINE
from firstlight.core.clearinghouse.priority.tables.points import (
    AUTOMATABLE,
    IN_KEV,
    PUBLICLY_EXPOSED,
    TECHNICAL_IMPACT,
)
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="cisa",
    key="DT_BOD2604",
    version="1.0.0",
    name="CISA BOD 26-04",
    source=ssvc_source("cisa_bod_26_04_1_0_0.json", publisher="CISA, through CERT/CC"),
    points=(IN_KEV, PUBLICLY_EXPOSED, AUTOMATABLE, TECHNICAL_IMPACT),
    outcome=REMEDIATION_TIMELINE,
    unknown={
        "PE": CountsAs(value="Y", rule="BOD 26-04: an asset of unknown exposure counts as exposed")
    },
    grid="""
              A | N    N    Y    Y
             TI | P    T    P    T
    KEV=N PE=N  | FSU  FSU  60D  60D
    KEV=N PE=Y  | 60D  14D  14D  3D
    KEV=Y PE=N  | 14D  14D  14D  3DF
    KEV=Y PE=Y  | 14D  3DF  3D   3DF
    """,
)
