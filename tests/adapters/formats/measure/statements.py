"""Signed statements, true ones and ones that lie in one place and are signed again."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.core.measure.measure_samples import plan, threshold, usual

from firstlight.adapters.formats.measure_record import record_digest
from firstlight.core.kernel.canonical import canonical, digest
from firstlight.core.kernel.dsse import envelope, to_sign
from firstlight.core.measure.designation import designate
from firstlight.core.measure.results import results
from firstlight.core.measure.statement import PAYLOAD_TYPE, statement

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()


@cache
def payload() -> bytes:
    """About the usual run, with a designation."""
    run = usual()
    found = designate(run, threshold(), plan(), known_by=threshold().digest())
    made = statement(run, results(run), record_digest=record_digest(run), designation=found)
    return made.payload


def signed(body: bytes, *, key: Ed25519PrivateKey = KEY, kind: str = PAYLOAD_TYPE) -> bytes:
    """In an envelope."""
    return envelope(
        kind,
        body,
        key_id=digest(key.public_key().public_bytes_raw()),
        signature=key.sign(to_sign(kind, body)),
    )


def changed(change: Callable[[Any], None]) -> bytes:
    """The statement with a change in it, signed by the right key all the same."""
    body = json.loads(payload())
    change(body)
    return signed(canonical(body))
