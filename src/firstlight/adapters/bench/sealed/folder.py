"""A sealed suite in a folder: sealing, reading with the key, opening single tasks.

Rules:

1. nothing of a task is written in clear, not even for a moment: files are sealed in memory;
2. the commitment is part of what each file is bound to, so a file of another suite, version or
   commitment does not open here;
3. what comes out is compared with the commitment before it is used;
4. an opened task is written down as opened, and counts as public from then on, with every task of
   the same program;
5. a folder is written under another name and renamed at the end: complete or not there.

Who holds the key folder reads everything; it is no part of the suite's folder.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hmac import compare_digest
from pathlib import Path

from firstlight.adapters.bench.planted.document import Files, describe, digest_of
from firstlight.adapters.bench.sealed import wire
from firstlight.adapters.bench.sealed.wire import (
    COMMITTED,
    INDEX,
    MANIFEST,
    OPENED,
    TASKS,
    Index,
    Manifest,
    Opened,
    OpenedList,
    Published,
    Row,
    SealedSuiteInvalid,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.measure.commitment import (
    SALT_BYTES,
    CommitmentBroken,
    Committed,
    Opening,
    TaskSecret,
    commit,
    open_task,
)
from firstlight.usecases.ports.sealed import Sealed, SealedVault

_FILE_BYTES = 64 << 20
_DRAWN_BYTES = 8


class SuiteNotCommitted(Conflict):
    """Nobody was told of this suite before it is used."""

    code = "suite.not_committed"
    next_step = "Publish its commitment first: firstlight suite commit FOLDER COMMITMENT."


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a suite is called."""

    suite: str
    version: str
    follows: str = ""
    """root of the version that it replaces"""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One task that was opened."""

    opening: Opening
    """proves that it belonged to the commitment"""
    files: Files
    """the task"""
    siblings: tuple[str, ...]
    """other tasks of the same program, which are public now as well"""


def seal(
    folder: Path,
    vault: SealedVault,
    named: Named,
    documents: Sequence[Files],
    *,
    now: Instant,
    seed: bytes = b"",
) -> Manifest:
    """Seal tasks into a new folder, and commit to them.

    Raises:
        Conflict: the folder is there already, or its name and version were used before.
        Invalid: no task, one twice, one that cannot be used, or a name that names nothing.
        KeyDestroyed, VaultUnusable: there is no key to seal with.
    """
    key = wire.key_name(named.suite, named.version)
    if folder.exists():
        raise Conflict(f"{folder} exists", hint="Name another folder.")
    if vault.exists(key):
        raise Conflict(
            f"There is a suite {named.suite} {named.version} already.",
            hint="Raise --version; one key belongs to one version for ever.",
        )
    rows = [_row(files) for files in documents]
    committed = commit(named.suite, named.version, _secrets(rows))
    order = sorted(range(len(rows)), key=lambda at: rows[at].salt)
    vault.seal(key, "first", b"", b"")
    manifest = Manifest(
        suite=named.suite,
        version=named.version,
        size=committed.size,
        root=committed.root,
        made_at=str(now),
        key=key,
        fingerprint=vault.fingerprint(key),
        follows=named.follows,
        files=[secrets.token_hex(_DRAWN_BYTES) for _ in rows],
    )
    index = Index(tasks=[rows[at] for at in order], seed=seed)
    contents = {INDEX: (INDEX, wire.write_index(index))}
    for name, at in zip(manifest.files, order, strict=True):
        contents[f"{TASKS}/{name}.sealed"] = (name, wire.write_files(documents[at]))
    sealed = {
        path: vault.seal(key, document, content, manifest.context()).envelope
        for path, (document, content) in contents.items()
    }
    _write(folder, {**sealed, MANIFEST: wire.write_json(manifest)})
    return manifest


class SealedSuite:
    """A sealed suite, read with its key."""

    def __init__(self, folder: Path, vault: SealedVault) -> None:
        """Read what is public of it.

        Raises:
            Missing: there is no sealed suite in this folder.
            SealedSuiteInvalid: it is damaged.
        """
        self.folder = folder
        self._vault = vault
        if not (folder / MANIFEST).is_file():
            raise Missing(f"There is no sealed suite in {folder}.", hint="firstlight suite seal")
        self.manifest = wire.read_json(_read(folder / MANIFEST), Manifest, MANIFEST)
        if len(self.manifest.files) != self.manifest.size:
            raise SealedSuiteInvalid(f"{MANIFEST}: files and size disagree.", file=MANIFEST)

    @property
    def committed(self) -> Committed:
        """What is published of it."""
        found = self.manifest
        return Committed(suite=found.suite, version=found.version, size=found.size, root=found.root)

    @property
    def committed_at(self) -> Instant | None:
        """When its commitment was published; None while it was not."""
        path = self.folder / COMMITTED
        if not path.is_file():
            return None
        return Instant.parse(wire.read_json(_read(path), Published, COMMITTED).at)

    def note_committed(self, at: Instant, *, ledger: bool) -> None:
        """Write down when its commitment was published. Raises Conflict when it was before."""
        if self.committed_at is not None:
            raise Conflict("This suite was committed to already.", at=str(self.committed_at))
        _write_file(self.folder / COMMITTED, wire.write_json(Published(at=str(at), ledger=ledger)))

    @cached_property
    def index(self) -> Index:
        """Its tasks, compared with the commitment.

        Raises:
            CommitmentBroken: these are not the tasks that were committed to.
            KeyDestroyed, KeyMissing, SealBroken, VaultUnusable: it does not open.
        """
        index = wire.read_index(self._open(INDEX, INDEX))
        found = commit(self.manifest.suite, self.manifest.version, _secrets(index.tasks))
        if not compare_digest(found.root, self.manifest.root):
            raise CommitmentBroken("the index is not what was committed to")
        return index

    @property
    def seed(self) -> bytes:
        """What its programs were made from; empty where they were made otherwise."""
        return self.index.seed

    def names(self) -> tuple[str, ...]:
        """The tasks' own names. Raises as `index`."""
        return tuple(row.task for row in self.index.tasks)

    def documents(self) -> Iterator[tuple[Row, Files]]:
        """Each task with its files, in clear in memory. Raises as `index`."""
        for row, name in zip(self.index.tasks, self.manifest.files, strict=True):
            files = wire.read_files(self._open(f"{TASKS}/{name}.sealed", name))
            if not compare_digest(digest_of(files), row.digest):
                raise CommitmentBroken("a task is not what was committed to")
            yield row, files

    def open_task(self, task: str, now: Instant) -> Shown:
        """Open one task for good; it counts as public from now on. Raises Missing; as `index`."""
        secrets_of = _secrets(self.index.tasks)
        opening = open_task(self.manifest.suite, self.manifest.version, secrets_of, task)
        program, files = next(
            (row.program, files) for row, files in self.documents() if row.task == task
        )
        self._note(task, now)
        siblings = tuple(
            row.task for row in self.index.tasks if row.program == program and row.task != task
        )
        return Shown(opening=opening, files=files, siblings=siblings)

    def public_since(self) -> Mapping[str, date]:
        """Tasks that are secret no more, with the day; those of an opened program among them."""
        since = {one.task: Instant.parse(one.at).utc.date() for one in self.opened()}
        program_of = {row.task: row.program for row in self.index.tasks}
        days: dict[str, date] = {}
        for task, day in since.items():
            program = program_of.get(task, "")
            days[program] = min(day, days.get(program, day))
        return {task: days[program] for task, program in program_of.items() if program in days}

    def opened(self) -> Sequence[Opened]:
        """Those that were opened, in order."""
        path = self.folder / OPENED
        if not path.is_file():
            return ()
        return wire.read_json(_read(path), OpenedList, OPENED).opened

    def seal_log(self, name: str, content: bytes) -> bytes:
        """Something that a run wrote, sealed to the suite's key; `name` opens it again."""
        key = self.manifest.key
        return self._vault.seal(key, name, content, self.manifest.context()).envelope

    def open_log(self, name: str, envelope: bytes) -> bytes:
        """What `seal_log` sealed. Raises as `index`, and SealBroken."""
        sealed = Sealed(envelope=envelope)
        return self._vault.open(self.manifest.key, name, sealed, self.manifest.context())

    def _open(self, path: str, document: str) -> bytes:
        found = self.folder / path
        if not found.is_file():
            raise SealedSuiteInvalid(f"{path} is missing.", file=path)
        return self.open_log(document, _read(found))

    def _note(self, task: str, now: Instant) -> None:
        known = list(self.opened())
        if any(one.task == task for one in known):
            return
        known.append(Opened(task=task, at=str(now)))
        part = self.folder / f".{OPENED}.{secrets.token_hex(_DRAWN_BYTES)}"
        _write_file(part, wire.write_json(OpenedList(opened=known)))
        part.rename(self.folder / OPENED)


def _row(files: Files) -> Row:
    said = describe(files)
    return Row(
        task=said.id,
        program=said.program,
        digest=digest_of(files),
        salt=secrets.token_bytes(SALT_BYTES),
    )


def _secrets(rows: Sequence[Row]) -> list[TaskSecret]:
    return [TaskSecret(task=row.task, digest=row.digest, salt=row.salt) for row in rows]


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(_DRAWN_BYTES)}")
    try:
        (part / TASKS).mkdir(mode=0o700, parents=True)
        for path, data in files.items():
            _write_file(part / path, data)
        part.rename(folder)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise Invalid(f"{folder}: {error.strerror}", hint="Name another folder.") from None


def _write_file(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(_FILE_BYTES + 1)
    if len(data) > _FILE_BYTES:
        raise SealedSuiteInvalid(f"{path.name} is too large.", file=path.name)
    return data
