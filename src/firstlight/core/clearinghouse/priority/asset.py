"""What an operator says about one asset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from firstlight.core.kernel.errors import Invalid

_YEARS = range(1990, 3000)


class YesNo(StrEnum):
    """An answer to a question about an asset or a flaw."""

    YES = "yes"
    """somebody says so"""
    NO = "no"
    """somebody says that it is not so"""
    UNKNOWN = "unknown"
    """nobody has said; never read as no"""


@dataclass(frozen=True, kw_only=True)
class AssetContext:
    """The two facts about an asset that decide by when a flaw on it is fixed."""

    exposed: YesNo = YesNo.UNKNOWN
    """whether strangers on public networks can reach it"""
    detected: date | None = None
    """the day the flaw was found on the asset; None when it was not, or the day is not known"""
    source: str = "the operator"
    """who says so"""

    def __post_init__(self) -> None:
        """Refuse a moment where a day is meant (its day depends on the zone), and mistyped years.

        Raises:
            Invalid: as above.
        """
        if isinstance(self.detected, datetime):
            raise Invalid("the detection is a day, not a moment", field="detected")
        if self.detected is not None and self.detected.year not in _YEARS:
            raise Invalid(
                f"nothing was detected in the year {self.detected.year}", field="detected"
            )
