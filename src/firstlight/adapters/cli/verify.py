"""Check a ledger export offline: bounded, strict, without Django and without a database.

What is checked here, before and around the proofs of `kernel.bundle`:

1. the file is bounded, and JSON with one meaning (no key twice, no half characters);
2. it is in canonical form (RFC 8785) with exactly the known fields, so that no byte of it can be
   other than what was exported, and nothing stands in it that no proof covers;
3. every hash is lower-case hex and every signature canonical base64, for the same reason;
4. the key in it is the one that was handed over, where one was.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.adapters.vault.ed25519 import ed25519_verifier
from firstlight.core.kernel.bundle import Verified, verify_bundle
from firstlight.core.kernel.canonical import Json, NotCanonical, canonical
from firstlight.core.kernel.checkpoint import parse_verifier_key, verifier_key
from firstlight.core.kernel.ledger import LedgerBroken

_LIMITS = JsonLimits(size=64 << 20, depth=40, elements=4_000_000)
_FIELDS = frozenset({"format", "verifier_key", "checkpoint", "entries", "history"})
_ENTRY = frozenset({"index", "entry", "salt", "commitment", "inclusion"})
_OLDER = frozenset({"checkpoint", "consistency"})
_HEX = re.compile(r"[0-9a-f]*")


@dataclass(frozen=True, kw_only=True)
class Proved:
    """What holds, and under which key."""

    verified: Verified
    fingerprint: str
    """SHA-256 (hex) of the ledger's public key"""


def verify_export(data: bytes, key: str | None) -> Proved:
    """Check an export.

    Args:
        data: the file
        key: printable verifier key from elsewhere; None takes the one in the file

    Raises:
        LedgerBroken: it does not hold; the sentence says what and where.
        Invalid: it is too large or no JSON, so it is no export at all.
    """
    bundle = _object(decode(data, _LIMITS), _FIELDS, "the export")
    _require_canonical(data, bundle)
    stated = str(bundle["verifier_key"])
    name, public_key = parse_verifier_key(key if key is not None else stated)
    if stated != verifier_key(name, public_key):
        raise LedgerBroken("the export names another key than the one that was handed over")
    _require_exact(bundle)
    try:
        verify = ed25519_verifier(public_key)
    except ValueError:
        raise LedgerBroken("the verifier key is no Ed25519 key") from None
    return Proved(
        verified=verify_bundle(bundle, name=name, public_key=public_key, verify=verify),
        fingerprint=hashlib.sha256(public_key).hexdigest(),
    )


def _require_canonical(data: bytes, bundle: Mapping[str, Json]) -> None:
    try:
        same = canonical(bundle) == data.removesuffix(b"\n")
    except NotCanonical:
        same = False
    if not same:
        raise LedgerBroken("the file is not byte for byte what an export writes")


def _require_exact(bundle: Mapping[str, Json]) -> None:
    _require_signature_form(bundle["checkpoint"])
    for row in _rows(bundle["entries"]):
        entry = _object(row, _ENTRY, "an entry")
        _require_hex(entry["salt"], entry["commitment"], *_rows(entry["inclusion"]))
    for row in _rows(bundle["history"]):
        older = _object(row, _OLDER, "an earlier checkpoint")
        _require_signature_form(older["checkpoint"])
        _require_hex(*_rows(older["consistency"]))


def _require_signature_form(note: Json) -> None:
    """The last word of a note is base64 in its one canonical spelling."""
    word = str(note).removesuffix("\n").rpartition(" ")[2]
    try:
        spelled = base64.b64encode(base64.b64decode(word, validate=True)).decode()
    except (binascii.Error, ValueError):
        spelled = ""
    if spelled != word or not str(note).endswith("\n"):
        raise LedgerBroken("the signature of a checkpoint is misspelt")


def _require_hex(*values: Json) -> None:
    for value in values:
        if not isinstance(value, str) or not _HEX.fullmatch(value):
            raise LedgerBroken("a hash is not lower-case hex")


def _object(value: Json, fields: frozenset[str], what: str) -> Mapping[str, Json]:
    if not isinstance(value, Mapping) or set(value) != fields:
        raise LedgerBroken(f"{what} does not have exactly the fields {', '.join(sorted(fields))}")
    return value


def _rows(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise LedgerBroken("the export is malformed: a list is missing")
    return value
