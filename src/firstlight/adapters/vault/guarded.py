"""The secrets of this installation, for the outbound guard, which keeps their digests alone."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from firstlight.adapters.vault.keys import KeyUnreadable

_LEAST_CHARACTERS = 12
"""a shorter one would be found by chance"""
_SEED_BYTES = 32
_MOST_BYTES = 64 << 10
_ARMOUR = re.compile(rb"-----[A-Z0-9 ]+-----")


def secrets_of(folder: Path, settings: Iterable[str]) -> Iterator[bytes]:
    """Each secret in the forms in which it could leave.

    Args:
        folder: of private keys; what is directly in it, as text and as bytes
        settings: tokens, and addresses that may hold a password

    Raises:
        KeyUnreadable: a file is there and cannot be read.
    """
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.is_file():
            yield from _of_file(path)
    for value in settings:
        password = urlsplit(value).password if "://" in value else value
        if password and len(password) >= _LEAST_CHARACTERS:
            yield password.encode()


def _of_file(path: Path) -> Iterator[bytes]:
    try:
        data = path.read_bytes()[:_MOST_BYTES]
    except OSError as error:
        raise KeyUnreadable(f"{path.name}: {error.strerror}", purpose=path.name) from error
    armoured = _ARMOUR.search(data) is not None
    lines = [line.strip() for line in _ARMOUR.sub(b"", data).splitlines()]
    yield from (line for line in lines if len(line) >= _LEAST_CHARACTERS)
    if armoured:
        try:
            raw = base64.b64decode(b"".join(lines), validate=True)
        except binascii.Error:
            return
        yield raw
        yield raw[-_SEED_BYTES:]  # of an Ed25519 key (RFC 8410) the key itself
