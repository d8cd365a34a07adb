"""Backup and restore of the whole database: one file, consistent while others write.

In the file: every table, raw documents and the queue included. Not in the file: the keys. They are
kept in a folder of their own and are backed up apart, so that whoever finds a backup can neither
sign nor open what is sealed. A backup is as confidential as the database (mode 0600).

Its last bytes are a digest of all before them, so that a changed byte anywhere is noticed; the
programs of both databases read past them.

SQLite: a copy by its online backup (https://sqlite.org/backup.html). PostgreSQL: a custom-format
dump by pg_dump, whose version must not be older than the server's.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connections

from firstlight.adapters.storage.border import border
from firstlight.core.kernel.errors import Conflict, Invalid, Unavailable

_BOOKKEEPING = frozenset(
    {
        "firstlight_review_revision",  # one row from the start, a counter
        "django_migrations",
        "django_content_type",
        "auth_permission",
        "firstlight_ledger_head",
        "sqlite_sequence",
    }
)
"""filled by migrations alone; a database that holds nothing else is empty"""
_SQLITE_MAGIC = b"SQLite format 3\x00"
_PG_MAGIC = b"PGDMP"
_END = b"firstlight-backup"
"""stands before the digest"""
_DIGEST_BYTES = 32
_READ_AT_ONCE = 1 << 20
_PAGES_AT_ONCE = 1024
"""copied between two looks at the writers (4 MiB)"""
_ERROR_CHARACTERS = 500


class NotEmpty(Conflict):
    """The database holds data that a restore would replace."""

    code = "backup.not_empty"
    next_step = "Restore into a fresh database, or say that this one may be overwritten."


class NotABackup(Invalid):
    """The file is no intact backup of this kind of database."""

    code = "backup.not_a_backup"
    next_step = "SQLite and PostgreSQL restore their own backups; take another copy of it."


class ToolMissing(Unavailable):
    """A program of PostgreSQL's client is missing, too old, or failed."""

    code = "backup.tool_missing"
    next_step = "Install the client of the server's version (Debian: postgresql-client)."


def backup(destination: Path, *, using: str = "default") -> None:
    """Write a backup; a file that is there is replaced only when the new one is complete.

    Args:
        destination: the file to write
        using: database alias

    Raises:
        Unavailable: the database, the folder or a tool cannot be used.
    """
    part = destination.with_name(f"{destination.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        if connections[using].vendor == "sqlite":
            _copy_sqlite(using, part)
        else:
            _run(using, "pg_dump", ["--format=custom", "--no-owner", f"--file={part}"])
        with part.open("ab") as file:
            file.write(_END + _digest(part, part.stat().st_size))
        part.replace(destination)
    except OSError as error:
        raise Unavailable(f"cannot write {destination}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def restore(source: Path, *, using: str = "default", overwrite: bool = False) -> None:
    """Replace the whole database by a backup, all or nothing. Run the migrations afterwards.

    Args:
        source: a file that `backup` wrote
        using: database alias
        overwrite: replace data that is there

    Raises:
        NotEmpty: there is data, and overwriting was not asked for.
        NotABackup: the file is none of this kind of database, or was changed.
        Unavailable: the database, the file or a tool cannot be used.
    """
    sqlite = connections[using].vendor == "sqlite"
    _check_file(source, _SQLITE_MAGIC if sqlite else _PG_MAGIC)
    if not overwrite and (full := _tables_with_rows(using)):
        raise NotEmpty(f"there are rows in {', '.join(full[:5])}", tables=full)
    if sqlite:
        _restore_sqlite(source, using)
    else:
        _restore_postgresql(source, using)


def _check_file(source: Path, magic: bytes) -> None:
    try:
        with source.open("rb") as file:
            found = file.read(len(magic))
            size = file.seek(0, os.SEEK_END) - len(_END) - _DIGEST_BYTES
            file.seek(max(size, 0))
            end = file.read()
        digest = _digest(source, size)
    except OSError as error:
        raise Unavailable(f"cannot read {source}: {error.strerror}") from error
    if found != magic:
        raise NotABackup(f"{source.name} is no backup of this kind of database")
    if not end.startswith(_END) or not hmac.compare_digest(end.removeprefix(_END), digest):
        raise NotABackup(f"{source.name} is cut off, or was changed after it was written")


def _digest(file: Path, size: int) -> bytes:
    """SHA-256 of the first `size` bytes."""
    digest, left = hashlib.sha256(), size
    with file.open("rb") as opened:
        while left > 0 and (data := opened.read(min(left, _READ_AT_ONCE))):
            digest.update(data)
            left -= len(data)
    return digest.digest()


def _tables_with_rows(using: str) -> list[str]:
    connection = connections[using]
    with border(), connection.cursor() as cursor:
        names = sorted(connection.introspection.table_names(cursor))
        full = []
        for name in names:
            if name in _BOOKKEEPING:
                continue
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608  # the database's own name, quoted
            if cursor.fetchone():
                full.append(name)
    return full


def _copy_sqlite(using: str, target: Path) -> None:
    with border():
        connections[using].ensure_connection()
        source: sqlite3.Connection = connections[using].connection
        with closing(sqlite3.connect(target)) as copy:
            source.backup(copy, pages=_PAGES_AT_ONCE)
            # The copy is one file: nobody writes to it, so it needs no log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")


def _restore_sqlite(source: Path, using: str) -> None:
    try:
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            (state,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if state != "ok":
                raise NotABackup(f"{source.name} is damaged: {state[:200]}")
            copy.execute("SELECT 1 FROM django_migrations LIMIT 1")
            with border():
                connections[using].ensure_connection()
                # One transaction of SQLite's own: readers see the old or the new content.
                copy.backup(connections[using].connection)
                connections[using].close()
    except sqlite3.DatabaseError as error:
        raise NotABackup(f"{source.name} cannot be restored: {error}") from error


def _restore_postgresql(source: Path, using: str) -> None:
    with tempfile.TemporaryDirectory(prefix="firstlight-restore-") as folder:
        # A script instead of pg_restore's own connection: emptying the schema and filling it
        # belong to one transaction. The folder is readable by its owner only.
        script = Path(folder) / "restore.sql"
        arguments = ["--no-owner", "--no-privileges", f"--file={script}", str(source)]
        _run(using, "pg_restore", arguments, connect=False)
        empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        _run(using, "psql", [*options, f"--command={empty}", f"--file={script}"])
    connections[using].close()


def _run(using: str, program: str, arguments: Sequence[str], *, connect: bool = True) -> None:
    if shutil.which(program) is None:
        raise ToolMissing(f"{program} is not installed")
    with _environment(using) as environment:
        finished = subprocess.run(
            [program, *(["--no-password"] if connect else []), *arguments],
            env=environment if connect else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    if finished.returncode == 0:
        return
    said = finished.stderr.decode(errors="replace").strip()[-_ERROR_CHARACTERS:]
    if program == "pg_restore":
        raise NotABackup(f"pg_restore: {said}")
    raise ToolMissing(f"{program}: {said}")


@contextmanager
def _environment(using: str) -> Iterator[Mapping[str, str]]:
    """How PostgreSQL's programs reach the database; the password is on no command line."""
    settings = connections[using].settings_dict
    named = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGDATABASE": "NAME"}
    environment = {name: str(settings[key]) for name, key in named.items() if settings[key]}
    environment |= {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryDirectory(prefix="firstlight-pass-") as folder:
        if settings["PASSWORD"]:
            path = Path(folder) / "pgpass"
            path.touch(mode=0o600)
            password = str(settings["PASSWORD"]).replace("\\", "\\\\").replace(":", "\\:")
            path.write_text(f"*:*:*:*:{password}\n", encoding="utf-8")
            environment["PGPASSFILE"] = str(path)
        yield environment
