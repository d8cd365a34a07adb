"""Bounded gzip: catalogues are published compressed, and a small file can unpack without end."""

from __future__ import annotations

import zlib

from firstlight.core.kernel.errors import Invalid, TooLarge

_MAGIC = b"\x1f\x8b"
_GZIP = 16 + zlib.MAX_WBITS
"""tells zlib to expect a gzip header and to check the CRC at the end"""


def unpack(data: bytes, *, limit: int, source: str) -> bytes:
    """`data` itself, or its content when it is a gzip file; at most `limit` bytes.

    Raises:
        TooLarge: it is larger than `limit`, packed or unpacked.
        Invalid: the gzip file is damaged, cut off, or followed by something else.
    """
    if len(data) > limit:
        raise TooLarge(f"{source} is larger than {limit} bytes", limit=limit, size=len(data))
    if not data.startswith(_MAGIC):
        return data
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        # One byte more than allowed tells "exactly full" from "too large".
        unpacked = unpacker.decompress(data, limit + 1)
    except zlib.error as error:
        raise Invalid(f"{source} is a damaged gzip file: {error}", source=source) from None
    if len(unpacked) > limit:
        raise TooLarge(f"{source} unpacks to more than {limit} bytes", limit=limit)
    if not unpacker.eof:
        raise Invalid(f"{source} is a gzip file that was cut off", source=source)
    if unpacker.unused_data:
        raise Invalid(f"{source} has something after its gzip content", source=source)
    return unpacked
