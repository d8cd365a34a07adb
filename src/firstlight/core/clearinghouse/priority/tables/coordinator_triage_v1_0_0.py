"""Whether a coordinator declines, tracks or coordinates a report."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.outcomes import COORDINATE
from firstlight.core.clearinghouse.priority.tables.points import (
    PUBLIC_SAFETY_IMPACT,
    REPORT_CREDIBILITY,
    REPORT_PUBLIC,
    SUPPLIER_CARDINALITY,
    SUPPLIER_CONTACTED,
    SUPPLIER_ENGAGEMENT,
    UTILITY,
)
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="ssvc",
    key="DT_COORD_TRIAGE",
    version="1.0.0",
    name="SSVC coordinator triage",
    source=ssvc_source("coordinator_triage_1_0_0.json"),
    points=(
        REPORT_PUBLIC,
        SUPPLIER_CONTACTED,
        REPORT_CREDIBILITY,
        SUPPLIER_CARDINALITY,
        SUPPLIER_ENGAGEMENT,
        UTILITY,
        PUBLIC_SAFETY_IMPACT,
    ),
    outcome=COORDINATE,
    grid="""
                               U | L  L  E  E  S  S
                             PSI | M  S  M  S  M  S
    RP=Y SCON=* RC=*  SC=O SE=*  | D  D  D  D  D  D
    RP=Y SCON=* RC=*  SC=M SE=*  | D  D  D  D  D  C
    RP=N SCON=N RC=*  SC=O SE=*  | D  D  D  D  D  D
    RP=N SCON=N RC=*  SC=M SE=*  | D  D  D  D  D  C
    RP=N SCON=Y RC=NC SC=O SE=*  | D  D  D  T  D  T
    RP=N SCON=Y RC=NC SC=M SE=*  | D  T  D  T  T  C
    RP=N SCON=Y RC=C  SC=O SE=A  | D  D  D  T  D  T
    RP=N SCON=Y RC=C  SC=O SE=U  | T  C  C  C  C  C
    RP=N SCON=Y RC=C  SC=M SE=A  | D  T  D  T  C  C
    RP=N SCON=Y RC=C  SC=M SE=U  | C  C  C  C  C  C
    """,
)
