"""Crash reports of many tools, read into comparable types and states."""

from firstlight.core.clearinghouse.dedupe.crash.model import (
    DEFAULT_LIMITS,
    Access,
    AccessKind,
    AddressClass,
    Crash,
    CrashLimits,
    Frame,
    NoCrash,
    NoCrashReason,
    Tool,
)
from firstlight.core.clearinghouse.dedupe.crash.parse import parse_crash

__all__ = [
    "DEFAULT_LIMITS",
    "Access",
    "AccessKind",
    "AddressClass",
    "Crash",
    "CrashLimits",
    "Frame",
    "NoCrash",
    "NoCrashReason",
    "Tool",
    "parse_crash",
]
