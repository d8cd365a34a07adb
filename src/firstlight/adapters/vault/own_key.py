"""A developer's own signing key, on the developer's machine and nowhere else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from firstlight.core.kernel.errors import Conflict, Invalid, Refused

_LONGEST = 10_000
"""bytes; a PEM file of this kind has 119"""


class OwnKeyOpen(Refused):
    """Others can read the file with the key."""

    code = "vault.own_key_open"
    next_step = "chmod 600 the file; if others had access, make a new key and tell your partners."


class OwnKey:
    """An Ed25519 key (RFC 8032) in a PEM file of mode 0600."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Use `read` or `create`."""
        self._key = key

    @classmethod
    def read(cls, path: str) -> OwnKey:
        """The key of a file.

        Raises:
            Invalid: it cannot be read, or holds no such key.
            OwnKeyOpen: others can read it.
        """
        try:
            with Path(path).open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                data = file.read(_LONGEST)
        except OSError as error:
            raise Invalid(f"{path}: {error.strerror}", hint="Check name and mode.") from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise OwnKeyOpen(f"{path} has mode {mode:04o}")
        try:
            key = serialization.load_pem_private_key(data, password=None)
        except (ValueError, TypeError):
            raise Invalid(f"{path} holds no key that can be read", field="key") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise Invalid(f"{path} holds no Ed25519 key", field="key")
        return cls(key)

    @classmethod
    def create(cls, path: str) -> OwnKey:
        """A new key in a new file.

        Raises:
            Conflict: the file exists.
            Invalid: it cannot be written.
        """
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Conflict(f"{path} exists", hint="Name another file.") from None
        except OSError as error:
            raise Invalid(f"{path}: {error.strerror}", hint="Name another file.") from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        return cls(key)

    @property
    def public_key(self) -> bytes:
        """The raw public key, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sign."""
        return self._key.sign(message)
