"""Checkpoints of the ledger as signed notes (C2SP signed-note and tlog-checkpoint, 2024).

A note is a text, an empty line and signature lines. The text of a checkpoint has three lines:
origin, number of leaves, root in base64. Any witness that reads the format can check one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from firstlight.core.kernel.ledger import LedgerBroken

_ED25519 = b"\x01"
_KEY_HASH_BYTES = 4
_ROOT_BYTES = 32
_MAX_NOTE_CHARACTERS = 4096
_DASH = "\u2014 "

Verify = Callable[[bytes, bytes], bool]
"""message, signature -> whether the ledger's public key made it"""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What the ledger commits to at one size."""

    origin: str
    """names the ledger; no spaces"""
    size: int
    root: bytes

    def text(self) -> str:
        """The signed text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_hash(name: str, public_key: bytes) -> bytes:
    """The four bytes that tell keys apart: SHA-256(name || LF || 0x01 || key), cut."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public_key).digest()[:_KEY_HASH_BYTES]


def verifier_key(name: str, public_key: bytes) -> str:
    """The printable form `name+hash+key` that is given to verifiers."""
    encoded = base64.b64encode(_ED25519 + public_key).decode()
    return f"{name}+{key_hash(name, public_key).hex()}+{encoded}"


def parse_verifier_key(text: str) -> tuple[str, bytes]:
    """Name and raw public key of a printable verifier key.

    Raises:
        LedgerBroken: it is not one, or its hash does not fit.
    """
    try:
        name, digest_hex, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error):
        raise LedgerBroken("this is no verifier key", hint="It looks like name+hash+key.") from None
    if raw[:1] != _ED25519 or key_hash(name, raw[1:]).hex() != digest_hex:
        raise LedgerBroken("the verifier key does not fit its own hash")
    return name, raw[1:]


def sign_note(checkpoint: Checkpoint, public_key: bytes, signature: bytes) -> str:
    """The signed note; `signature` is Ed25519 over `checkpoint.text()`."""
    blob = key_hash(checkpoint.origin, public_key) + signature
    line = f"{_DASH}{checkpoint.origin} {base64.b64encode(blob).decode()}\n"
    return checkpoint.text() + "\n" + line


def open_note(note: str, *, name: str, public_key: bytes, verify: Verify) -> Checkpoint:
    """The checkpoint of a note, once the named key's signature has been found right.

    Raises:
        LedgerBroken: malformed, another ledger's, or not signed by this key.
    """
    if len(note) > _MAX_NOTE_CHARACTERS:
        raise LedgerBroken("the checkpoint is too long to be one")
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    parts = text.split("\n")
    if not separator or len(parts) != 4 or not parts[1].isdigit():  # noqa: PLR2004 # three lines
        raise LedgerBroken("the checkpoint is malformed")
    for line in signatures.splitlines():
        signer, _, encoded = line.removeprefix(_DASH).partition(" ")
        try:
            blob = base64.b64decode(encoded, validate=True)
            root = base64.b64decode(parts[2], validate=True)
        except (binascii.Error, ValueError):
            raise LedgerBroken("the checkpoint is not base64 where it should be") from None
        ours = signer == name and blob[:_KEY_HASH_BYTES] == key_hash(name, public_key)
        if ours and verify(text.encode(), blob[_KEY_HASH_BYTES:]):
            if parts[0] != name or len(root) != _ROOT_BYTES:
                raise LedgerBroken(f"the checkpoint is of another ledger: {parts[0][:80]!r}")
            return Checkpoint(origin=parts[0], size=int(parts[1]), root=root)
    raise LedgerBroken("the checkpoint is not signed by the expected key")
