"""The ledger: who did what to what, when, under which rule; append-only, and provable offline.

What goes into the Merkle tree is a *commitment*: SHA-256 over a fresh salt and the canonical entry.
The tree and its checkpoints can be shown to anyone; without the salt a leaf tells nothing, and a
reader opens exactly the entries whose salt is handed over. Entries that concern one subject (a
case, an engagement) carry a sequence number within it and the commitment of the one before, so
that an omission shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest

from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import EntryId
from firstlight.core.kernel.merkle import leaf_hash

SALT_BYTES = 16
NO_PREVIOUS = ""


class LedgerBroken(Invalid):
    """The ledger does not prove what it claims: something was altered, removed or forged."""

    code = "ledger.broken"
    next_step = "Keep both files as evidence and compare with another witness's checkpoint."


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One step that was taken."""

    id: EntryId
    at: Instant
    actor: str
    """`Actor.label`"""
    action: str
    """the name of the action in the access table"""
    subject: str
    """what it was done to: an identifier"""
    rule: str
    """the rule or paragraph under which it was done"""
    facts: Mapping[str, Json]
    """what happened, as small JSON; digests in place of documents"""
    sequence: int
    """1, 2, 3, ... within the subject"""
    previous: str
    """commitment (hex) of the subject's entry before, empty for the first"""

    def to_json(self) -> dict[str, Json]:
        """The JSON object that is hashed."""
        return {
            "id": str(self.id),
            "at": str(self.at),
            "actor": self.actor,
            "action": self.action,
            "subject": self.subject,
            "rule": self.rule,
            "facts": dict(self.facts),
            "sequence": self.sequence,
            "previous": self.previous,
        }


def commitment(entry: Entry, salt: bytes) -> bytes:
    """SHA-256(salt || RFC 8785 bytes of the entry); the leaf's content in the tree."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hashlib.sha256(salt + canonical(entry.to_json())).digest()


def leaf_of(committed: bytes) -> bytes:
    """The RFC 6962 leaf hash of a commitment."""
    return leaf_hash(committed)


def opens(entry_json: Mapping[str, Json], salt: bytes, committed: bytes) -> bool:
    """Whether this entry and salt are what the commitment was made of."""
    return compare_digest(hashlib.sha256(salt + canonical(entry_json)).digest(), committed)
