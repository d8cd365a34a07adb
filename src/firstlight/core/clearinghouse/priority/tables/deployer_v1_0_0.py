"""When whoever runs the software applies the patch."""

from __future__ import annotations

from firstlight.core.clearinghouse.priority.grid import table_from_grid
from firstlight.core.clearinghouse.priority.tables.outcomes import PATCH_PRIORITY
from firstlight.core.clearinghouse.priority.tables.points import (
    AUTOMATABLE,
    EXPLOITATION,
    HUMAN_IMPACT,
    SYSTEM_EXPOSURE,
)
from firstlight.core.clearinghouse.priority.tables.sources import ssvc_source

TABLE = table_from_grid(
    namespace="ssvc",
    key="DT_DP",
    version="1.0.0",
    name="SSVC deployer",
    source=ssvc_source("deployer_patch_application_priority_1_0_0.json"),
    points=(EXPLOITATION, SYSTEM_EXPOSURE, AUTOMATABLE, HUMAN_IMPACT),
    outcome=PATCH_PRIORITY,
    grid="""
              A | N   N   N   N   Y   Y   Y   Y
             HI | L   M   H   VH  L   M   H   VH
    E=N EXP=S   | D   D   S   S   D   S   S   S
    E=N EXP=C   | D   S   S   S   S   S   S   S
    E=N EXP=O   | D   S   S   S   S   S   S   O
    E=P EXP=S   | D   S   S   S   S   S   S   S
    E=P EXP=C   | D   S   S   S   S   S   S   O
    E=P EXP=O   | S   S   S   O   S   S   O   O
    E=A EXP=S   | S   S   O   O   S   O   O   O
    E=A EXP=C   | S   S   O   O   O   O   O   O
    E=A EXP=O   | S   O   O   I   O   O   I   I
    """,
)
