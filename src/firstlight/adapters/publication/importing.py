"""Records of other publishers into the public zone, beside our own: `imported/<source>/`.

An imported record keeps its text and gets its source and licence, in `database_specific.imported`,
so that whoever reads it knows whose word it is. An import replaces the source's former one whole.
What is no OSV record is left out and counted, with the reason of the first ones.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from firstlight.adapters.formats import bounded_json
from firstlight.adapters.formats.bounded_json import JsonLimits
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import FirstlightError, Invalid, TooLarge

_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_RECORD = JsonLimits(size=4 << 20, elements=200_000)
_RECORDS = 1_000_000
_REASONS = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Whose records they are."""

    source: str
    """a short name: pypa"""
    licence: str
    """as its publisher states it: CC-BY-4.0"""
    url: str
    """where they were taken from"""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import made."""

    files: dict[str, bytes]
    """relative path in the zone to content"""
    records: int
    left_out: int
    reasons: tuple[str, ...]
    """of the first that were left out"""


def import_osv(place: Path, origin: Origin) -> Imported:
    """Read OSV records from a folder, a `.json`, a `.jsonl` or a `.jsonl.gz` file.

    Raises:
        Invalid: the source's name or the place cannot be used, or there is no record.
        TooLarge: more than a million records.
    """
    if not _SOURCE.fullmatch(origin.source):
        raise Invalid(
            f"{origin.source[:60]!r} names no source", hint="Lower-case letters, digits and -: pypa"
        )
    if not origin.licence.strip():
        raise Invalid("records of others are served with their licence", field="licence")
    lines: dict[str, bytes] = {}
    reasons: list[str] = []
    left_out = 0
    for where, text in _texts(place):
        try:
            name, line = _line(text, origin)
        except FirstlightError as error:
            left_out += 1
            reasons += [f"{where}: {error.message}"] if len(reasons) < _REASONS else []
            continue
        lines[name] = line
        if len(lines) > _RECORDS:
            raise TooLarge(f"more than {_RECORDS} records", limit=_RECORDS)
    if not lines:
        raise Invalid(f"no OSV record in {place}", hint=reasons[0] if reasons else None)
    told = {"source": origin.source, "licence": origin.licence, "url": origin.url}
    folder = f"imported/{origin.source}"
    return Imported(
        files={
            f"{folder}/all.jsonl": b"".join(line for _, line in sorted(lines.items())),
            f"{folder}/source.json": json.dumps({**told, "records": len(lines)}).encode() + b"\n",
        },
        records=len(lines),
        left_out=left_out,
        reasons=tuple(reasons),
    )


def _texts(place: Path) -> Iterator[tuple[str, bytes]]:
    """Where a record stands, and its text."""
    try:
        if place.is_dir():
            for path in sorted(place.rglob("*.json")):
                if path.is_file() and not path.is_symlink():
                    yield str(path.relative_to(place)), _bounded(path)
        elif place.suffix == ".json":
            yield place.name, _bounded(place)
        else:
            with gzip.open(place) if place.suffix == ".gz" else place.open("rb") as file:
                number = 0
                while line := file.readline(_RECORD.size + 1):
                    number += 1
                    if line.strip():
                        yield f"line {number}", line
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(f"{place}: {error}", hint="Name a folder or file of OSV records.") from None


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_RECORD.size + 1)


def _line(text: bytes, origin: Origin) -> tuple[str, bytes]:
    record = bounded_json.decode(text, _RECORD)
    if not isinstance(record, dict):
        raise Invalid("it is no object")
    name, modified, affected = (record.get(key) for key in ("id", "modified", "affected"))
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(modified, str):
        raise Invalid("an OSV record has an id and a time of modification")
    if affected is not None and not isinstance(affected, list):
        raise Invalid("`affected` is no list")
    bag = record.get("database_specific")
    told: Json = {"source": origin.source, "licence": origin.licence, "url": origin.url}
    own = {**bag, "imported": told} if isinstance(bag, dict) else {"imported": told}
    line = json.dumps({**record, "database_specific": own}, ensure_ascii=False)
    return name, line.encode() + b"\n"
