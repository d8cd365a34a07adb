"""What the guard is given when the program starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from firstlight.core.guard.material import NOTHING_SEALED, Material
from firstlight.usecases.ports.guard import Directory
from firstlight.usecases.ports.sealed import SealedVault


@dataclass(kw_only=True)
class Remembered:
    """What was sealed when it was last looked up; changes when it has changed since."""

    stamp: str = ""
    material: Material = NOTHING_SEALED
    released: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The parts of the guard that live as long as the process."""

    vault: SealedVault
    """seals the texts of verdicts"""
    directory: Directory
    """who is at an address"""
    own_keys: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """see `Knowledge.own_keys`"""
    contacts: frozenset[str] = frozenset()
    """public contacts of this installation, in lower case"""
    canaries: Sequence[str] = ()
    """text that was planted, and must be seen nowhere"""
    remembered: Remembered = field(default_factory=Remembered)
