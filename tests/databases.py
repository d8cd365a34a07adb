"""Fresh, migrated databases for tests, each a copy of a template that is migrated once."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from tests.postgres import Server

_TEMPLATE = "firstlight_template"


def ready() -> None:
    """Set Django up, with its data in a folder that goes when the tests end. Idempotent."""
    if "FIRSTLIGHT_DATA" not in os.environ:
        folder = tempfile.mkdtemp(prefix="firstlight-tests-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["FIRSTLIGHT_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "firstlight.django_settings")
    import django  # noqa: PLC0415  # reads the two variables above

    django.setup()


@dataclass(frozen=True, kw_only=True)
class Database:
    """A database to which Django's alias `default` points while the test runs."""

    vendor: str
    """sqlite or postgresql"""
    url: str

    @property
    def environment(self) -> Mapping[str, str]:
        """For a child process that works on the same database."""
        return {**os.environ, "DATABASE_URL": self.url}


@contextmanager
def pointing(vendor: str, url: str) -> Iterator[Database]:
    """Let the alias `default` mean this database, in every thread, until the block ends."""
    from django.db import connections  # noqa: PLC0415  # needs ready()

    from firstlight.django_settings import database  # noqa: PLC0415

    before = connections.settings["default"]
    _switch(connections.configure_settings({"default": database(url)})["default"])
    try:
        yield Database(vendor=vendor, url=url)
    finally:
        _switch(before)


def _switch(description: dict[str, object]) -> None:
    from django.db import connections  # noqa: PLC0415

    connections["default"].close()
    del connections["default"]
    connections.settings["default"] = description


def _migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)


def make_sqlite_template(folder: Path) -> Path:
    """A migrated SQLite file to copy."""
    path = folder / "template.sqlite3"
    with pointing("sqlite", f"sqlite:///{path}"):
        _migrate()
    return path


@contextmanager
def fresh_sqlite(template: Path, folder: Path) -> Iterator[Database]:
    """A copy of the template."""
    path = folder / "firstlight.sqlite3"
    shutil.copy(template, path)
    with pointing("sqlite", f"sqlite:///{path}") as database:
        yield database


def make_postgres_template(server: Server) -> str:
    """A migrated PostgreSQL database to copy."""
    server.create(_TEMPLATE)
    with pointing("postgresql", server.url(_TEMPLATE)):
        _migrate()
    return _TEMPLATE


@contextmanager
def fresh_postgres(server: Server, template: str) -> Iterator[Database]:
    """A copy of the template."""
    name = f"test_{uuid4().hex[:12]}"
    server.create(name, template)
    with pointing("postgresql", server.url(name)) as database:
        yield database
    server.drop(name)
