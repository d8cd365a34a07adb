"""A bank of calibrated tasks as JSON, strictly both ways."""

from __future__ import annotations

import msgspec

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.core.kernel.canonical import Json, canonical
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.figures import rounded
from firstlight.core.measure.statistics.response import Bank, Item

FORMAT = "firstlight-item-bank-1"
_LIMITS = JsonLimits(size=16 << 20, depth=6, elements=500_000)


class BankUnusable(Invalid):
    """This is no bank of calibrated tasks."""

    code = "measure.bank_unusable"
    next_step = "Use the file that `firstlight measure calibrate` wrote."


class _Item(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    difficulty: float
    error: float


class _Bank(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    format: str
    version: str
    models: int
    items: dict[str, _Item]


def write_bank(bank: Bank) -> bytes:
    """The bank as canonical JSON with a line end, six digits each."""
    items: dict[str, Json] = {
        task: {"difficulty": rounded(item.difficulty), "error": rounded(item.error)}
        for task, item in bank.items.items()
    }
    body: dict[str, Json] = {
        "format": FORMAT,
        "version": bank.version,
        "models": bank.models,
        "items": items,
    }
    return canonical(body) + b"\n"


def read_bank(data: bytes) -> Bank:
    """A bank.

    Raises:
        BankUnusable: it is none.
        Invalid: it is no JSON, or too large.
    """
    try:
        wire = msgspec.convert(decode(data, _LIMITS), _Bank)
    except msgspec.ValidationError as error:
        raise BankUnusable(f"the bank: {str(error)[:200]}") from None
    if wire.format != FORMAT:
        raise BankUnusable(f"this is no bank: format {wire.format[:40]!r}")
    items = {
        task: Item(difficulty=item.difficulty, error=item.error)
        for task, item in wire.items.items()
    }
    return Bank(version=wire.version, items=items, models=wire.models)
