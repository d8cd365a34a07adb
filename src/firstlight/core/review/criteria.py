"""Who can be a trusted partner: published criteria, by version. Old versions are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.review.words import written


class Sector(StrEnum):
    """Sectors of critical infrastructure (National Security Memorandum 22, 2024)."""

    CHEMICAL = "chemical"
    COMMERCIAL_FACILITIES = "commercial-facilities"
    COMMUNICATIONS = "communications"
    CRITICAL_MANUFACTURING = "critical-manufacturing"
    DAMS = "dams"
    DEFENSE_INDUSTRIAL_BASE = "defense-industrial-base"
    EMERGENCY_SERVICES = "emergency-services"
    ENERGY = "energy"
    FINANCIAL_SERVICES = "financial-services"
    FOOD_AND_AGRICULTURE = "food-and-agriculture"
    GOVERNMENT_FACILITIES = "government-facilities"
    HEALTHCARE = "healthcare-and-public-health"
    INFORMATION_TECHNOLOGY = "information-technology"
    NUCLEAR = "nuclear"
    TRANSPORTATION = "transportation"
    WATER = "water-and-wastewater"


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """One version of what a partner must be."""

    version: str
    items: Mapping[str, str]
    """short name to what is asked"""


_FIRST = Criteria(
    version="1",
    items={
        "operates": "It operates systems in the sector, or defends them for those who do.",
        "defensive": "It wants access in order to find and mend flaws in those systems.",
        "contact": "It names people who answer for the access, and can be reached at any hour.",
        "protects": "It keeps what it receives from everyone but the people who are named.",
        "no-rival": "It neither develops competing models nor passes anything on to those who do.",
    },
)

CRITERIA: Mapping[str, Criteria] = {each.version: each for each in (_FIRST,)}
NEWEST = _FIRST.version


def checked(version: str, meets: Mapping[str, str]) -> dict[str, str]:
    """How an organisation meets each criterion, in the order of the list.

    Raises:
        Missing: there are no criteria of this version.
        Invalid: a criterion is left out, or is not on the list.
        Unwritten, TooLarge: as `written`.
    """
    criteria = CRITERIA.get(version)
    if criteria is None:
        raise Missing(f"there are no criteria of version {version[:40]!r}")
    if set(meets) != set(criteria.items):
        left = sorted(set(meets) ^ set(criteria.items))
        raise Invalid(f"say of each criterion how it is met: {left[0][:40]}", field="meets")
    return {name: written(meets[name], name) for name in criteria.items}
