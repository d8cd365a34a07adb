"""OpenPGP signatures, each made once and kept by the digest of what it signs.

A signature carries its time and a salt, so a second one differs. Kept in the confidential zone, it
is copied back whenever the public zone is written again, and the zone comes out identical.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Protocol

from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.errors import Unavailable


class Certificate(Protocol):
    """What readers check signatures with."""

    @property
    def fingerprint(self) -> str:
        """In hexadecimal digits."""
        ...

    @property
    def armored(self) -> bytes:
        """As a file."""
        ...


class DocumentKey(Protocol):
    """An OpenPGP key that never leaves the vault. Its methods raise Unavailable without it."""

    def sign(self, document: bytes) -> bytes:
        """A detached signature in ASCII armour."""
        ...

    def made_by_us(self, document: bytes, signature: bytes) -> bool:
        """Whether it is a signature of this key over these bytes."""
        ...

    def certificate(self) -> Certificate:
        """The public half."""
        ...


class SignaturesUnwritable(Unavailable):
    """The folder of kept signatures cannot be used."""

    code = "publication.signatures_unwritable"
    next_step = "Check free space and the folder's owner; publication is tried again by itself."


class KeptSignatures:
    """Signs a document, or gives the signature that it has."""

    def __init__(self, key: DocumentKey, folder: Path) -> None:
        """`folder` is created when it is missing; it holds nothing secret."""
        self._key = key
        self._folder = folder

    @property
    def certificate(self) -> Certificate:
        """The public half of the key."""
        return self._key.certificate()

    def __call__(self, document: bytes) -> bytes:
        """The signature. One by a former key, or one that was damaged, is made again.

        Raises:
            SignaturesUnwritable: the file system refuses.
            Unavailable: the key cannot be used.
        """
        name = digest(document)
        path = self._folder / name[:2] / f"{name}.asc"
        try:
            kept = path.read_bytes() if path.exists() else b""
            if kept and self._key.made_by_us(document, kept):
                return kept
            made = self._key.sign(document)
            _write(path, made)
        except OSError as error:
            raise SignaturesUnwritable(f"{path.name}: {error.strerror}") from error
        return made


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, but not durably: a signature that a power cut takes is made again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    fresh.write_bytes(content)
    fresh.replace(path)
