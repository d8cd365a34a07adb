"""The specification of a behaviour as JSON, strictly both ways; a result is written alone.

On file it is indented, because people edit it. Its digest is that of the canonical form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import Json
from firstlight.core.measure.behaviour.result import FORMAT as RESULT
from firstlight.core.measure.behaviour.result import BehaviourRun
from firstlight.core.measure.behaviour.specification import (
    FORMAT,
    Item,
    Part,
    Rule,
    Specification,
    SpecificationInvalid,
    checked,
)

_LIMITS = JsonLimits(size=8 << 20, depth=8, elements=50_000)
_RESULT_LIMITS = JsonLimits(size=64 << 20, depth=10, elements=2_000_000)


class _Wire(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Exactly the named fields."""


class _Rule(_Wire):
    id: str
    says: str
    broken_when: str
    kept_when: str


class _Item(_Wire):
    id: str
    part: Part
    rule: str
    turns: list[str]
    twin: str


class _Specification(_Wire):
    format: str
    name: str
    version: int
    follows: str
    made_by: str
    scripted: bool
    paragraph: str
    rules: list[_Rule]
    items: list[_Item]


def write_specification(found: Specification) -> bytes:
    """For a person to read and to edit."""
    return _indented(found.to_json())


def read_specification(data: bytes) -> Specification:
    """A specification that can be used.

    Raises:
        SpecificationInvalid: the file is another, or something in it is wrong; says where.
        Invalid: it is no JSON within the bounds.
    """
    value = decode(data, _LIMITS)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise SpecificationInvalid(f"This is no {FORMAT}.", place="format")
    try:
        wire = msgspec.convert(value, _Specification)
    except msgspec.ValidationError as error:
        raise SpecificationInvalid(f"{str(error)[:300]}.", place="file") from None
    return checked(
        Specification(
            name=wire.name,
            version=wire.version,
            paragraph=wire.paragraph,
            rules=[Rule(**msgspec.structs.asdict(one)) for one in wire.rules],
            items=[Item(**msgspec.structs.asdict(one)) for one in wire.items],
            made_by=wire.made_by,
            scripted=wire.scripted,
            follows=wire.follows,
        )
    )


def write_result(found: BehaviourRun) -> bytes:
    """Every conversation with its verdicts."""
    return _indented(found.to_json())


def read_result(data: bytes) -> Mapping[str, Any]:
    """A result, to be shown.

    Raises:
        SpecificationInvalid: the file is another.
        Invalid: it is no JSON within the bounds.
    """
    value = decode(data, _RESULT_LIMITS)
    if not isinstance(value, dict) or value.get("format") != RESULT:
        raise SpecificationInvalid(f"This is no {RESULT}.", place="format")
    return value


def _indented(value: Mapping[str, Json]) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n"
