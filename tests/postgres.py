"""A private PostgreSQL server for one test session: temp folder, loopback port, trust.

Data is not flushed to disk (`fsync=off`): the server itself is never killed in a test, only its
clients are.
"""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

_START_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server."""

    port: int
    user: str

    def url(self, name: str) -> str:
        """DATABASE_URL of one of its databases."""
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        """Run one statement outside of a transaction, in the maintenance database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def create(self, name: str, template: str = "template0") -> None:
        """A new database, copied from another."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop(self, name: str) -> None:
        """Away with it, and with whoever is still connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _folder_of_programs() -> Path | None:
    """Debian keeps the server's programs outside of PATH, by version."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3])
    )
    return found[-1].parent if found else None


def _absent(reason: str) -> None:
    """Skip with the reason, or fail where nothing may be skipped."""
    if os.environ.get("FIRSTLIGHT_NO_SKIP") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _as_server_user(folder: Path) -> tuple[list[str], str]:
    """How to start a program as the server's user: PostgreSQL refuses to run as root."""
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return prefix, getpass.getuser()
    shutil.chown(folder, "postgres", "postgres")
    return [
        *prefix,
        "--reuid=postgres",
        "--regid=postgres",
        "--clear-groups",
    ], "postgres"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            server.execute("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("PostgreSQL was found but did not start")
            time.sleep(0.05)
        else:
            return


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server, hand it out, stop it."""
    programs = _folder_of_programs()
    if programs is None:
        _absent("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        return
    folder = Path(tempfile.mkdtemp(prefix="firstlight-pg-"))
    prefix, user = _as_server_user(folder)
    data = folder / "data"
    options = ["-A", "trust", "-U", user, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run(
        [*prefix, str(programs / "initdb"), "-D", str(data), *options],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    port = _free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "fsync": "off",
        "shared_buffers": "32MB",
        "max_connections": 80,
        "log_min_messages": "fatal",
    }
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        [*prefix, str(programs / "postgres"), "-D", str(data), *flags],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    server = Server(port=port, user=user)
    try:
        _await(server, process)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=_START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)
