"""The runner's HTTP service: performs experiments for whoever has the token, remembers nothing.

    POST /v1/experiments   msgpack `Experiment` -> msgpack `ExperimentResult`
    GET  /v1/health        what the sandbox of this machine can do (no token needed)

Checks, in this order, so that each costs less than the next: path, token (compared in constant
time), a free place (else 503 with Retry-After), declared size, the body, the experiment itself.
Standard library only: a process that runs untrusted code should have little else in it.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import logging
import signal
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import msgspec

from firstlight.adapters.runner import wire
from firstlight.core.kernel.errors import (
    FirstlightError,
    Invalid,
    NotSignedIn,
    Refused,
    SandboxUnavailable,
    TooLarge,
    Unavailable,
)
from firstlight.usecases.ports.execution import Experiment, Runner, Sandbox

log = logging.getLogger(__name__)

TOKEN_LEAST = 32
"""characters; shorter tokens are refused at start"""
_READ_SECONDS = 60.0
"""without a byte, after which a connection is given up"""
_RETRY_SECONDS = 2
_CHUNK = 1 << 20


class Busy(Unavailable):
    """All places of this runner are taken."""

    code = "runner.busy"
    next_step = "Ask again after Retry-After seconds, or start more runners."


class _NoSuchPath(Invalid):
    """A runner knows only /v1/experiments and /v1/health."""

    code = "runner.no_such_path"


class RunnerServer(ThreadingHTTPServer):
    """Serves one `Runner` on a listening socket."""

    daemon_threads = True

    def __init__(
        self, listen: socket.socket, runner: Runner, sandbox: Sandbox, *, token: str, places: int
    ) -> None:
        """`places` experiments at once; the socket is taken over."""
        if len(token) < TOKEN_LEAST:
            raise Invalid("The runner's token is too short.", least=TOKEN_LEAST)
        super().__init__(listen.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listen
        self.runner = runner
        self.sandbox = sandbox
        self.token = token.encode()
        self.places = threading.BoundedSemaphore(places)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log a failure that no reply could tell; the client sees a lost connection."""
        del request
        log.error("request of %s failed", client_address, exc_info=True)  # noqa: LOG014  (called while handling)


class _Handler(BaseHTTPRequestHandler):
    server: RunnerServer
    protocol_version = "HTTP/1.1"
    server_version = "firstlight-runner"
    sys_version = ""
    timeout: ClassVar[float] = _READ_SECONDS

    def do_GET(self) -> None:
        """Health."""
        if self.path != wire.HEALTH:
            self._fail(_NoSuchPath())
            return
        try:
            level = self.server.sandbox.level()
        except SandboxUnavailable as problem:
            body = {"status": "unavailable", "reason": problem.message, "next": problem.hint}
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, json.dumps(body).encode(), json_body=True)
            return
        body = {"status": "ok", "level": level.value}
        self._send(HTTPStatus.OK, json.dumps(body).encode(), json_body=True)

    def do_POST(self) -> None:
        """An experiment."""
        try:
            self._admit()
            if not self.server.places.acquire(blocking=False):
                raise Busy
            try:
                body = self._body()
                reply = wire.encode(self.server.runner.perform(_experiment(body)))
            finally:
                self.server.places.release()
        except FirstlightError as problem:
            self._fail(problem)
            return
        self._send(HTTPStatus.OK, reply)

    def _admit(self) -> None:
        if self.path != wire.EXPERIMENTS:
            raise _NoSuchPath
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        # Bytes, because compare_digest refuses text beyond ASCII.
        same = hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token)
        if kind.lower() != "bearer" or not same:
            raise NotSignedIn("The runner's token is missing or wrong.")

    def _body(self) -> bytes:
        declared = self.headers.get("Content-Length", "")
        if not (declared.isascii() and declared.isdigit()):
            raise Invalid("The request must declare its length.")
        size = int(declared)
        if size > wire.REQUEST_BYTES:
            raise TooLarge("The experiment is too large.", size=size, limit=wire.REQUEST_BYTES)
        body = bytearray()
        while len(body) < size:
            chunk = self.rfile.read(min(_CHUNK, size - len(body)))
            if not chunk:
                raise Invalid("The request ended early.", size=size, came=len(body))
            body += chunk
        return bytes(body)

    def _fail(self, problem: FirstlightError) -> None:
        # The body may be unread, so the connection cannot carry another request.
        self.close_connection = True
        self._send(
            _status(problem), wire.encode(wire.pack(problem)), busy=isinstance(problem, Busy)
        )

    def _send(
        self, status: HTTPStatus, body: bytes, *, json_body: bool = False, busy: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if json_body else wire.MEDIA_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if busy:
            self.send_header("Retry-After", str(_RETRY_SECONDS))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (as inherited)
        """One line a request; it holds neither token nor content."""
        log.info(format, *args)


def _experiment(body: bytes) -> Experiment:
    try:
        return wire.experiment_of(body)
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise Invalid(f"The experiment cannot be read: {problem}") from problem


def _status(problem: FirstlightError) -> HTTPStatus:
    match problem:
        case NotSignedIn():
            return HTTPStatus.UNAUTHORIZED
        case Refused():
            return HTTPStatus.FORBIDDEN
        case _NoSuchPath():
            return HTTPStatus.NOT_FOUND
        case TooLarge():
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        case Invalid():
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case _:
            return HTTPStatus.SERVICE_UNAVAILABLE


def serve(
    listen: socket.socket, runner: Runner, sandbox: Sandbox, *, token: str, places: int
) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises:
        Invalid: the token is too short.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        RunnerServer(listen, runner, sandbox, token=token, places=places).serve_forever()
