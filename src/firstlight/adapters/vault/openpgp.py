"""The OpenPGP key (RFC 9580) beside the other keys: one Ed25519 certificate of version 4.

It signs documents for readers whose tools know OpenPGP only, as CSAF asks. The file has mode 0600,
is made on first use and belongs into the same offline copies as the other keys. Version 4, because
GnuPG 2.2 and the CSAF clients check no newer one yet. The certificate does not expire: an expiry
that nobody renews would make every document look forged on one day.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pysequoia

from firstlight.adapters.vault.keys import KeyUnreadable, read_or_create

_NAME = "openpgp"
_FAILURES = (RuntimeError, ValueError)
"""what the library raises for bytes that are no key, and for a signature that does not hold"""


class PublicCertificate(NamedTuple):
    """What readers check with."""

    fingerprint: str
    """40 hexadecimal digits in capitals"""
    armored: bytes


class OpenPgpKey:
    """Signs with `openpgp.asc` of the key folder. The private half never leaves this module."""

    def __init__(self, folder: Path, user: str) -> None:
        """`user` names the publisher in a new certificate, as `Name <address>` or `Name`."""
        self._folder = folder
        self._user = user

    def sign(self, document: bytes) -> bytes:
        """A detached signature in ASCII armour.

        Raises:
            KeyUnreadable: the key is there and cannot be used.
        """
        signer = self._key().signer()
        mode = pysequoia.SignatureMode.DETACHED
        return pysequoia.sign(signer, document, mode=mode).replace(b"\r\n", b"\n")

    def made_by_us(self, document: bytes, signature: bytes) -> bool:
        """Whether `signature` is one of this key over these bytes."""
        certificate = self._key().extract_certificate()
        try:
            pysequoia.verify(
                bytes=document,
                store=lambda _: [certificate],
                signature=pysequoia.Sig.from_bytes(signature),
            )
        except _FAILURES:
            return False
        return True

    def certificate(self) -> PublicCertificate:
        """The public half.

        Raises:
            KeyUnreadable: the key is there and cannot be used.
        """
        certificate = self._key().extract_certificate()
        armored = str(certificate).replace("\r\n", "\n").encode()
        return PublicCertificate(fingerprint=certificate.fingerprint.upper(), armored=armored)

    def _key(self) -> pysequoia.Tsk:
        data = read_or_create(self._folder, f"{_NAME}.asc", self._new)
        try:
            return pysequoia.Tsk.from_bytes(data)
        except _FAILURES:
            raise KeyUnreadable(f"{_NAME}.asc is damaged", purpose=_NAME) from None

    def _new(self) -> bytes:
        made = pysequoia.Tsk.generate(user_id=self._user, profile=pysequoia.Profile.RFC4880)
        return str(made).encode()
