"""Unpacking of archives that may be hostile, into memory: no file of them touches the host.

Refused, each with its reason: names that are absolute, climb, or hold control characters; links
that leave the archive or are walked through; devices, pipes and sparse files; encrypted members;
more files, more bytes, longer names or deeper folders than the bounds. Sizes are counted while
unpacking; what the archive claims about itself is not believed.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import posixpath
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from firstlight.core.kernel.errors import HostileArchive

_CHUNK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class UnpackBounds:
    """Limits of one archive; the largest release that is shipped as a target needs a quarter."""

    files: int = 20_000
    """members of any kind"""
    total_bytes: int = 256 << 20
    """of all files, and of the decompressed stream"""
    name_chars: int = 512
    """of a path"""
    depth: int = 32
    """folders above a file"""


@dataclass(frozen=True)
class File:
    """A regular file."""

    data: bytes
    """its content"""
    executable: bool = False
    """whether its owner may run it"""


@dataclass(frozen=True)
class Link:
    """A symbolic link that stays inside."""

    to: str
    """relative to the folder that holds the link"""


Tree = dict[str, File | Link]
"""files and links by relative path; folders are implied"""


def unpack(data: bytes, bounds: UnpackBounds | None = None) -> Tree:
    """The files of a tar (plain, gzip, bzip2, xz) or zip archive.

    Raises:
        HostileArchive: it breaks a rule of this module, or cannot be read to its end.
    """
    limit = bounds or UnpackBounds()
    tree: Tree = {}
    try:
        members = _zip(data, limit) if data[:2] == b"PK" else _tar(data, limit)
        for count, (name, entry) in enumerate(members):
            if count >= limit.files:
                raise HostileArchive("Too many files in the archive.", limit=limit.files)
            if entry is not None:
                tree[_clean(name, limit)] = entry
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, lzma.LZMAError) as error:
        raise HostileArchive(f"The archive cannot be read: {error}.") from error
    except (zlib.error, RuntimeError, UnicodeError) as error:
        raise HostileArchive(f"The archive cannot be read: {error}.") from error
    check_links(tree)
    return tree


def without_top(tree: Tree) -> Tree:
    """The tree below its first folder, as published archives hold one.

    Raises:
        HostileArchive: a file stands beside that folder.
    """
    tops = {name.split("/", 1)[0] for name in tree}
    if len(tops) != 1 or any("/" not in name for name in tree):
        raise HostileArchive("The archive does not hold one top folder.", tops=sorted(tops)[:5])
    return {name.split("/", 1)[1]: entry for name, entry in tree.items()}


def pack(tree: Mapping[str, File | Link]) -> bytes:
    """An uncompressed tar with nothing in it but the tree: same tree, same bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted({*tree, *_folders(tree)}):
            entry = tree.get(name)
            info = tarfile.TarInfo(name)
            if entry is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            elif isinstance(entry, Link):
                info.type, info.linkname, info.mode = tarfile.SYMTYPE, entry.to, 0o777
                tar.addfile(info)
            else:
                info.mode, info.size = 0o755 if entry.executable else 0o644, len(entry.data)
                tar.addfile(info, io.BytesIO(entry.data))
    return out.getvalue()


def check_links(tree: Mapping[str, File | Link]) -> None:
    """Check that no link leaves the tree and that nothing stands below a link or a file.

    Raises:
        HostileArchive: one of them does.
    """
    folders = _folders(tree)
    for name, entry in tree.items():
        if name in folders:
            raise HostileArchive("A file of the archive is also a folder or link.", name=name)
        if isinstance(entry, Link):
            # Climbing is allowed at the start alone: after a folder that is itself a link, `..`
            # would lead elsewhere than the text says.
            parts = entry.to.split("/")
            climbs = next((i for i, part in enumerate(parts) if part != ".."), len(parts))
            leaves = posixpath.isabs(entry.to) or climbs > name.count("/")
            if leaves or ".." in parts[climbs:]:
                raise HostileArchive("A link leaves the archive.", name=name)


def _folders(tree: Mapping[str, object]) -> set[str]:
    found: set[str] = set()
    for name in tree:
        parts = name.split("/")[:-1]
        found.update("/".join(parts[: i + 1]) for i in range(len(parts)))
    return found


def _clean(name: str, limit: UnpackBounds) -> str:
    if not name.isprintable() or "\\" in name or len(name) > limit.name_chars:
        raise HostileArchive("A name in the archive is not acceptable.", name=ascii(name[:80]))
    if posixpath.isabs(name) or ".." in name.split("/"):
        raise HostileArchive("A name in the archive leaves its folder.", name=name)
    clean = posixpath.normpath(name)
    if clean == "." or clean.count("/") > limit.depth:
        raise HostileArchive("A name in the archive is not acceptable.", name=name)
    return clean


class _Counting(io.RawIOBase):
    """A decompressed stream that refuses to give more than the bound."""

    def __init__(self, source: io.BufferedIOBase, limit: int) -> None:
        self._source = source
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(_CHUNK if size < 0 else size)
        self._left -= len(data)
        if self._left < 0:
            raise HostileArchive("The archive grows beyond its bound.")
        return data


def _opened(data: bytes) -> io.BufferedIOBase:
    raw = io.BytesIO(data)
    if data[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=raw)
    if data[:6] == b"\xfd7zXZ\x00":
        return lzma.LZMAFile(raw)
    if data[:3] == b"BZh":
        return bz2.BZ2File(raw)
    return raw


def _tar(data: bytes, limit: UnpackBounds) -> Iterator[tuple[str, File | Link | None]]:
    seen: dict[str, File] = {}
    # The framing of tar costs up to 1 KiB a file beside the content.
    stream = _Counting(_opened(data), limit.total_bytes + 1024 * limit.files)
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for info in tar:
            entry = _tar_member(tar, info, seen)
            if isinstance(entry, File):
                seen[info.name] = entry
            yield info.name, entry


def _tar_member(
    tar: tarfile.TarFile, info: tarfile.TarInfo, seen: Mapping[str, File]
) -> File | Link | None:
    if info.isdir():
        return None
    if info.issym():
        return Link(info.linkname)
    if info.islnk():
        if info.linkname not in seen:
            raise HostileArchive("A hard link leads outside the archive.", name=info.name)
        return seen[info.linkname]
    if not info.isreg() or info.issparse():
        raise HostileArchive("The archive holds a device, pipe or sparse file.", name=info.name)
    content = tar.extractfile(info)
    body = content.read() if content else b""
    return File(body, bool(info.mode & stat.S_IXUSR))


def _zip(data: bytes, limit: UnpackBounds) -> Iterator[tuple[str, File | None]]:
    left = limit.total_bytes
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            mode = info.external_attr >> 16
            if info.is_dir():
                yield info.filename, None
                continue
            if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
                raise HostileArchive("The archive holds a link or device.", name=info.filename)
            body = io.BytesIO()
            with archive.open(info) as member:
                while chunk := member.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise HostileArchive("The archive grows beyond its bound.")
                    body.write(chunk)
            yield info.filename, File(body.getvalue(), bool(mode & stat.S_IXUSR))
