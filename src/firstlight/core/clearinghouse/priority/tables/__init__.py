"""Published decision tables as data, one module per table and version; old versions stay."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from firstlight.core.clearinghouse.priority.tables import (
    cisa_bod_26_04_v1_0_0,
    cisa_coordinator_v2_0_3,
    coordinator_publish_v1_0_0,
    coordinator_triage_v1_0_0,
    deployer_v1_0_0,
    human_impact_v1_0_0,
    public_safety_impact_v1_0_0,
    supplier_v1_0_0,
    utility_v1_0_0,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firstlight.core.clearinghouse.priority.decision import DecisionTable

CISA_BOD_26_04 = cisa_bod_26_04_v1_0_0.TABLE
CISA_COORDINATOR = cisa_coordinator_v2_0_3.TABLE
COORDINATOR_PUBLISH = coordinator_publish_v1_0_0.TABLE
COORDINATOR_TRIAGE = coordinator_triage_v1_0_0.TABLE
DEPLOYER = deployer_v1_0_0.TABLE
HUMAN_IMPACT = human_impact_v1_0_0.TABLE
PUBLIC_SAFETY_IMPACT = public_safety_impact_v1_0_0.TABLE
SUPPLIER = supplier_v1_0_0.TABLE
UTILITY = utility_v1_0_0.TABLE
"""the version of each table in use today"""

ALL_TABLES: Mapping[str, DecisionTable] = MappingProxyType(
    {
        table.id: table
        for table in (
            CISA_BOD_26_04,
            CISA_COORDINATOR,
            COORDINATOR_PUBLISH,
            COORDINATOR_TRIAGE,
            DEPLOYER,
            HUMAN_IMPACT,
            PUBLIC_SAFETY_IMPACT,
            SUPPLIER,
            UTILITY,
        )
    }
)
"""every table that is kept, old versions included, by identifier"""
