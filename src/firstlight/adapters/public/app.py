"""The public server as an ASGI application of its own, without a framework: it has few addresses.

    POST /v1/query, POST /v1/querybatch, GET /v1/vulns/{id}     OSV
    GET /v1/links/{id}                                          records of others about it
    GET /v1/openapi.json                                        their description
    GET everything else                                         a file or a folder of the zone

Everything is bounded (`limits`). Nothing is written. An error is JSON with a code as gRPC numbers
them, since OSV's clients expect that, a sentence, and what to do.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from firstlight.adapters.public.files import BadRange, FileState, part_of, resolve, state_of
from firstlight.adapters.public.limits import DEFAULT, PublicLimits
from firstlight.adapters.public.linked import Links
from firstlight.adapters.public.listing import listing
from firstlight.adapters.public.openapi import DOCUMENT
from firstlight.adapters.public.osv_query import OsvQueries
from firstlight.core.kernel.errors import FirstlightError, Invalid, Missing, TooLarge, Unavailable

_LOG = logging.getLogger(__name__)
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_JSON = (b"content-type", b"application/json")
_COMMON: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-allow-origin", b"*"),
    (b"referrer-policy", b"no-referrer"),
]
_PAGE: Headers = [
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"content-type", b"text/html; charset=utf-8"),
]
_CACHE = (b"cache-control", b"public, max-age=60")


class MethodNotServed(Invalid):
    """This address does not take that method."""

    code = "public.wrong_method"
    next_step = "POST queries, GET everything else."


class BodySlow(Invalid):
    """The body did not come in time."""

    code = "public.body_slow"
    next_step = "Send it at once."


class _Refusal(NamedTuple):
    status: HTTPStatus
    grpc: int


def _refusal(error: FirstlightError) -> _Refusal:
    """Status and gRPC code of an error."""
    kinds: Iterable[tuple[type[FirstlightError], HTTPStatus, int]] = (
        (MethodNotServed, HTTPStatus.METHOD_NOT_ALLOWED, 12),
        (BodySlow, HTTPStatus.REQUEST_TIMEOUT, 4),
        (BadRange, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, 11),
        (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 3),
        (Missing, HTTPStatus.NOT_FOUND, 5),
        (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE, 14),
    )
    for kind, status, grpc in kinds:
        if isinstance(error, kind):
            return _Refusal(status, grpc)
    return _Refusal(HTTPStatus.BAD_REQUEST, 3)


class Answers(NamedTuple):
    """What is asked of one index."""

    osv: OsvQueries
    links: Links


class PublicApp:
    """Serves one folder."""

    def __init__(
        self, folder: Path, answers: Callable[[], Answers], limits: PublicLimits = DEFAULT
    ) -> None:
        """`answers` come from the present index; it may change between two requests."""
        self._folder = folder.resolve()
        self._answers = answers
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        try:
            await self._serve(scope, receive, send)
        except FirstlightError as error:
            await _refuse(error, scope, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path.startswith("/v1/"):
            if path == "/v1/query":
                _require(method, "POST")
                body = await self._body(receive, self._limits.query_bytes)
                await _send(send, self._answers().osv.query(body), [_JSON])
            elif path == "/v1/querybatch":
                _require(method, "POST")
                body = await self._body(receive, self._limits.batch_bytes)
                answer = await asyncio.to_thread(self._answers().osv.batch, body)
                await _send(send, answer, [_JSON])
            elif path == "/v1/openapi.json":
                _require(method, "GET", "HEAD")
                await _send(send, DOCUMENT, [_JSON, _CACHE], head=method == "HEAD")
            elif path.startswith("/v1/vulns/"):
                _require(method, "GET", "HEAD")
                record = self._answers().osv.record(path.removeprefix("/v1/vulns/"))
                await _send(send, record, [_JSON, _CACHE], head=method == "HEAD")
            elif path.startswith("/v1/links/"):
                _require(method, "GET", "HEAD")
                name = path.removeprefix("/v1/links/")
                answer = await asyncio.to_thread(self._answers().links.of, name)
                await _send(send, answer, [_JSON, _CACHE], head=method == "HEAD")
            else:
                raise Missing("there is no such operation", hint="See /v1/query and /v1/vulns/.")
            return
        _require(method, "GET", "HEAD")
        await self._static(path, scope, send, head=method == "HEAD")

    async def _static(self, path: str, scope: Scope, send: Send, *, head: bool) -> None:
        found = resolve(self._folder, path)
        if found.is_dir():
            page = found / "index.html"
            if not page.is_file():
                made = await asyncio.to_thread(listing, found, path, self._limits.listed)
                await _send(send, made, [*_PAGE, _CACHE], head=head)
                return
            found = page
        state = state_of(found)
        asked = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        part = part_of(state, asked)
        headers = _headers_of(state)
        if part.status is HTTPStatus.NOT_MODIFIED:
            await _start(send, part.status, headers)
            await send({"type": "http.response.body"})
            return
        if part.status is HTTPStatus.PARTIAL_CONTENT:
            last = part.first + part.length - 1
            headers.append((b"content-range", f"bytes {part.first}-{last}/{state.size}".encode()))
        headers.append((b"content-length", str(part.length).encode()))
        await _start(send, part.status, headers)
        if head:
            await send({"type": "http.response.body"})
            return
        await self._stream(found, part.first, part.length, send)

    async def _stream(self, path: Path, first: int, length: int, send: Send) -> None:
        chunk = self._limits.chunk
        with path.open("rb") as file:
            file.seek(first)
            if length <= chunk:
                await send({"type": "http.response.body", "body": file.read(length)})
                return
            left = length
            while left > 0:
                data = await asyncio.to_thread(file.read, min(chunk, left))
                left = left - len(data) if data else 0
                more = left > 0
                await send({"type": "http.response.body", "body": data, "more_body": more})

    async def _body(self, receive: Receive, most: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while True:
                    message = await receive()
                    data = message.get("body", b"")
                    size += len(data)
                    if size > most:
                        raise TooLarge(f"a body has {most} bytes at most here", limit=most)
                    parts.append(data)
                    if not message.get("more_body"):
                        return b"".join(parts)
        except TimeoutError:
            raise BodySlow from None


def _require(method: str, *allowed: str) -> None:
    if method not in allowed:
        raise MethodNotServed(f"{method[:20]} is not for this address", allowed=", ".join(allowed))


def _headers_of(state: FileState) -> Headers:
    kind = state.media_type
    headers: Headers = [
        (b"content-type", kind.encode()),
        (b"etag", state.tag.encode()),
        (b"last-modified", state.last_modified.encode()),
        (b"accept-ranges", b"bytes"),
        _CACHE,
    ]
    return [_PAGE[0], *headers] if kind.startswith("text/html") else headers


async def _start(send: Send, status: HTTPStatus, headers: Headers) -> None:
    await send(
        {"type": "http.response.start", "status": int(status), "headers": [*_COMMON, *headers]}
    )


async def _send(
    send: Send,
    body: bytes,
    headers: Headers,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    head: bool = False,
) -> None:
    await _start(send, status, [*headers, (b"content-length", str(len(body)).encode())])
    await send({"type": "http.response.body", "body": b"" if head else body})


async def _refuse(error: FirstlightError, scope: Scope, send: Send) -> None:
    status, grpc = _refusal(error)
    headers: Headers = [_JSON]
    if isinstance(error, MethodNotServed):
        headers.append((b"allow", str(error.details["allowed"]).encode()))
    if isinstance(error, BadRange):
        headers.append((b"content-range", f"bytes */{error.details['size']}".encode()))
    body = msgspec.json.encode({"code": grpc, "message": f"{error.message}. {error.hint}"})
    await _send(send, body, headers, status=status, head=scope["method"] == "HEAD")


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
