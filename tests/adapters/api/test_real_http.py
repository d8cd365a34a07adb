"""Over a real socket: what the test client would smooth over."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
from tests.adapters.api.conftest import Installation, report

from firstlight.core.kernel.parties import Role


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """The API on a free port of loopback."""
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415  # needs Django
    from django.db import connections  # noqa: PLC0415  # likewise

    class Server(WSGIServer):
        """Closes its database connection with itself."""

        def serve_forever(self, poll_interval: float = 0.02) -> None:
            """Until shut down."""
            super().serve_forever(poll_interval)
            connections.close_all()

    server = make_server(
        "127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_report_is_sent_and_read_back(on_sqlite: Installation) -> None:
    """A token, a POST and a GET over a socket, with the headers that matter."""
    headers = on_sqlite.caller(Role.FINDER).headers
    with served() as address, httpx.Client(base_url=address, headers=headers) as client:
        sent = client.post("/api/v1/reports", json=report())
        assert sent.status_code == 201
        got = client.get(sent.headers["Location"])
        assert got.json()["title"] == "Reads too far"
        again = client.get(sent.headers["Location"], headers={"If-None-Match": got.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = client.head(sent.headers["Location"])
        assert (head.status_code, head.content) == (200, b"")


def test_an_oversized_body_is_refused_before_it_is_sent(on_sqlite: Installation) -> None:
    """The answer comes while not one byte of the announced terabyte was sent."""
    assert on_sqlite.callers == {}
    with served() as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as sent:
            sent.sendall(
                b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: 1099511627776\r\n\r\n"
            )
            answer = http.client.HTTPResponse(sent)
            answer.begin()
            assert answer.status == 413
            assert b"request.body_too_large" in answer.read()


def test_a_body_that_ends_early(on_sqlite: Installation) -> None:
    """Half a report is no report: it is refused, and nothing is stored."""
    assert on_sqlite.callers == {}
    with served() as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as sent:
            sent.sendall(
                b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b'Content-Length: 1000\r\n\r\n{"title": "half'
            )
            sent.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(sent)
            answer.begin()
            assert answer.status == 400
    with on_sqlite.context.storage.begin() as work:
        assert work.ledger.size() == 0
