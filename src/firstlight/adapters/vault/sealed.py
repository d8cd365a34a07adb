"""Documents sealed with a data key each, wrapped by the key of their engagement."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from firstlight.adapters.vault.key_store import KeyStore
from firstlight.adapters.vault.stream import decrypt, encrypt
from firstlight.core.kernel.clock import Instant
from firstlight.usecases.ports.sealed import (
    MAX_CONTEXT_BYTES,
    Destruction,
    KeyDestroyed,
    KeyMissing,
    Sealed,
)

STORE = "the vault's key folder"
NOT_COVERED = (
    "Copies of the key folder that somebody made (backups, snapshots, images of the disk).",
    "Blocks kept after a file is overwritten: journals, copy-on-write, flash memory.",
    "Memory of running processes and what was swapped out of it.",
    "Content that was opened before: downloads, prints, what people remember.",
)
_DOCUMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")


class EngagementVault:
    """Implements the `SealedVault` port."""

    def __init__(self, folder: Path, *, store: str = STORE) -> None:
        """Keep keys in `folder`, which must be in no backup; `store` names it in receipts."""
        self._keys = KeyStore(folder)
        self._store = store

    def seal(self, engagement: str, document_id: str, content: bytes, context: bytes) -> Sealed:
        """Encrypt a document. Raises KeyDestroyed, TooLarge, VaultUnusable."""
        pieces = self.seal_stream(engagement, document_id, [content], context)
        return Sealed(envelope=_whole(pieces))

    def open(self, engagement: str, document_id: str, sealed: Sealed, context: bytes) -> bytes:
        """The content. Raises KeyDestroyed, KeyMissing, SealBroken, VaultUnusable."""
        return _whole(self.open_stream(engagement, document_id, [sealed.envelope], context))

    def seal_stream(
        self, engagement: str, document_id: str, parts: Iterable[bytes], context: bytes
    ) -> Iterator[bytes]:
        """The envelope's bytes in pieces. Raises as `seal`."""
        bound = _bound(engagement, document_id, context)
        key = self._keys.get_or_create(engagement)
        return encrypt(key.wrapping, key.fingerprint, bound, parts)

    def open_stream(
        self, engagement: str, document_id: str, parts: Iterable[bytes], context: bytes
    ) -> Iterator[bytes]:
        """The content in pieces; complete only when it ends without an error."""
        bound = _bound(engagement, document_id, context)
        key = self._keys.get(engagement)
        return decrypt(key.wrapping, key.fingerprint, bound, parts)

    def destroy(self, engagement: str, at: Instant) -> Destruction:
        """Make every document of the engagement unreadable; repeated, the same answer."""
        stone = self._keys.destroy(engagement, at)
        return Destruction(
            engagement=engagement,
            asked_at=stone.asked_at,
            stores=(self._store,),
            keys=stone.keys,
            not_covered=NOT_COVERED,
        )

    def exists(self, engagement: str) -> bool:
        """Whether there is a key that opens the engagement's documents."""
        try:
            self._keys.get(engagement)
        except (KeyDestroyed, KeyMissing):
            return False
        return True

    def fingerprint(self, engagement: str) -> str:
        """Names the key without telling it (hex)."""
        return self._keys.get(engagement).fingerprint.hex()


def _whole(pieces: Iterator[bytes]) -> bytes:
    """As `b"".join`, without keeping all pieces beside the whole; twice as fast for large ones."""
    buffer = io.BytesIO()
    for piece in pieces:
        buffer.write(piece)
    return buffer.getvalue()


def _bound(engagement: str, document_id: str, context: bytes) -> tuple[bytes, ...]:
    if not _DOCUMENT.fullmatch(document_id):
        raise ValueError(f"{document_id[:80]!r} does not name a document")
    if len(context) > MAX_CONTEXT_BYTES:
        raise ValueError(f"the context is longer than {MAX_CONTEXT_BYTES} bytes")
    return engagement.encode(), document_id.encode(), context
