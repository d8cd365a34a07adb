"""Content of uses, kept only where the developer's plan says so, and always sealed.

Pieces are sealed one by one with the engagement's key. Only the developer opens them, and each
opening is a ledger entry. After the close nobody does: the key is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.ids import EngagementId, UseId
from firstlight.core.review.using import Part, Use
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.sealed import Sealed, SealedVault
from firstlight.usecases.reviews.step import step

_SEALED_AS = b"content of a use"


def keep(work: UnitOfWork, vault: SealedVault, use: Use, part: Part, piece: bytes) -> None:
    """Seal the next piece.

    Raises:
        KeyDestroyed: the engagement was closed meanwhile.
        Unavailable: the vault cannot seal.
    """
    number = work.uses.pieces(use.id, part)
    sealed = vault.seal(str(use.engagement), _name(use.id, part, number), piece, _SEALED_AS)
    work.uses.keep(use.id, part, number, sealed.envelope)


def read_content(
    context: Context,
    vault: SealedVault,
    actor: Actor,
    identifier: EngagementId,
    *,
    use: UseId,
    part: Part,
) -> Iterator[bytes]:
    """What was kept of one side of a use, in pieces; the reading is written down first.

    Raises:
        Missing: no such use in the developer's engagement, or nothing is kept of it.
        NotSignedIn, Refused: not this developer's.
        KeyDestroyed: the engagement was closed, and its key destroyed.
        Unavailable: the vault cannot open it.
    """
    with step(context, actor, identifier, Action.USE_CONTENT) as taken:
        found = taken.work.uses.get(use)
        count = taken.work.uses.pieces(use, part)
        if found.engagement != identifier or not count:
            raise Missing(f"nothing is kept of the {part.value} of {use}")
        # Opened before it is written down, so that the record tells of no reading that failed.
        first = _open(vault, found, part, 0, taken.work.uses.piece(use, part, 0))
        rule = "only the developer opens what it let be kept"
        taken.note(rule, {"use": str(use), "part": part.value})

    def pieces() -> Iterator[bytes]:
        yield first
        for number in range(1, count):
            with context.storage.look() as work:
                sealed = work.uses.piece(use, part, number)
            yield _open(vault, found, part, number, sealed)

    return pieces()


def _open(vault: SealedVault, use: Use, part: Part, number: int, sealed: bytes) -> bytes:
    name = _name(use.id, part, number)
    return vault.open(str(use.engagement), name, Sealed(envelope=sealed), _SEALED_AS)


def _name(use: UseId, part: Part, number: int) -> str:
    return f"{use}:{part.value}:{number}"
