"""Speaks the HTTP API.

1. A token is sent over TLS, or to loopback; never in clear over a network.
2. It comes from FIRSTLIGHT_TOKEN or from a file that only its owner reads; never from an argument,
   which every user of the machine could see.
3. Redirects are not followed: a token goes to no other place than the one that was named.
4. An answer is read up to a bound.
5. A POST carries an idempotency key, so it is safely sent again when the connection breaks.
"""

from __future__ import annotations

import ipaddress
import json
import os
import stat
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from firstlight.adapters.cli.failures import ServerSaid
from firstlight.core.kernel.errors import Invalid, Refused, TooLarge, Unavailable

if TYPE_CHECKING:
    import httpx

DEFAULT_SERVER = "http://127.0.0.1:8600"
_PREFIX = "/api/v1"
_ANSWER_BYTES = 256 << 20
_TIMEOUT = 60.0
_TRIES = 3
_PROBLEM = "application/problem+json"
_FACT = 80
"""characters of a fact that is shown with an error"""
_FACTS = 5
_DIGITS = 7
"""of a number of seconds that is waited for"""


class NoServer(Unavailable):
    """The server cannot be reached."""

    code = "cli.no_server"
    next_step = "Check --server or FIRSTLIGHT_URL; `firstlight serve` starts one here."


class PlainHttp(Refused):
    """A token would travel in clear."""

    code = "cli.plain_http"
    next_step = "Use an https address."


class TokenFileOpen(Refused):
    """Others can read the file with the token."""

    code = "cli.token_file_open"
    next_step = "chmod 600 the file; if others had access, revoke the token and make a new one."


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A good answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:  # noqa: ANN401  # the server's JSON; each command knows its own shape
        """The decoded body.

        Raises:
            Unavailable: it is no JSON, so this is not our server.
        """
        try:
            return json.loads(self.content)
        except ValueError:
            raise NoServer("the answer is no JSON; is this a Firstlight server?") from None


class Client:
    """One server, with or without a token."""

    def __init__(self, server: str, token: str | None) -> None:
        """Raises PlainHttp or Invalid for an address that is not used."""
        parts = urlsplit(server)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise Invalid(f"{server[:100]!r} is no server's address", field="server")
        if token and parts.scheme == "http" and not _loopback(parts.hostname):
            raise PlainHttp(f"the token would travel in clear to {parts.hostname}")
        self._base = server.rstrip("/") + _PREFIX
        self._token = token

    def get(self, *path: str, **query: object) -> Reply:
        """Read."""
        return self._send("GET", path, query)

    def post(
        self, *path: str, body: object = None, if_match: str | None = None, **query: object
    ) -> Reply:
        """Do something once."""
        return self._send("POST", path, query, _json(body), if_match=if_match)

    def patch(self, *path: str, body: object, if_match: str) -> Reply:
        """Change what was seen."""
        return self._send("PATCH", path, {}, _json(body), if_match=if_match)

    def put(self, *path: str, body: object = None) -> Reply:
        """Put in the place of what is there."""
        return self._send("PUT", path, {}, _json(body))

    def delete(self, *path: str, **query: object) -> Reply:
        """Take back."""
        return self._send("DELETE", path, query)

    def send(self, method: str, *path: str, data: bytes, media_type: str, **query: object) -> Reply:
        """Send a document."""
        return self._send(method, path, query, (data, media_type))

    def _send(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, object],
        body: tuple[bytes, str] | None = None,
        *,
        if_match: str | None = None,
    ) -> Reply:
        import httpx  # noqa: PLC0415  # 90 ms that help pages do not need

        headers = {"User-Agent": f"firstlight/{version('firstlight')}", "Accept": "*/*"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if body:
            headers["Content-Type"] = body[1]
        if if_match:
            headers["If-Match"] = if_match
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        url = self._base + "".join(f"/{quote(part, safe='')}" for part in path)
        asked = {name: _texts(value) for name, value in query.items()}
        for attempt in range(1, _TRIES + 1):
            try:
                with httpx.stream(
                    method,
                    url,
                    params=asked,
                    headers=headers,
                    content=body[0] if body else None,
                    timeout=_TIMEOUT,
                ) as answer:
                    return _reply(answer)
            except httpx.TransportError as error:
                if attempt == _TRIES or method in {"PATCH", "DELETE"}:
                    raise NoServer(f"{self._base}: {error}"[:300]) from None
            except httpx.InvalidURL as error:
                raise Invalid(f"{server_of(url)}: {error}", field="server") from None
        raise NoServer(self._base)


def server_of(url: str) -> str:
    """Scheme and host of an address, for messages."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _reply(answer: httpx.Response) -> Reply:
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > _ANSWER_BYTES:
            raise TooLarge("the server's answer does not end", limit=_ANSWER_BYTES)
    if answer.is_success:
        return Reply(status=answer.status_code, headers=answer.headers, content=content)
    raise _said(answer, content)


def _said(answer: httpx.Response, content: bytes) -> ServerSaid | NoServer:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    try:
        problem = json.loads(content) if kind == _PROBLEM else None
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return NoServer(
            f"status {answer.status_code} without a problem document; is this a Firstlight server?"
        )
    detail = str(problem.get("detail", ""))
    faults = problem.get("details", {})
    listed = faults.get("faults") if isinstance(faults, dict) else None
    for fault in listed[1:] if isinstance(listed, list) else ():
        if isinstance(fault, dict):
            detail += f"; {fault.get('place') or fault.get('path')}: {fault.get('problem')}"
    if isinstance(faults, dict):
        detail += _facts(faults, detail)
    return ServerSaid(
        status=answer.status_code,
        code=str(problem.get("code", "")),
        detail=detail,
        hint=str(problem.get("hint", "")),
        retry_after=_seconds(answer.headers.get("retry-after", "")),
    )


def _seconds(text: str) -> int | None:
    """Of a Retry-After that names seconds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None


def _facts(details: Mapping[str, Any], told: str) -> str:
    """Small facts of an error that its sentence does not hold yet, for the person who reads it."""
    facts = [
        f"{name.replace('_', ' ')}: {value}"
        for name, value in details.items()
        if isinstance(value, str | int | float)
        and str(value) not in told
        and len(str(value)) <= _FACT
    ]
    return f" ({', '.join(facts[:_FACTS])})" if facts else ""


def token_from(env: Mapping[str, str]) -> str | None:
    """The token of FIRSTLIGHT_TOKEN, else of the token file, else none.

    Raises:
        TokenFileOpen: others can read the file.
    """
    if env.get("FIRSTLIGHT_TOKEN"):
        return env["FIRSTLIGHT_TOKEN"].strip()
    path = token_file(env)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as file:
        mode = os.fstat(descriptor).st_mode
        if stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO):
            raise TokenFileOpen(f"{path} has mode {stat.S_IMODE(mode):04o}")
        return file.read(400).strip() or None


def token_file(env: Mapping[str, str]) -> Path:
    """Where a token is kept: FIRSTLIGHT_TOKEN_FILE, or below the user's configuration folder."""
    if env.get("FIRSTLIGHT_TOKEN_FILE"):
        return Path(env["FIRSTLIGHT_TOKEN_FILE"])
    config = env.get("XDG_CONFIG_HOME") or str(
        Path(env.get("HOME") or "~").expanduser() / ".config"
    )
    return Path(config) / "firstlight" / "token"


def _texts(value: object) -> list[str]:
    """A query parameter's values: none, one, or one for each element."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _json(body: object) -> tuple[bytes, str] | None:
    return None if body is None else (json.dumps(body).encode(), "application/json")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
