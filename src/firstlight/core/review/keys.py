"""A reviewer's key to the gateway: what is kept of it, and its number among the grant's keys.

A key has 256 random bits, so its plain SHA-256 cannot be guessed back; the key itself is shown
once and kept nowhere. A grant has one key at a time: a new one replaces the one before, and what
the old one began ends.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.review.ids import GrantId

PREFIX = "flg_"
"""lets scanners for leaked secrets recognise one"""
KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class GrantKey:
    """What is kept of a key."""

    grant: GrantId
    number: int
    """1 for the first, one more for each that replaced it"""
    digest: str
    """SHA-256 (hex) of the key"""
    made_at: Instant


def write_key(randomness: bytes) -> str:
    """The key of these 32 random bytes, as it is shown."""
    if len(randomness) != KEY_BYTES:
        raise ValueError(f"a key is made of {KEY_BYTES} random bytes")
    return PREFIX + base64.urlsafe_b64encode(randomness).decode("ascii").rstrip("=")


def key_digest(key: str) -> str:
    """What is kept of it, and looked up by."""
    return digest(key.encode())
