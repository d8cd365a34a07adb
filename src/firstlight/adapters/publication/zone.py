"""The folder of signed files. Each file appears whole or not at all.

One advisory is written durably, file by file, and then the indexes that name it: a reader never
finds a name without its file. A rebuild writes everything, makes it durable once, and removes what
no advisory gives any more; what another process publishes meanwhile stays.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Protocol

from firstlight.adapters.publication.catalogue import Catalogue
from firstlight.core.kernel.errors import Invalid, Unavailable
from firstlight.usecases.ports import Cleared

_OURS = ("csaf/*/*", "csaf-2.1/*/*", "osv/*.json", "osv/*.json.*", "statements/*.json")
"""what advisories give; a rebuild removes what is left over of these"""
_WRITERS = 4
"""threads of a rebuild; most of its time goes into making files"""
_GROUP = 64
"""advisories whose files are in memory at a time"""
_SETTLED_NS = 2_000_000_000
"""older than a rebuild's start by this: nobody is writing it now"""


class ZoneUnwritable(Unavailable):
    """The public zone's folder cannot be written."""

    code = "publication.zone_unwritable"
    next_step = "Check free space and the folder's owner; publication is tried again by itself."


class Indexer(Protocol):
    """Names the files that are made of all documents together."""

    def __call__(self, catalogue: Catalogue, folder: Path) -> Mapping[str, bytes]:
        """Relative path to content; `folder` shows what was written before."""
        ...


def _no_index(catalogue: Catalogue, folder: Path) -> Mapping[str, bytes]:  # noqa: ARG001
    return {}


class FolderZone:
    """Implements the `PublicZone` port on a folder."""

    def __init__(self, folder: Path, indexer: Indexer = _no_index) -> None:
        """The folder is created on first use, readable by everyone."""
        self._folder = folder
        self._indexer = indexer

    def put(self, cleared: Cleared) -> None:
        """Write all files and the indexes; writing the same again changes nothing.

        Raises:
            Invalid: a path is absolute or leaves the zone.
            ZoneUnwritable: the file system refuses.
        """
        self._write(cleared.files, durable=True)
        with self._locked():
            catalogue = Catalogue.read(self._folder)
            catalogue.add(cleared.files)
            self._index(catalogue)

    def renew(self) -> None:
        """Write the indexes anew, of what is there. Raises ZoneUnwritable."""
        with self._locked():
            self._index(Catalogue.read(self._folder))

    def put_beside(self, files: Mapping[str, bytes]) -> None:
        """Write files of others, which no index of ours names. Raises as `put`.

        They were public before they came, and come from no confidential place.
        """
        self._write(files, durable=True)

    def rebuild(self, advisories: Iterable[Cleared]) -> int:
        """Write the files of all advisories, and remove what none gives; returns how many.

        Raises:
            Invalid, ZoneUnwritable: as `put`.
        """
        before = time.time_ns() - _SETTLED_NS
        made, count = Catalogue(), 0
        written: set[str] = set()
        with ThreadPoolExecutor(_WRITERS) as pool:
            write = partial(self._write, durable=False)
            for group in _groups(each.files for each in advisories):
                for _ in pool.map(write, group):
                    pass  # an error of a writer is raised here
                for files in group:
                    written |= files.keys()
                    made.add(files)
                count += len(group)
        os.sync()
        with self._locked():
            present = {
                path: path.relative_to(self._folder).as_posix()
                for pattern in _OURS
                for path in self._folder.glob(pattern)
            }
            rest = {path: name for path, name in present.items() if name not in written}
            stale = [path for path in rest if path.stat().st_mtime_ns < before]
            fresh = rest.keys() - set(stale)
            made.keep([rest[path] for path in fresh], Catalogue.read(self._folder))
            self._index(made)
            for path in stale:
                path.unlink()
        return count

    def _index(self, catalogue: Catalogue) -> None:
        indexes = self._indexer(catalogue, self._folder)
        self._write({**catalogue.files(), **indexes}, durable=True)

    def _write(self, files: Mapping[str, bytes], *, durable: bool) -> None:
        for path, content in files.items():
            parts = PurePosixPath(path)
            if parts.is_absolute() or ".." in parts.parts or not parts.parts:
                raise Invalid(f"{path[:80]!r} is no path inside the public zone")
            try:
                _write(self._folder / parts, content, durable=durable)
            except OSError as error:
                raise ZoneUnwritable(f"{path}: {error.strerror}") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time; the lock goes with the process that held it."""
        try:
            self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ZoneUnwritable(f"{self._folder.name}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _groups(advisories: Iterable[Mapping[str, bytes]]) -> Iterator[list[Mapping[str, bytes]]]:
    rest = iter(advisories)
    while group := list(islice(rest, _GROUP)):
        yield group


def _write(path: Path, content: bytes, *, durable: bool) -> None:
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    if durable:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name itself survives a power cut
        finally:
            os.close(folder)
