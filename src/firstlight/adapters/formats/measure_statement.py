"""Check a signed statement about a measurement offline: strict, bounded, without numpy.

Security checks, in this order, each with what it stops:

1. bounded JSON with one meaning (two readers who see two documents);
2. canonical envelope with one signature (an altered byte anywhere);
3. the key is the one that was handed over, and its signature holds (a forgery);
4. type of payload, statement and predicate (another statement of the same key passed off as this);
5. canonical payload that meets the published schema (fields that nobody looks at);
6. every figure that can be computed again without numpy (`core/measure/recheck.py`).

Not checked: that the record says what happened. With the record the statement can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import Json, NotCanonical, canonical, digest
from firstlight.core.kernel.dsse import open_envelope
from firstlight.core.measure.recheck import StatementBroken, recheck
from firstlight.core.measure.statement import PAYLOAD_TYPE, PREDICATE, STATEMENT, reference

_LIMITS = JsonLimits(size=16 << 20, depth=24, elements=500_000)
_SCHEMA = "schemas/measurement-1.0.json"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What holds."""

    payload: bytes
    reference: str
    """by which an assessment names it"""
    subject: str
    """name of the model"""
    endpoint: str
    """digest of its endpoint's description"""
    predicate: Mapping[str, Any]
    recomputed: int
    """figures that were computed again"""


def check_statement(
    data: bytes, *, public_key: bytes, verify: Callable[[bytes, bytes], bool]
) -> Statement:
    """What a statement says, once everything about it holds.

    Args:
        data: the file
        public_key: raw Ed25519 key, from elsewhere
        verify: checks one signature with that key

    Raises:
        StatementBroken: it does not hold; the message says what and where.
        Invalid: it is too large, no JSON or no envelope.
    """
    opened = open_envelope(data, decode(data, _LIMITS))
    if opened.key_id != digest(public_key):
        raise StatementBroken("the statement names another key than the one that was handed over")
    if not verify(opened.signed(), opened.signature):
        raise StatementBroken("the signature does not hold")
    if opened.payload_type != PAYLOAD_TYPE:
        raise StatementBroken("what was signed is no statement")
    body = decode(opened.payload, _LIMITS)
    _require_canonical(opened.payload, body)
    if not isinstance(body, Mapping) or body.get("_type") != STATEMENT:
        raise StatementBroken("what was signed is no in-toto statement of version 1")
    if body.get("predicateType") != PREDICATE:
        raise StatementBroken("the statement is about something else than a measurement")
    _require_schema(opened.payload)
    whole: Mapping[str, Any] = body
    predicate = whole["predicate"]
    (subject,) = whole["subject"]
    return Statement(
        payload=opened.payload,
        reference=reference(opened.payload),
        subject=subject["name"],
        endpoint=subject["digest"]["sha256"],
        predicate=predicate,
        recomputed=recheck(predicate),
    )


def schema() -> bytes:
    """The published schema of a statement."""
    return resources.files(__package__).joinpath(_SCHEMA).read_bytes()


@cache
def _validator() -> Any:  # noqa: ANN401  # the library's validator
    import jsonschema_rs  # noqa: PLC0415  # only here

    return jsonschema_rs.Draft202012Validator(json.loads(schema()))


def _require_schema(payload: bytes) -> None:
    for error in _validator().iter_errors(json.loads(payload)):
        place = "/".join(map(str, error.instance_path))
        raise StatementBroken(f"{place or 'the statement'}: {error.message[:200]}")


def _require_canonical(payload: bytes, body: Json) -> None:
    try:
        same = canonical(body) == payload
    except NotCanonical:
        same = False
    if not same:
        raise StatementBroken("what was signed is not in canonical form")
