"""The levels of containment, by name. What each is right for is decided where it is used."""

from __future__ import annotations

from enum import StrEnum


class ContainmentLevel(StrEnum):
    """How strongly a run is contained. Printed in every piece of evidence."""

    L0 = "L0"
    """none"""
    L1_DEGRADED = "L1-degraded"
    """bubblewrap, but cgroups cannot be written: rlimits and a memory watchdog instead"""
    L1 = "L1"
    """bubblewrap with seccomp and cgroups"""
    L2 = "L2"
    """a container in a virtual machine, or gVisor"""
    L3 = "L3"
    """a virtual machine per sample"""
    L4 = "L4"
    """a dedicated host per sample"""
