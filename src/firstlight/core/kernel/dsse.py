"""A DSSE envelope and the bytes that are signed in it (DSSE protocol 1.0.2).

The signature comes from whoever holds the key, and is checked by whoever has its public half.
Opening is strict: one signature, canonical JSON, exactly the known fields, base64 in its one
canonical spelling. So no byte of an envelope can be other than what was written.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json, NotCanonical, canonical
from firstlight.core.kernel.errors import Invalid

_FIELDS = frozenset({"payload", "payloadType", "signatures"})
_SIGNATURE = frozenset({"keyid", "sig"})


class EnvelopeMisshapen(Invalid):
    """This is no envelope as it is written here."""

    code = "input.envelope_misshapen"
    next_step = "Get the file again, byte for byte; editors and mail programs may change it."


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What an envelope holds; nothing of it is to be believed before the signature is checked."""

    payload_type: str
    payload: bytes
    key_id: str
    signature: bytes

    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        return to_sign(self.payload_type, self.payload)


def to_sign(payload_type: str, payload: bytes) -> bytes:
    """PAE: "DSSEv1", then length and bytes of the type, then of the payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope(payload_type: str, payload: bytes, *, key_id: str, signature: bytes) -> bytes:
    """The envelope with one signature, as canonical JSON."""
    return envelope_of(payload_type, payload, {key_id: signature})


def envelope_of(payload_type: str, payload: bytes, signatures: Mapping[str, bytes]) -> bytes:
    """The envelope with a signature for each key, as canonical JSON."""
    return canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [
                {"keyid": key_id, "sig": base64.b64encode(signature).decode()}
                for key_id, signature in signatures.items()
            ],
        }
    )


def open_envelope(data: bytes, value: Json) -> Opened:
    """Take an envelope apart.

    Args:
        data: the file; a line end behind it is allowed
        value: the same, decoded

    Raises:
        EnvelopeMisshapen: it is not byte for byte what `envelope` writes.
    """
    try:
        same = canonical(value) == data.removesuffix(b"\n")
    except NotCanonical:
        same = False
    if not same or not isinstance(value, Mapping) or set(value) != _FIELDS:
        raise EnvelopeMisshapen
    signatures = value["signatures"]
    only = signatures[0] if isinstance(signatures, list) and len(signatures) == 1 else None
    if not isinstance(only, Mapping) or set(only) != _SIGNATURE:
        raise EnvelopeMisshapen("an envelope has one signature, with key and value")
    kind, key_id = value["payloadType"], only["keyid"]
    if not isinstance(kind, str) or not isinstance(key_id, str):
        raise EnvelopeMisshapen("the type or the key is no text")
    return Opened(
        payload_type=kind,
        payload=_bytes(value["payload"]),
        key_id=key_id,
        signature=_bytes(only["sig"]),
    )


def _bytes(value: Json) -> bytes:
    """From base64, spelled in the one way in which it is written."""
    if isinstance(value, str):
        try:
            found = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            found = b""
        if found and base64.b64encode(found).decode() == value:
            return found
    raise EnvelopeMisshapen("payload or signature is not base64 as it is written here")
