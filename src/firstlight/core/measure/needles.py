"""What a leak of a task is searched for by: pieces of its text, in the encodings that tools use.

Pieces are what was drawn for one program and stands nowhere else: its canary, its drawn names, the
sentence of the instruction. The templates around them are public and would find themselves.

Encodings: as it is (UTF-8), UTF-16 in both orders, hexadecimal in both cases, base64 at its three
alignments (the alphabet for addresses as well), rotated by 13, and backwards. What is compressed
has to be unpacked before it is searched; what is encrypted cannot be.
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

LEAST_BYTES = 8
"""of a piece; a shorter one would be found by chance"""


@dataclass(frozen=True, kw_only=True)
class Needle:
    """One byte string that stands nowhere by chance."""

    piece: str
    """a short digest would do; the piece itself never leaves the search"""
    encoding: str
    """how it is written"""
    data: bytes
    """what is looked for"""


def needles(pieces: Iterable[str]) -> tuple[Needle, ...]:
    """Every piece in every encoding.

    Raises:
        ValueError: a piece is so short that it would be found by chance.
    """
    found: dict[bytes, Needle] = {}
    for piece in pieces:
        plain = piece.encode()
        if len(plain) < LEAST_BYTES:
            raise ValueError(f"a piece has at least {LEAST_BYTES} bytes")
        for encoding, data in _written(plain):
            found.setdefault(data, Needle(piece=piece, encoding=encoding, data=data))
    return tuple(found.values())


def _written(plain: bytes) -> Iterator[tuple[str, bytes]]:
    text = plain.decode()
    yield "as it is", plain
    yield "backwards", plain[::-1]
    yield "rotated by 13", codecs.encode(text, "rot13").encode()
    for name in ("utf-16-le", "utf-16-be"):
        yield name, text.encode(name)
    yield "hexadecimal", plain.hex().encode()
    yield "hexadecimal", plain.hex().upper().encode()
    for shift in range(3):
        inner = _aligned(plain, shift)
        yield "base64", inner
        yield "base64 for addresses", inner.translate(_FOR_ADDRESSES)


_FOR_ADDRESSES = bytes.maketrans(b"+/", b"-_")


def _aligned(plain: bytes, shift: int) -> bytes:
    """The characters that `plain` alone decides when `shift` bytes of a group stand before it."""
    lead = -shift % 3
    whole = plain[lead:]
    return base64.b64encode(whole[: len(whole) // 3 * 3])


def pieces(files: Mapping[str, bytes], drawn: Iterable[str]) -> tuple[str, ...]:
    """The drawn words of a task that are long enough, and that do stand in its files."""
    text = b"\n".join(files.values())
    return tuple(
        dict.fromkeys(
            word for word in drawn if len(word.encode()) >= LEAST_BYTES and word.encode() in text
        )
    )
