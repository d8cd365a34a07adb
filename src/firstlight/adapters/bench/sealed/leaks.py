"""Searches folders for the text of sealed tasks: in files, in their names, in what they compress.

A find is told by place and encoding, never by its text, so that the report of a leak is none.
Compressed streams (gzip, zlib, zstd, bzip2, xz) are found by how they begin, wherever in a file
that is, and unpacked within bounds; so are members of zip archives, because they are zlib's.
"""

from __future__ import annotations

import bz2
import lzma
import os
import re
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard

from firstlight.adapters.bench.planted.document import Files, describe
from firstlight.core.measure.needles import Needle, needles, pieces

_MOST_FILE = 256 << 20
_MOST_UNPACKED = 16 << 20
"""of one stream"""
_MOST_STREAMS = 2_000
"""of one file"""
_DEPTH = 2
"""streams within streams"""
_MAGIC = re.compile(
    rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd|BZh[1-9]1AY&SY|\xfd7zXZ\x00|PK\x03\x04|\x78[\x01\x5e\x9c\xda]"
)
_SHARED = 3
"""characters of a beginning that patterns share"""
_ZIP_HEADER = 30
"""bytes before a member's name"""


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Text of a task where it must not be."""

    place: str
    """the file"""
    encoding: str
    """how it was written"""
    packed: bool
    """within a compressed stream"""


@dataclass(frozen=True, kw_only=True)
class Searched:
    """A search that came to its end."""

    files: int
    bytes: int
    streams: int
    """that were unpacked"""
    leaks: Sequence[Leak]
    unread: Sequence[str]
    """places that could not be read or were too large, each with its reason"""


def needles_of(documents: Iterable[Files]) -> tuple[Needle, ...]:
    """What the tasks of a suite are searched for by. Raises as `describe`."""
    found: dict[str, None] = {}
    for files in documents:
        said = describe(files)
        drawn = (said.canary, said.canary.split()[-1], said.instruction, said.function, said.id)
        found |= dict.fromkeys(pieces(files, drawn))
    return needles(found)


class Search:
    """One search, over as many places as are given."""

    def __init__(self, wanted: Sequence[Needle]) -> None:
        """Nothing is read yet."""
        self._encodings = {needle.data: needle.encoding for needle in wanted}
        self._pattern = re.compile(_joined(list(self._encodings), 0))
        self._files = self._bytes = self._streams = 0
        self._leaks: list[Leak] = []
        self._unread: list[str] = []

    def through(self, *places: Path) -> Searched:
        """Search files, and folders with all that is below them; links are not followed."""
        for place in places:
            for path in _files(place):
                self._file(path)
        return Searched(
            files=self._files,
            bytes=self._bytes,
            streams=self._streams,
            leaks=tuple(self._leaks),
            unread=tuple(self._unread),
        )

    def _file(self, path: Path) -> None:
        self._files += 1
        self._look(os.fsencode(path), f"the name {path}", packed=False)
        try:
            data = _content(path)
        except OSError as error:
            self._unread.append(f"{path}: {error.strerror}")
            return
        if len(data) > _MOST_FILE:
            self._unread.append(f"{path}: larger than {_MOST_FILE} bytes")
            return
        self._bytes += len(data)
        self._look(data, str(path), packed=False)
        left = _MOST_STREAMS
        waiting = [(data, _DEPTH)]
        while waiting and left:
            inner, depth = waiting.pop()
            for unpacked in _streams(inner):
                left -= 1
                self._streams += 1
                self._look(unpacked, str(path), packed=True)
                if depth > 1:
                    waiting.append((unpacked, depth - 1))
                if not left:
                    self._unread.append(f"{path}: more than {_MOST_STREAMS} streams")
                    break

    def _look(self, data: bytes, place: str, *, packed: bool) -> None:
        seen = {self._encodings[found[0]] for found in self._pattern.finditer(data)}
        self._leaks += [Leak(place=place, encoding=one, packed=packed) for one in sorted(seen)]


def _joined(words: Sequence[bytes], depth: int) -> bytes:
    """One pattern for many words; a shared beginning is looked at once, ten times as fast."""
    if depth == _SHARED or len(words) == 1:
        return b"|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    heads: dict[bytes, list[bytes]] = {}
    for word in words:
        heads.setdefault(word[:1], []).append(word[1:])
    return b"|".join(
        re.escape(head) + b"(?:" + _joined(rest, depth + 1) + b")"
        for head, rest in sorted(heads.items())
    )


def _files(place: Path) -> Iterator[Path]:
    if not place.is_dir() or place.is_symlink():
        yield place
        return
    for root, folders, names in os.walk(place):
        folders.sort()
        for name in sorted(names):
            yield Path(root) / name


def _content(path: Path) -> bytes:
    """A regular file's bytes, one more than allowed where it is larger; of a link, its target."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return os.fsencode(path.readlink())
    if not stat.S_ISREG(mode):
        return b""
    with path.open("rb") as file:
        return file.read(_MOST_FILE + 1)


def _streams(data: bytes) -> Iterator[bytes]:
    for found in _MAGIC.finditer(data):
        unpacked = _unpack(data, found.start(), found[0])
        if unpacked:
            yield unpacked


def _unpack(data: bytes, at: int, magic: bytes) -> bytes:
    """What can be unpacked from here on; nothing when it only looked like a stream."""
    rest = memoryview(data)[at:]
    try:
        if magic.startswith(b"\x28\xb5"):
            return (
                zstandard.ZstdDecompressor()
                .decompressobj()
                .decompress(bytes(rest))[:_MOST_UNPACKED]
            )
        if magic.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(rest, _MOST_UNPACKED)
        if magic.startswith(b"\xfd7zXZ"):
            return lzma.LZMADecompressor(memlimit=1 << 28).decompress(rest, _MOST_UNPACKED)
        if magic.startswith(b"PK"):
            head = int.from_bytes(rest[26:28], "little") + int.from_bytes(rest[28:30], "little")
            start = _ZIP_HEADER + head
            return zlib.decompressobj(-zlib.MAX_WBITS).decompress(rest[start:], _MOST_UNPACKED)
        bits = zlib.MAX_WBITS + (16 if magic.startswith(b"\x1f\x8b") else 0)
        return zlib.decompressobj(bits).decompress(rest, _MOST_UNPACKED)
    except (zlib.error, OSError, lzma.LZMAError, zstandard.ZstdError, EOFError, ValueError):
        return b""
