"""The form of a sealed document: a wrapped data key, then chunks in the STREAM construction.

    header   "FLSEAL" | version (2 bytes) | key fingerprint (16)          24 bytes
    wrapped  nonce (12) | AES-256-GCM(wrapping key, data key)             60 bytes
    chunks   AES-256-GCM(data key, 65,536 bytes of content), the last may be shorter

1. *A document in another's place.* The wrap authenticates header, engagement, document identifier
   and context, each with its length, as associated data.
2. *Chunks swapped, repeated, left out.* The nonce of a chunk is its number (11 bytes, big-endian).
3. *Cut at a chunk's end, or something added.* The nonce's last byte is 1 for the last chunk and 0
   for each other. The last chunk is empty only when the document is.

A data key is drawn anew for each sealing, so a counter as nonce never repeats under one key.
Source: Hoang, Reyhanitabar, Rogaway, Vizar, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance" (2015), section 7; NIST SP 800-38D for GCM.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from firstlight.core.kernel.errors import TooLarge
from firstlight.usecases.ports.sealed import MAX_DOCUMENT_BYTES, SealBroken

CHUNK_BYTES = 1 << 16
KEY_BYTES = 32
FINGERPRINT_BYTES = 16
_MAGIC = b"FLSEAL\x00\x01"
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_MAGIC) + FINGERPRINT_BYTES
_WRAPPED_BYTES = _NONCE_BYTES + KEY_BYTES + _TAG_BYTES
PREFIX_BYTES = _HEADER_BYTES + _WRAPPED_BYTES

Buffer = bytes | memoryview


def encrypt(
    wrapping_key: bytes, fingerprint: bytes, bound: tuple[bytes, ...], parts: Iterable[bytes]
) -> Iterator[bytes]:
    """Seal `parts`, whose borders do not matter.

    Args:
        wrapping_key: 32 bytes
        fingerprint: names the wrapping key to who opens
        bound: what the content is bound to, in this order
        parts: the content

    Raises:
        TooLarge: there is more content than one document may have.
    """
    data_key = AESGCM.generate_key(bit_length=8 * KEY_BYTES)
    header = _MAGIC + fingerprint
    nonce = secrets.token_bytes(_NONCE_BYTES)
    wrapped = AESGCM(wrapping_key).encrypt(nonce, data_key, _associated(header, bound))
    yield header + nonce + wrapped
    cipher = AESGCM(data_key)
    done = 0
    for number, (chunk, last) in enumerate(_chunks(parts, CHUNK_BYTES)):
        done += len(chunk)
        if done > MAX_DOCUMENT_BYTES:
            raise TooLarge("the document is too large to be sealed", limit=MAX_DOCUMENT_BYTES)
        yield cipher.encrypt(_nonce(number, last=last), chunk, None)


def decrypt(
    wrapping_key: bytes, fingerprint: bytes, bound: tuple[bytes, ...], parts: Iterable[bytes]
) -> Iterator[bytes]:
    """Open what `encrypt` made; the arguments are the same.

    Raises:
        SealBroken: another key, another binding, or altered, cut, reordered bytes.
    """
    pieces = iter(parts)
    prefix, rest = _take(pieces, PREFIX_BYTES)
    header, nonce, wrapped = _split(prefix)
    if not header.startswith(_MAGIC):
        raise SealBroken("this is no sealed document of a known version")
    if header != _MAGIC + fingerprint:
        raise SealBroken("this was not sealed with the key that the engagement has now")
    data_key = _open(AESGCM(wrapping_key), nonce, wrapped, _associated(header, bound))
    cipher = AESGCM(data_key)
    size = CHUNK_BYTES + _TAG_BYTES
    for number, (chunk, last) in enumerate(_chunks(chain([rest], pieces), size)):
        yield _open(cipher, _nonce(number, last=last), chunk, None)


def _open(cipher: AESGCM, nonce: bytes, data: Buffer, associated: bytes | None) -> bytes:
    try:
        return cipher.decrypt(nonce, data, associated)
    except InvalidTag:
        raise SealBroken from None


def _associated(header: bytes, bound: tuple[bytes, ...]) -> bytes:
    """Each part with its length before it, so that no two bindings give the same bytes."""
    return b"".join(len(part).to_bytes(4) + part for part in (header, *bound))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NONCE_BYTES - 1) + bytes([last])


def _take(pieces: Iterator[bytes], count: int) -> tuple[bytes, Buffer]:
    """The first `count` bytes, and what else the last piece held.

    Raises:
        SealBroken: there are fewer.
    """
    first = b""
    for piece in pieces:
        missing = count - len(first)
        first += piece[:missing]
        if len(first) == count:
            return first, memoryview(piece)[missing:]
    raise SealBroken("the sealed document is cut")


def _split(prefix: bytes) -> tuple[bytes, bytes, bytes]:
    """Header, nonce and wrapped data key."""
    end = _HEADER_BYTES + _NONCE_BYTES
    return prefix[:_HEADER_BYTES], prefix[_HEADER_BYTES:end], prefix[end:]


def _chunks(parts: Iterable[Buffer], size: int) -> Iterator[tuple[Buffer, bool]]:
    """Cut anew into pieces of `size`, each with whether it is the last; at most one is held."""
    held = bytearray()
    for part in parts:
        view = memoryview(part)
        while view:
            if len(held) == size:
                yield bytes(held), False
                held.clear()
            if not held and len(view) > size:
                yield view[:size], False
                view = view[size:]
                continue
            room = size - len(held)
            held += view[:room]
            view = view[room:]
    yield bytes(held), True
