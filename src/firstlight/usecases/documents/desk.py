"""What the use cases of documents work with besides the context."""

from __future__ import annotations

from dataclasses import dataclass

from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.ports.documents import Marker
from firstlight.usecases.ports.sealed import SealedVault


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where documents are sealed, opened and marked."""

    vault: SealedVault
    marker: Marker
    accounts: AccountStore
    """who belongs where, and how people are called"""
