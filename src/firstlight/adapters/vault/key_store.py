"""Keys of engagements: one file each in a folder that is in no database and no backup.

    <engagement>.key        magic (8) | key (32) | fingerprint (16), mode 0600
    <engagement>.destroyed  a tombstone, JSON: no key is made here again
    .lock                   held while a key is made or destroyed

Order of a destruction, each step durable before the next: tombstone, overwrite, unlink. From the
first step on nothing is opened; whoever asks again finishes what a crash cut off. Keys are read
anew for each use and kept nowhere, so a destruction counts at once in every process.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from firstlight.adapters.vault.stream import FINGERPRINT_BYTES, KEY_BYTES
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.clock import Instant
from firstlight.usecases.ports.sealed import KeyDestroyed, KeyMissing, VaultUnusable

_MAGIC = b"FLKEY\x00\x00\x01"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, kw_only=True, repr=False)
class EngagementKey:
    """What is derived from an engagement's key (HKDF-SHA-256, RFC 5869). Never printed."""

    wrapping: bytes
    """wraps the documents' keys"""
    fingerprint: bytes
    """names the key without telling it"""

    @classmethod
    def derive(cls, secret: bytes) -> EngagementKey:
        """From the 32 bytes in the file."""
        return cls(
            wrapping=_derived(secret, b"firstlight vault: wrapping key, version 1", KEY_BYTES),
            fingerprint=_derived(
                secret, b"firstlight vault: fingerprint, version 1", FINGERPRINT_BYTES
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """That an engagement's key was destroyed."""

    asked_at: Instant
    keys: tuple[str, ...]
    """fingerprints in hex; empty when there was no key"""


class KeyStore:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        """The folder is created, with mode 0700, when a key is made."""
        self._folder = folder

    def get(self, engagement: str) -> EngagementKey:
        """The key.

        Raises:
            KeyDestroyed: there was one.
            KeyMissing: there is none.
            VaultUnusable: it cannot be read.
        """
        path = self._path(engagement, "key")
        with _border(engagement):
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                data = None
            # After the reading: a tombstone that appears meanwhile is seen.
            if self._path(engagement, "destroyed").exists():
                raise KeyDestroyed(engagement=engagement)
        if data is None:
            raise KeyMissing(engagement=engagement)
        key = EngagementKey.derive(data[len(_MAGIC) : len(_MAGIC) + KEY_BYTES])
        if not compare_digest(data, _file_of(data, key)):
            raise VaultUnusable("the engagement's key is damaged", engagement=engagement)
        return key

    def get_or_create(self, engagement: str) -> EngagementKey:
        """The key, made now when there is none. Raises as `get`, without KeyMissing."""
        try:
            return self.get(engagement)
        except KeyMissing:
            with _border(engagement), self._locked():
                if not self._there(engagement):
                    self._create(engagement)
        return self.get(engagement)

    def destroy(self, engagement: str, at: Instant) -> Tombstone:
        """Overwrite and remove the key, for good. Raises VaultUnusable."""
        with _border(engagement), self._locked():
            stone = self._tombstone(engagement, at)
            pattern = f".{engagement}.*.part"
            for path in (self._path(engagement, "key"), *self._folder.glob(pattern)):
                _shred(path)
            _sync(self._folder)
        return stone

    def _there(self, engagement: str) -> bool:
        return any(self._path(engagement, kind).exists() for kind in ("key", "destroyed"))

    def _create(self, engagement: str) -> None:
        secret = secrets.token_bytes(KEY_BYTES)
        fingerprint = EngagementKey.derive(secret).fingerprint
        self._write(engagement, "key", _MAGIC + secret + fingerprint)

    def _tombstone(self, engagement: str, at: Instant) -> Tombstone:
        """The one that is there, or a new one."""
        path = self._path(engagement, "destroyed")
        if not path.exists():
            keys = self._fingerprints(engagement)
            body = canonical({"askedAt": str(at), "keys": list(keys)})
            self._write(engagement, "destroyed", body)
        try:
            found = json.loads(path.read_bytes())
            return Tombstone(asked_at=Instant.parse(found["askedAt"]), keys=tuple(found["keys"]))
        except (ValueError, KeyError, TypeError):
            raise VaultUnusable("a record of destruction is damaged", file=path.name) from None

    def _fingerprints(self, engagement: str) -> tuple[str, ...]:
        """Of the key that is there; a damaged one is destroyed too, under the name it bears."""
        try:
            data = self._path(engagement, "key").read_bytes()
        except FileNotFoundError:
            return ()
        return (data[-FINGERPRINT_BYTES:].hex(),)

    def _write(self, engagement: str, kind: str, data: bytes) -> None:
        """Whole or not at all; the caller holds the lock."""
        part = self._folder / f".{engagement}.{secrets.token_hex(8)}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self._path(engagement, kind))
        _sync(self._folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time; the lock goes with the process that held it."""
        if not self._folder.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(self._folder.parent)
        descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _path(self, engagement: str, kind: str) -> Path:
        if not _NAME.fullmatch(engagement):
            raise ValueError(f"{engagement[:80]!r} does not name an engagement")
        return self._folder / f"{engagement}.{kind}"


def _derived(secret: bytes, purpose: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=purpose).derive(secret)


def _file_of(data: bytes, key: EngagementKey) -> bytes:
    """What the file must hold when the key in it is whole."""
    return _MAGIC + data[len(_MAGIC) : len(_MAGIC) + KEY_BYTES] + key.fingerprint


def _shred(path: Path) -> None:
    """Overwrite in place, then remove. What the disk keeps elsewhere is out of reach."""
    try:
        with path.open("r+b", buffering=0) as file:
            file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return


def _sync(folder: Path) -> None:
    """Make names that came or went durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _border(engagement: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VaultUnusable(
            f"the vault's folder: {error.strerror}", engagement=engagement
        ) from error
