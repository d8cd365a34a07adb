"""A report and its files as one zip, tar or tar.gz, read in memory; nothing touches a disk.

The layout: one report document at the top (`report.json`, or any single .json or .sarif file), and
files in folders that say what they are: `proofs/`, `patches/`, `tests/`; `crash.txt` at the top is
the trace. Other files are refused by name, since a file that is silently dropped is lost.

What makes an archive hostile, each refused with `HostileArchive` before it can do harm:
1. a name that leaves the folder: absolute, with .., with a drive or a backslash, or named twice;
2. anything that is neither a file nor a folder: links, devices, sparse and encrypted entries;
3. growth without bound: too many entries, too large an entry, too large a total, or a ratio of
   unpacked to packed beyond what text and data reach; sizes are counted while unpacking, since the
   declared ones may lie;
4. an archive in the place of a report or patch. As a proof it is data and is never opened.
"""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from firstlight.core.kernel.errors import HostileArchive, Invalid

_NAME_CHARACTERS = 200
_BLOCK = 1 << 16
_PLAIN_MODES = (stat.S_IFREG, stat.S_IFDIR, 0)  # 0: written by a system without modes
_MAGIC = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf",
    b"Rar!",
)
_TAR_MAGIC = slice(257, 262)


class BrokenArchive(Invalid):
    """The archive is damaged or uses a method that is not read here."""

    code = "input.broken_archive"
    next_step = "Pack the files again as zip (deflate) or tar.gz."


class Packing(StrEnum):
    """Kinds of archive that are read."""

    ZIP = "zip"
    TAR = "tar"
    TAR_GZ = "tar.gz"


@dataclass(frozen=True, kw_only=True)
class ArchiveLimits:
    """Bounds of one archive."""

    entries: int = 64
    """a report with all its proofs, patches and tests has fewer than 50"""
    entry: int = 16 << 20
    """bytes of one unpacked file"""
    total: int = 32 << 20
    """bytes of all unpacked files"""
    ratio: int = 200
    """unpacked to packed; deflate reaches 1032 on zeros, text seldom 20"""
    ratio_floor: int = 1 << 20
    """below this size the ratio does not matter"""


DEFAULT = ArchiveLimits()


def packing_of(document: bytes) -> Packing | None:
    """Which archive this is by its first bytes; None when it is none that is read here."""
    if document.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Packing.ZIP
    if document.startswith(b"\x1f\x8b"):
        return Packing.TAR_GZ
    if document[_TAR_MAGIC] == b"ustar":
        return Packing.TAR
    return None


def looks_packed(document: bytes) -> bool:
    """Whether it is any kind of archive or compressed file, read here or not."""
    return document.startswith(_MAGIC) or document[_TAR_MAGIC] == b"ustar"


def unpack(
    document: bytes, packing: Packing, limits: ArchiveLimits = DEFAULT
) -> Mapping[str, bytes]:
    """The files by name.

    Raises:
        HostileArchive: see above; the reason and the entry are in the details.
        BrokenArchive: damaged, or a method that is not read here.
    """
    if packing is Packing.ZIP:
        entries = _zip_entries(document, limits)
    else:
        plain = _gunzip(document, limits) if packing is Packing.TAR_GZ else document
        entries = _tar_entries(plain, limits)
    files: dict[str, bytes] = {}
    total = 0
    for name, data in entries:
        total += len(data)
        if total > limits.total:
            raise HostileArchive(f"unpacks to more than {limits.total} bytes", limit=limits.total)
        if name.casefold() in map(str.casefold, files):
            raise HostileArchive(f"{name!r} is there twice", entry=name, reason="duplicate")
        files[name] = data
    return files


def _safe(name: str) -> str:
    """The name of an entry, when it stays in its folder.

    Raises:
        HostileArchive: it does not.
    """
    parts = name.rstrip("/").split("/")
    if (
        len(name) > _NAME_CHARACTERS
        or any(part in {"", ".", ".."} for part in parts)
        or any(character in '\\:*?"<>|' or not character.isprintable() for character in name)
    ):
        shown = name[:_NAME_CHARACTERS]
        raise HostileArchive(f"{shown!r} is not a plain relative name", entry=shown, reason="name")
    return name


def _too_many(limits: ArchiveLimits) -> HostileArchive:
    return HostileArchive(f"more than {limits.entries} entries", limit=limits.entries)


def _zip_entries(document: bytes, limits: ArchiveLimits) -> Iterator[tuple[str, bytes]]:
    # Counted before the library builds an object for each: a directory of a million entries fits
    # into a few megabytes.
    if document.count(b"PK\x01\x02") > 4 * limits.entries:
        raise _too_many(limits)
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as archive:
            members = archive.infolist()
            if len(members) > limits.entries:
                raise _too_many(limits)
            for member in members:
                _check_zip_member(member, limits)
                if not member.is_dir():
                    with archive.open(member) as source:
                        yield member.filename, _bounded(source, member.filename, limits)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        RuntimeError,
        ValueError,
        OSError,
        IndexError,
    ) as error:
        raise BrokenArchive(f"the zip file cannot be read: {str(error)[:200]}") from None


def _check_zip_member(member: zipfile.ZipInfo, limits: ArchiveLimits) -> None:
    name = _safe(member.filename)
    if stat.S_IFMT(member.external_attr >> 16) not in _PLAIN_MODES:
        raise HostileArchive(f"{name!r} is a link or a device", entry=name, reason="kind")
    if member.flag_bits & 0x1:
        raise HostileArchive(f"{name!r} is encrypted", entry=name, reason="encrypted")
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BrokenArchive(f"{name!r} uses a method other than deflate", entry=name)
    _check_growth(name, member.file_size, member.compress_size, limits)


def _check_growth(name: str, size: int, packed: int, limits: ArchiveLimits) -> None:
    if size > limits.entry:
        raise HostileArchive(f"{name!r} unpacks to {size} bytes", entry=name, limit=limits.entry)
    if size > limits.ratio_floor and size > limits.ratio * max(packed, 1):
        raise HostileArchive(
            f"{name!r} grows more than {limits.ratio} times", entry=name, reason="ratio"
        )


def _bounded(source: IO[bytes], name: str, limits: ArchiveLimits) -> bytes:
    data = source.read(limits.entry + 1)
    if len(data) > limits.entry:
        raise HostileArchive(f"{name!r} is larger than it says", entry=name, limit=limits.entry)
    return data


def _gunzip(document: bytes, limits: ArchiveLimits) -> bytes:
    """One gzip stream, unpacked piece by piece so that a bomb stops early."""
    bound = limits.total + limits.entries * _BLOCK
    stream = zlib.decompressobj(wbits=31)
    try:
        data = stream.decompress(document, bound + 1)
    except zlib.error as error:
        raise BrokenArchive(f"the gzip stream is damaged: {str(error)[:100]}") from None
    if len(data) > bound or (
        len(data) > limits.ratio_floor and len(data) > limits.ratio * len(document)
    ):
        raise HostileArchive("the gzip stream grows without bound", limit=bound, reason="ratio")
    if not stream.eof:
        raise BrokenArchive("the gzip stream ends too early")
    return data


def _tar_entries(document: bytes, limits: ArchiveLimits) -> Iterator[tuple[str, bytes]]:
    count = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(document), mode="r:") as archive:
            for member in archive:
                count += 1
                if count > limits.entries:
                    raise _too_many(limits)
                if member.isdir() and member.name in {".", ""}:
                    continue  # `tar czf x.tar.gz .` starts with the folder itself
                name = _safe(member.name.removeprefix("./"))
                if member.isdir():
                    continue
                if not member.isreg() or member.issparse():
                    raise HostileArchive(f"{name!r} is no plain file", entry=name, reason="kind")
                _check_growth(name, member.size, member.size, limits)
                source = archive.extractfile(member)
                if source is not None:
                    with source:
                        yield name, source.read(limits.entry)
    except (
        tarfile.TarError,
        struct.error,
        EOFError,
        ValueError,
        OverflowError,
        OSError,
        IndexError,
        KeyError,
    ) as error:
        raise BrokenArchive(f"the tar file cannot be read: {str(error)[:200]}") from None
