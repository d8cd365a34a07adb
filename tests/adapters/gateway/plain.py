"""Requests over bare sockets, where a test needs every byte."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from dataclasses import dataclass

from firstlight.adapters.gateway.dialects import PATHS
from firstlight.core.review.artefacts import Dialect


@dataclass(frozen=True)
class Reply:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    """names in lower case"""
    body: bytes


def body(model: str = "recorded", *, stream: bool = False, **more: object) -> bytes:
    """A small request."""
    words = [{"role": "user", "content": "hello"}]
    return json.dumps({"model": model, "stream": stream, "messages": words, **more}).encode()


def head(key: str, **more: str) -> dict[str, str]:
    """The usual headers."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"authorization": f"Bearer {key}", "content-type": "application/json", **named}


def ask(
    port: int,
    content: bytes,
    headers: dict[str, str],
    *,
    dialect: Dialect = Dialect.OPENAI_CHAT,
    query: str = "",
    method: str = "POST",
) -> Reply:
    """One request, one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, PATHS[dialect] + query, content, headers)
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, named, answer.read())
    finally:
        connection.close()


def raw(port: int, request: bytes, *, small: bool = False) -> socket.socket:
    """Send bytes as they are; the answer is for the caller to read."""
    one = socket.socket()
    if small:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.settimeout(20)
    one.connect(("127.0.0.1", port))
    one.sendall(request)
    return one


def request_bytes(key: str, content: bytes, *more: str) -> bytes:
    """A well-formed request, with further header lines."""
    lines = [
        f"POST {PATHS[Dialect.OPENAI_CHAT]} HTTP/1.1",
        "Host: gateway",
        f"Authorization: Bearer {key}",
        "Content-Type: application/json",
        *(more or (f"Content-Length: {len(content)}",)),
    ]
    return "\r\n".join((*lines, "", "")).encode() + content


def rest(one: socket.socket) -> bytes:
    """Everything until the other side closes."""
    pieces = []
    with one:
        while piece := one.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def until_it_breaks(one: socket.socket) -> bytes:
    """Everything until the other side closes or resets the connection."""
    answer = b""
    with one, contextlib.suppress(ConnectionResetError):
        while piece := one.recv(65536):
            answer += piece
    return answer


def rest_of_stream(one: socket.socket) -> bytes:
    """The body of a chunked answer, without its framing."""
    with one:
        answer = http.client.HTTPResponse(one)
        answer.begin()
        return answer.read()
