"""Options that many commands share, and what a command is given."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import click

from firstlight.adapters.cli.client import DEFAULT_SERVER, Client, token_from
from firstlight.adapters.cli.host import Host
from firstlight.adapters.cli.output import Output
from firstlight.core.kernel.errors import BadEncoding, Invalid, TooLarge

Command = Callable[..., None]
_FILE_BYTES = 64 << 20
_LINE_BYTES = 1 << 20


@dataclass(frozen=True)
class Local:
    """What a command on the server itself works with."""

    open_host: Callable[[], Host]
    out: Output

    @cached_property
    def host(self) -> Host:
        """The machine, opened when it is first needed."""
        return self.open_host()


@dataclass(frozen=True, kw_only=True)
class Remote:
    """What a command over HTTP works with."""

    client: Client
    out: Output

    def pages(self, *path: str, limit: int, **query: object) -> dict[str, Any]:
        """Up to `limit` items of a list, over as many pages as they need."""
        items: list[Any] = []
        cursor: str | None = None
        while True:
            size = min(limit - len(items), 200)
            found = self.client.get(*path, cursor=cursor, limit=size, **query).json()
            items.extend(found["items"])
            cursor = found["next"]
            if cursor is None or len(items) >= limit:
                return {"items": items, "next": cursor}


_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_SERVER = click.option(
    "--server",
    envvar="FIRSTLIGHT_URL",
    default=DEFAULT_SERVER,
    show_default=True,
    metavar="URL",
    help="The server's address; also FIRSTLIGHT_URL.",
)
ANONYMOUS = click.option("--anonymous", is_flag=True, help="Send no token.")
LIMIT = click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help="How many at most.",
)


def local(command: Command) -> Command:
    """A command that works on this machine."""

    @_JSON
    @wraps(command)
    def run(*args: object, as_json: bool, **rest: object) -> None:
        open_host = click.get_current_context().obj
        command(Local(open_host, Output(as_json=as_json)), *args, **rest)

    return run


def remote(command: Command) -> Command:
    """A command that speaks to a server; the token comes from the environment or its file."""

    @_JSON
    @_SERVER
    @wraps(command)
    def run(
        *args: object, as_json: bool, server: str, anonymous: bool = False, **rest: object
    ) -> None:
        token = None if anonymous else token_from(os.environ)
        given = Remote(client=Client(server, token), out=Output(as_json=as_json))
        command(given, *args, **rest)

    return run


def read_file(path: str) -> bytes:
    """A file's bytes, or those of standard input for `-`; bounded.

    Raises:
        Invalid: it cannot be read.
        TooLarge: it is beyond the bound.
    """
    try:
        with click.open_file(path, "rb") as file:
            data: bytes = file.read(_FILE_BYTES + 1)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", hint="Check the name and its mode.") from None
    if len(data) > _FILE_BYTES:
        raise TooLarge(f"{path} is too large", limit=_FILE_BYTES)
    return data


def read_lines(path: str) -> Iterator[bytes]:
    """A log's lines, or those of standard input for `-`; a line without end is cut into pieces.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        with click.open_file(path, "rb") as file:
            while line := file.readline(_LINE_BYTES):
                yield line
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", hint="Check the name and its mode.") from None


def read_text(path: str) -> str:
    """A file's text. Raises as `read_file`, and BadEncoding when it is not UTF-8."""
    try:
        return read_file(path).decode()
    except UnicodeDecodeError as error:
        raise BadEncoding(f"{path}: byte {error.start} is not UTF-8") from None


def write_file(path: str, pieces: Iterable[bytes]) -> None:
    """Write a new file; an existing one is never written over.

    Raises:
        Invalid: it exists, or cannot be written.
    """
    try:
        with Path(path).open("xb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", hint="Choose another name.") from None


def write_secret(path: str, data: bytes) -> None:
    """Write a new file that only its owner can read, from its first moment on.

    Raises:
        Invalid: it exists, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}", hint="Choose another name.") from None
