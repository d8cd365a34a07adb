"""Sealed documents: encrypted with a key per engagement, until that key is destroyed.

Sealing binds three things besides the content: the engagement, the document's identifier, and a
`context` of the caller's choice (version, media type). Bytes that were sealed under one triple
open under no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Unavailable

MAX_DOCUMENT_BYTES = 4 << 30
"""content of one document (4 GiB); far below what AES-GCM bears under one key"""
MAX_CONTEXT_BYTES = 4096


class KeyDestroyed(Conflict):
    """The engagement's key was destroyed, so its documents can never be opened again."""

    code = "vault.key_destroyed"
    next_step = "Ask the developer for the document; the closing receipt says when this happened."


class KeyMissing(Unavailable):
    """The vault has no key for this engagement, and no record of having destroyed one."""

    code = "vault.key_missing"
    next_step = (
        "Check that the vault's folder is the right one; it is in no backup of the database."
    )


class VaultUnusable(Unavailable):
    """The vault's folder or a key in it cannot be used."""

    code = "vault.unusable"
    next_step = "Check the folder's disk, owner and mode, then do the same again."


class SealBroken(Unavailable):
    """The stored bytes are not what was sealed for this document."""

    code = "vault.seal_broken"
    next_step = "Restore the record from a backup, or ask the developer to upload it again."


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A document that only its engagement's key opens; safe to store anywhere."""

    envelope: bytes
    """header, wrapped data key, encrypted content"""


@dataclass(frozen=True, kw_only=True)
class Destruction:
    """What was destroyed, where, and what that does not cover."""

    engagement: str
    asked_at: Instant
    """when destruction was first asked for; asking again changes nothing"""
    stores: tuple[str, ...]
    """the named stores from which the keys are gone; nothing is claimed of any other place"""
    keys: tuple[str, ...]
    """fingerprints (hex) of the destroyed keys; empty when nothing was ever sealed"""
    not_covered: tuple[str, ...]
    """sentences that say what destruction in these stores cannot reach"""

    def to_json(self) -> dict[str, Json]:
        """For the ledger and the closing receipt."""
        return {
            "engagement": self.engagement,
            "asked_at": str(self.asked_at),
            "stores": list(self.stores),
            "keys": list(self.keys),
            "not_covered": list(self.not_covered),
        }


class SealedVault(Protocol):
    """Seals and opens documents; destroys the key of an engagement for good.

    An engagement's key is made when its first document is sealed. After `destroy` it is never made
    again. Whether a reader may open, and whether a legal hold forbids destruction, is decided
    before this port is called.

    Raises, in every method: VaultUnusable; ValueError when a name is no plain identifier or
    `context` is too long.
    """

    def seal(self, engagement: str, document_id: str, content: bytes, context: bytes) -> Sealed:
        """Encrypt a document. Raises KeyDestroyed, TooLarge."""
        ...

    def open(self, engagement: str, document_id: str, sealed: Sealed, context: bytes) -> bytes:
        """The content. Raises KeyDestroyed, KeyMissing, SealBroken."""
        ...

    def seal_stream(
        self, engagement: str, document_id: str, parts: Iterable[bytes], context: bytes
    ) -> Iterator[bytes]:
        """The envelope's bytes in pieces, in bounded memory. Raises as `seal`."""
        ...

    def open_stream(
        self, engagement: str, document_id: str, parts: Iterable[bytes], context: bytes
    ) -> Iterator[bytes]:
        """The content in pieces, in bounded memory. Raises as `open`.

        Each piece is authentic and in its place. That none is missing at the end is known only
        when the iterator ends without an error.
        """
        ...

    def destroy(self, engagement: str, at: Instant) -> Destruction:
        """Make every document of the engagement unreadable; repeated, the same answer."""
        ...

    def exists(self, engagement: str) -> bool:
        """Whether there is a key that opens the engagement's documents."""
        ...

    def fingerprint(self, engagement: str) -> str:
        """Names the key without telling it (hex). Raises KeyDestroyed, KeyMissing."""
        ...
