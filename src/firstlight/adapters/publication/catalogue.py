"""What the public zone holds, remembered beside it, so that one more advisory costs little.

`.catalogue.jsonl` at the zone's top has a line for each CSAF document: what a feed says of it.
It is never served. It may be deleted; the documents on disk tell the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

NAME = ".catalogue.jsonl"
RECORDS = "osv/all.jsonl"
"""every OSV record on a line of its own"""
_DOCUMENT = re.compile(r"csaf/([0-9]{4}/[+\-_a-z0-9]+\.json)")
_RECORD = re.compile(r"osv/([A-Za-z0-9][A-Za-z0-9._-]*)\.json")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One CSAF document as indexes and feeds name it."""

    path: str
    """below `csaf/`: 2026/fl-2026-0001.json"""
    id: str
    title: str
    summary: str
    published: str
    """initial_release_date of its tracking"""
    updated: str
    """current_release_date of its tracking"""


class _Identified(msgspec.Struct):
    id: str


_lines = msgspec.json.Encoder()
_listed = msgspec.json.Decoder(Listed)
_identified = msgspec.json.Decoder(_Identified)


class Catalogue:
    """The documents and records of a zone."""

    def __init__(self) -> None:
        """An empty zone."""
        self._listed: dict[str, Listed] = {}
        self._records: dict[str, bytes] = {}

    @classmethod
    def read(cls, folder: Path) -> Catalogue:
        """What was remembered, or else what the files on disk say."""
        made = cls()
        try:
            remembered = (folder / NAME).read_bytes()
            records = (folder / RECORDS).read_bytes()
        except FileNotFoundError:
            for path in sorted([*folder.glob("csaf/*/*.json"), *folder.glob("osv/*.json")]):
                made.add({path.relative_to(folder).as_posix(): path.read_bytes()})
            return made
        for line in remembered.splitlines():
            one = _listed.decode(line)
            made._listed[one.path] = one
        for line in records.splitlines():
            made._records[_identified.decode(line).id] = line
        return made

    def add(self, files: Mapping[str, bytes]) -> None:
        """Take in what is a CSAF document or an OSV record; other files pass."""
        for path, content in files.items():
            if match := _DOCUMENT.fullmatch(path):
                self._listed[match[1]] = _describe(match[1], content)
            elif match := _RECORD.fullmatch(path):
                self._records[match[1]] = msgspec.json.format(content, indent=-1)

    def keep(self, paths: Iterable[str], other: Catalogue) -> None:
        """Take over from `other` what it knows of these files."""
        for path in paths:
            document, record = _DOCUMENT.fullmatch(path), _RECORD.fullmatch(path)
            if document and document[1] in other._listed:
                self._listed.setdefault(document[1], other._listed[document[1]])
            elif record and record[1] in other._records:
                self._records.setdefault(record[1], other._records[record[1]])

    @property
    def documents(self) -> list[Listed]:
        """The newest release first; of the same moment, by path."""
        by_path = sorted(self._listed.values(), key=lambda one: one.path)
        return sorted(by_path, key=lambda one: one.updated, reverse=True)

    def files(self) -> dict[str, bytes]:
        """The catalogue and the collected records, as files of the zone."""
        listed = sorted(self._listed.values(), key=lambda one: one.path)
        return {
            RECORDS: b"".join(line + b"\n" for _, line in sorted(self._records.items())),
            NAME: b"".join(_lines.encode(one) + b"\n" for one in listed),
        }


def _describe(path: str, content: bytes) -> Listed:
    document = json.loads(content)["document"]
    tracking = document["tracking"]
    summary = next((n["text"] for n in document["notes"] if n["category"] == "summary"), "")
    return Listed(
        path=path,
        id=tracking["id"],
        title=document["title"],
        summary=summary,
        published=tracking["initial_release_date"],
        updated=tracking["current_release_date"],
    )
