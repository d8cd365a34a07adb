"""Commitment, secrets and openings of a suite as JSON, strictly both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.measure.commitment import (
    CommitmentBroken,
    Committed,
    Opening,
    TaskSecret,
)

COMMITMENT = "firstlight-suite-commitment-1"
SECRETS = "firstlight-suite-secrets-1"
OPENING = "firstlight-suite-opening-1"
_LIMITS = JsonLimits(size=64 << 20, depth=8, elements=1_000_000)


class _Wire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Exactly the named fields."""


class _Committed(_Wire):
    format: str
    suite: str
    version: str
    size: int
    root: str


class _Secret(_Wire):
    task: str
    digest: str
    salt: str


class _Secrets(_Wire):
    format: str
    suite: str
    version: str
    tasks: list[_Secret]


class _Opening(_Wire):
    format: str
    task: str
    digest: str
    salt: str
    index: int
    path: list[str]


class _Named(msgspec.Struct, kw_only=True, frozen=True):
    format: str


_Kind = TypeVar("_Kind", _Committed, _Secrets, _Opening)


def write_commitment(committed: Committed) -> bytes:
    """What is published."""
    return _written({"format": COMMITMENT, **committed.to_json()})


def read_commitment(data: bytes) -> Committed:
    """A published commitment. Raises CommitmentBroken, Invalid."""
    wire = _read(data, _Committed, COMMITMENT)
    return Committed(suite=wire.suite, version=wire.version, size=wire.size, root=wire.root)


def write_secrets(suite: str, version: str, secrets: Sequence[TaskSecret]) -> bytes:
    """What the suite's owner keeps."""
    rows: list[Json] = [
        {"task": each.task, "digest": each.digest, "salt": each.salt.hex()} for each in secrets
    ]
    return _written({"format": SECRETS, "suite": suite, "version": version, "tasks": rows})


def read_secrets(data: bytes) -> tuple[str, str, list[TaskSecret]]:
    """Suite, version and what is kept of each task. Raises CommitmentBroken, Invalid."""
    wire = _read(data, _Secrets, SECRETS)
    tasks = [
        TaskSecret(task=each.task, digest=each.digest, salt=_bytes(each.salt))
        for each in wire.tasks
    ]
    return wire.suite, wire.version, tasks


def write_opening(opening: Opening) -> bytes:
    """What shows one task."""
    path: list[Json] = [node.hex() for node in opening.path]
    return _written(
        {
            "format": OPENING,
            "task": opening.task,
            "digest": opening.digest,
            "salt": opening.salt.hex(),
            "index": opening.index,
            "path": path,
        }
    )


def read_opening(data: bytes) -> Opening:
    """An opening. Raises CommitmentBroken, Invalid."""
    wire = _read(data, _Opening, OPENING)
    return Opening(
        task=wire.task,
        digest=wire.digest,
        salt=_bytes(wire.salt),
        index=wire.index,
        path=tuple(_bytes(node) for node in wire.path),
    )


def _written(value: Mapping[str, Json]) -> bytes:
    return canonical(value) + b"\n"


def _read(data: bytes, kind: type[_Kind], wanted: str) -> _Kind:
    """Strictly; the format is looked at first, so that the wrong file is called so."""
    value = decode(data, _LIMITS)
    try:
        named = msgspec.convert(value, _Named).format
        if named != wanted:
            raise CommitmentBroken(f"this is {named[:60]!r}, and {wanted!r} is needed")
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise CommitmentBroken(f"the file: {str(error)[:200]}") from None


def _bytes(text: str) -> bytes:
    """From lower-case hex.

    Raises:
        CommitmentBroken: it is something else.
    """
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if found.hex() != text:
        raise CommitmentBroken("a salt or a hash is not lower-case hex")
    return found
