"""Unpacks the tree of an experiment, trusting nothing in the archive.

What is refused, and the attack it stops:
1. absolute names and `..`: writing outside the folder;
2. a member below a link of the same archive: writing through the link;
3. links that are absolute or climb out, or climb after descending: reading outside later;
4. devices, pipes, sparse files and everything else that is not a file, folder or link;
5. more members, bytes or depth than a source tree has: filling the disk or the memory;
6. the same name twice: two readers of one archive seeing two trees.

Set-uid bits and owners are dropped; times are kept, because makefiles compare them.
"""

from __future__ import annotations

import io
import os
import posixpath
import shutil
import stat
import tarfile
from pathlib import Path

from firstlight.core.kernel.errors import HostileArchive, Invalid, TooLarge

TREE_BYTES = 512 << 20
"""of the archive"""
MEMBERS = 200_000
_DEPTH = 64
_PERMISSIONS = 0o777
_OWNER_READ_WRITE = 0o600


def unpack(archive: bytes, folder: Path) -> None:
    """Unpack an uncompressed tar into an empty folder.

    Raises:
        HostileArchive: it breaks one of the rules above.
        TooLarge: it is larger than `TREE_BYTES`, or has more than `MEMBERS` members.
        Invalid: it is not a tar archive.
    """
    if len(archive) > TREE_BYTES:
        raise TooLarge("The tree is too large.", size=len(archive), limit=TREE_BYTES)
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            _Unpacking(tar, folder).run()
    except (tarfile.TarError, UnicodeError, EOFError) as problem:
        raise Invalid(f"The tree is not a readable tar archive: {problem}.") from problem


class _Unpacking:
    def __init__(self, tar: tarfile.TarFile, folder: Path) -> None:
        self._tar = tar
        self._folder = folder
        self._kinds: dict[str, bytes] = {}
        self._links: list[tuple[str, str]] = []
        self._hard: list[tuple[str, str]] = []
        self._times: list[tuple[Path, float]] = []
        self._bytes = 0

    def run(self) -> None:
        for count, member in enumerate(self._tar):
            if count >= MEMBERS:
                raise TooLarge("The tree has too many members.", limit=MEMBERS)
            try:
                self._take(member)
            except OSError as problem:
                raise HostileArchive(
                    f"The archive holds a name that cannot be a file: {problem.strerror}.",
                    name=member.name[:200],
                ) from problem
        self._link()
        # Folders last and deepest first: writing into one would change its time again.
        for path, when in reversed(self._times):
            os.utime(path, (when, when), follow_symlinks=False)

    def _take(self, member: tarfile.TarInfo) -> None:
        name = _plain(member.name)
        if name == ".":
            return
        if self._kinds.get(name, tarfile.DIRTYPE) != tarfile.DIRTYPE or (
            name in self._kinds and not member.isdir()
        ):
            raise HostileArchive("The archive names the same path twice.", name=name)
        for parent in _parents(name):
            if self._kinds.setdefault(parent, tarfile.DIRTYPE) != tarfile.DIRTYPE:
                raise HostileArchive("A member lies below a file or a link.", name=name)
        path = self._folder / name
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
            self._times.append((path, _time(member)))
        elif member.issym():
            self._links.append((name, _inner(name, member.linkname)))
        elif member.islnk():
            self._hard.append((name, _plain(member.linkname)))
        elif member.isreg() and not member.issparse() and member.type != tarfile.CONTTYPE:
            self._file(member, path)
        else:
            raise HostileArchive("The archive holds something that is not a file.", name=name)
        self._kinds[name] = tarfile.DIRTYPE if member.isdir() else member.type

    def _file(self, member: tarfile.TarInfo, path: Path) -> None:
        self._bytes += member.size
        if self._bytes > TREE_BYTES:
            raise TooLarge("The unpacked tree is too large.", limit=TREE_BYTES)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = self._tar.extractfile(member)
        if content is None:
            raise HostileArchive("A member has no content.", name=member.name[:200])
        with path.open("xb") as out:
            shutil.copyfileobj(content, out)
        path.chmod(member.mode & _PERMISSIONS | _OWNER_READ_WRITE)
        self._times.append((path, _time(member)))

    def _link(self) -> None:
        """Links come last, so nothing can have been written through one."""
        for name, target in self._hard:
            if self._kinds.get(target) not in (tarfile.REGTYPE, tarfile.AREGTYPE):
                raise HostileArchive("A hard link points at no file of the archive.", name=name)
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self._folder / name).hardlink_to(self._folder / target)
        for name, target in self._links:
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self._folder / name).symlink_to(target)


def _plain(name: str) -> str:
    """The name without `./` and trailing slash; refuses what leaves the folder."""
    parts = name.split("/")
    if not name or name.startswith("/") or ".." in parts or "\0" in name:
        raise HostileArchive("A name in the archive leaves its folder.", name=name[:200])
    if len(parts) > _DEPTH:
        raise HostileArchive("A name in the archive is too deep.", name=name[:200], limit=_DEPTH)
    return posixpath.normpath(name)


def _parents(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _inner(name: str, target: str) -> str:
    """The target of a symbolic link, if it stays inside whatever the other links are."""
    parts = target.split("/")
    climbs = 0
    while climbs < len(parts) and parts[climbs] == "..":
        climbs += 1
    if target.startswith("/") or not target or "\0" in target or ".." in parts[climbs:]:
        raise HostileArchive("A link in the archive may lead outside.", name=name, target=target)
    if climbs > name.count("/"):
        raise HostileArchive("A link in the archive leads outside.", name=name, target=target)
    return target


def _time(member: tarfile.TarInfo) -> float:
    return min(max(0.0, float(member.mtime)), 4e9)


def remove(folder: Path) -> None:
    """Remove a folder that untrusted code has written, whatever modes it left; follow no link."""
    for at, names, _ in os.walk(folder):
        for name in names:
            path = Path(at, name)
            if not path.is_symlink():
                path.chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
