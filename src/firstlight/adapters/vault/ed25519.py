"""Checking Ed25519 signatures (RFC 8032): what an offline check needs, and no more."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from firstlight.core.kernel.checkpoint import Verify


def ed25519_verifier(public_key: bytes) -> Verify:
    """A function that checks signatures made with the private half of `public_key`.

    Raises:
        ValueError: this is no raw Ed25519 public key.
    """
    key = Ed25519PublicKey.from_public_bytes(public_key)

    def verify(message: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return verify
