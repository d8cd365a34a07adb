"""The records of a file, whatever its format: told by what it holds, value by value.

Read are: SARIF logs, OSV, CSAF and CVE records, plain reports; each alone, one after another (JSON
lines), in an array, or in the array of an export (`vulns`, `vulnerabilities`); compressed with gzip
or packed in a zip as OSV publishes them.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import BinaryIO, TypeVar, cast

from firstlight.adapters.formats.bulk import sarif
from firstlight.adapters.formats.bulk.fields import fault, line_of
from firstlight.adapters.formats.bulk.records import read_record
from firstlight.adapters.formats.bulk.window import BOUNDS, Window
from firstlight.core.clearinghouse.intake.flood import Broken, Read
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import (
    BadEncoding,
    FirstlightError,
    HostileArchive,
    Invalid,
    TooLarge,
)

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_EXPORTS = frozenset({"vulns", "vulnerabilities", "runs"})
"""members that hold records"""
_MEMBERS = 1_000_000

Found = TypeVar("Found")


def read_records(file: BinaryIO, purl: str = "") -> Iterator[Read]:
    """Every record in its order; `Broken` is the last when the file cannot be read to its end.

    Args:
        file: can be sought
        purl: package of every record that names none itself
    """
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    if start.startswith(_ZIP):
        yield from _zip(file, purl)
    elif start.startswith(_GZIP):
        yield from _values(cast("BinaryIO", gzip.GzipFile(fileobj=file)), purl, "")
    else:
        yield from _values(file, purl, "")


def _zip(file: BinaryIO, purl: str) -> Iterator[Read]:
    try:
        with zipfile.ZipFile(file) as packed:
            names = [info for info in packed.infolist() if info.filename.endswith(".json")]
            if len(names) > _MEMBERS or sum(info.file_size for info in names) > BOUNDS.total:
                error = TooLarge("the zip holds too much", limit=BOUNDS.total, files=_MEMBERS)
                yield Broken("the archive", error)
                return
            for info in names:
                name = line_of(info.filename)
                with packed.open(info) as inside:
                    for one in _values(cast("BinaryIO", inside), purl, name):
                        # A file in it that cannot be read says nothing about the next one.
                        yield fault(one.position, one.error) if isinstance(one, Broken) else one
    except (zipfile.BadZipFile, RuntimeError) as error:
        yield Broken("the archive", HostileArchive(f"the zip is damaged: {str(error)[:100]}"))


def _values(file: BinaryIO, purl: str, name: str) -> Iterator[Read]:
    """The values that stand one after another."""
    number = 0

    def aside(look: Callable[[Window], Found]) -> Found:
        """Look at the present value from its start, then come back."""
        here = file.tell()
        file.seek(0)
        found = look(_nth(file, number))
        file.seek(here)
        return found

    try:
        window = Window(file)
        while window.peek():
            yield from _value(window, aside, purl, f"{name}[{number}]" if name or number else "$")
            number += 1
        if not number:
            yield Broken(name or "$", Invalid("the file is empty"))
    except FirstlightError as error:
        yield Broken(f"{name}[{number}]" if name or number else "$", error)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Broken(name or "$", Invalid(f"the compression is damaged: {str(error)[:100]}"))


def _nth(file: BinaryIO, number: int) -> Window:
    """A window before the value of that number."""
    window = Window(file)
    for _ in range(number):
        window.skip()
    return window


def _value(window: Window, aside: sarif.Aside, purl: str, place: str) -> Iterator[Read]:
    if window.peek() == "[":
        for index in window.elements():
            yield _one(window, f"{place}[{index}]", purl)
        return
    try:
        value, text = window.scanned()
    except BadEncoding:
        raise
    except FirstlightError as error:
        # Too long to be one record: a log or an export, or else a line to step over.
        if not (yield from _stream(window, aside, purl, place)):
            window.skip_line()
            yield fault(place, error)
        return
    if isinstance(value, dict) and not _EXPORTS.isdisjoint(value) and "document" not in value:
        window.back(len(text))
        yield from _stream(window, aside, purl, place)
    else:
        yield _made(value, text, place, purl)


def _stream(
    window: Window, aside: sarif.Aside, purl: str, place: str
) -> Generator[Read, None, bool]:
    """The records of a log or an export; False when this is neither."""
    found = False
    try:
        for key in window.members():
            if key == "runs" and window.peek() == "[":
                found = True
                yield from sarif.results(window, aside, purl)
            elif key in _EXPORTS and window.peek() == "[":
                found = True
                for index in window.elements():
                    yield _one(window, f"{place}.{key}[{index}]", purl)
            else:
                window.value()
    except FirstlightError:
        if found:
            raise
    return found


def _one(window: Window, place: str, purl: str) -> Read:
    try:
        value, text = window.scanned()
    except BadEncoding:
        raise
    except FirstlightError as error:
        window.skip()
        return fault(place, error)
    return _made(value, text, place, purl)


def _made(value: Json, text: str, place: str, purl: str) -> Read:
    try:
        return read_record(value, text, place, purl)
    except FirstlightError as error:
        return fault(place, error)
