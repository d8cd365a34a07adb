"""A DSSE envelope and the bytes that are signed in it (DSSE protocol 1.0.2).

The signature comes from whoever holds the key.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from firstlight.core.kernel.canonical import canonical

RECEIPT_TYPE = "application/vnd.firstlight.review-receipt+json"
ACT_TYPE = "application/vnd.firstlight.review-act+json"


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
