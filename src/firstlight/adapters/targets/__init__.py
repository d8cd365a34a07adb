"""Targets as folders with a TOML file: loading them, and turning them into experiments."""

from firstlight.adapters.targets.check import (
    Checked,
    Progress,
    Validated,
    check,
    run_side,
    validate,
)
from firstlight.adapters.targets.loader import load, load_all, load_one
from firstlight.adapters.targets.plan import Plan, draw, nonces_needed, plan, prepare
from firstlight.adapters.targets.reading import SideRun, read
from firstlight.adapters.targets.tables import TargetInvalid

__all__ = [
    "Checked",
    "Plan",
    "Progress",
    "SideRun",
    "TargetInvalid",
    "Validated",
    "check",
    "draw",
    "load",
    "load_all",
    "load_one",
    "nonces_needed",
    "plan",
    "prepare",
    "read",
    "run_side",
    "validate",
]
