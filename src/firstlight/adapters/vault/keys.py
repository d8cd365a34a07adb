"""Ed25519 keys in a folder of their own (RFC 8032). Private keys never leave this module.

The folder has mode 0700 and each key 0600. A key is made on first use. Backups of the database do
not contain it; the operator copies the folder to an offline medium (docs/how-to/keys.md).
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firstlight.adapters.vault.ed25519 import ed25519_verifier
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.errors import Unavailable
from firstlight.usecases.ports import Signature

__all__ = ["KeyFolder", "KeyUnreadable", "ed25519_verifier", "read_or_create"]

_PURPOSE = re.compile(r"[a-z][a-z-]{0,30}")


class KeyUnreadable(Unavailable):
    """A signing key cannot be read."""

    code = "vault.key_unreadable"
    next_step = "Check the owner and mode of the key folder; restore the key from its offline copy."


class KeyFolder:
    """Implements the `Signer` port."""

    def __init__(self, folder: Path) -> None:
        """The folder is created when it is missing."""
        self._folder = folder

    def sign(self, purpose: str, message: bytes) -> Signature:
        """Sign with the key of this purpose.

        Raises:
            KeyUnreadable: the key is there and cannot be used.
        """
        key = self._private(purpose)
        public = key.public_key().public_bytes_raw()
        return Signature(key_id=digest(public), value=key.sign(message))

    def public_key(self, purpose: str) -> bytes:
        """The raw public key, 32 bytes."""
        return self._private(purpose).public_key().public_bytes_raw()

    def _private(self, purpose: str) -> Ed25519PrivateKey:
        data = read_or_create(self._folder, f"{purpose}.pem", _new_key)
        try:
            key = serialization.load_pem_private_key(data, password=None)
        except ValueError:
            raise KeyUnreadable(f"{purpose}.pem is damaged", purpose=purpose) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnreadable(f"{purpose}.pem is no Ed25519 key", purpose=purpose)
        return key


def read_or_create(folder: Path, name: str, make: Callable[[], bytes]) -> bytes:
    """The private key in file `name` of the folder; made now, mode 0600, when there is none.

    Raises:
        KeyUnreadable: the file system refuses.
    """
    stem, _, _ = name.partition(".")
    if not _PURPOSE.fullmatch(stem):
        raise ValueError(f"{name!r} does not name a key")
    path = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _create(path, make())
        return path.read_bytes()
    except OSError as error:
        raise KeyUnreadable(f"{name}: {error.strerror}", purpose=name) from error


def _create(path: Path, data: bytes) -> None:
    """Write a new key so that two processes that start at once agree on one."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails when another process was first, and then its key counts
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _new_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
