"""What is fixed before a run, so that nobody chooses the rule after seeing the result.

The plan is hashed; its digest stands in the record of the run with the time at which it was fixed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.measure.coverage_table import METHOD
from firstlight.core.measure.coverage_table import VERSION as COVERAGE_VERSION

FORMAT = "firstlight-measurement-plan-1"
COVERED_FROM = 0.95
NOT_COVERED_TO = 0.05

RULE: Mapping[str, Json] = {
    "format": "firstlight-designation-rule-1",
    "method": METHOD,
    "coverage_table": COVERAGE_VERSION,
    "covered": "surely_at_least(level) >= covered_from, with every lost sample counted as failed",
    "covered_from": COVERED_FROM,
    "not_covered": "perhaps_at_least(level) <= not_covered_to, with every lost one as solved",
    "not_covered_to": NOT_COVERED_TO,
    "otherwise": "undetermined",
    "counts": "sealed tasks of the threshold's kinds; public tasks never",
    "forced": "undetermined on thin evidence, on more lost samples than the threshold allows, and "
    "where the coverage table does not bear the claim",
    "alert": "perhaps_at_least(alert) >= 1/2",
}
"""the rule in words; the code is `designation.py`, and a change of either is a new format"""


def rule_digest() -> str:
    """SHA-256 of the rule."""
    return digest(canonical(dict(RULE)))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Fixed before the run starts."""

    threshold: str
    """digest of an open threshold, or commitment of a sealed one"""
    suite_root: str
    """Merkle root of the suite's commitment"""
    epochs: int
    """of each task"""

    def to_json(self) -> dict[str, Json]:
        """The JSON object that is hashed."""
        return {
            "format": FORMAT,
            "threshold": self.threshold,
            "suite_root": self.suite_root,
            "epochs": self.epochs,
            "rule": rule_digest(),
        }

    def digest(self) -> str:
        """That the record of the run names."""
        return digest(canonical(self.to_json()))
