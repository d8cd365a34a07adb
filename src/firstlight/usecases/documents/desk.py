"""What the use cases of documents work with besides the context."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.ids import GrantId
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.documents import Marker
from firstlight.usecases.ports.sealed import SealedVault

Present = Callable[[UnitOfWork, GrantId, Instant], PersonId | None]
"""Who is present at this moment as the second person of a grant, as the running unit of work sees
it; None for nobody."""


def nobody_present(work: UnitOfWork, grant: GrantId, now: Instant) -> PersonId | None:  # noqa: ARG001  # `Present`
    """Where nobody can be present: a grant that asks for a second person then lets nobody in."""
    return None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where documents are sealed, opened and marked."""

    vault: SealedVault
    marker: Marker
    accounts: AccountStore
    """who belongs where, and how people are called"""
    present: Present = nobody_present
