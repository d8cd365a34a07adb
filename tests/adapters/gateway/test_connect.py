"""Where the gateway connects to: allowed hosts, at addresses that were judged, over real TLS."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from firstlight.adapters.gateway.failures import EndpointFailed, EndpointNotAllowed
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.static_service import only_this_machine
from firstlight.adapters.gateway.upstream import Endpoints, host_of
from firstlight.adapters.outgoing.addresses import AllowedHost, forbidden

HOST = "localhost"


def post(endpoints: Endpoints, url: str) -> bytes:
    """One request, in a loop of its own."""

    async def story() -> bytes:
        target = endpoints.target(url, "/v1/messages")
        headers = [(b"host", host_of(target)), (b"content-length", b"2")]
        try:
            async with endpoints.send(target, headers, b"{}") as answer:
                return b"".join([piece async for piece in answer.body])
        finally:
            await endpoints.close()

    return asyncio.run(story())


class Hello(BaseHTTPRequestHandler):
    """Says hello."""

    def do_POST(self) -> None:
        """Hello."""
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *words: object) -> None:
        """Nothing."""


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[tuple[int, Path]]:
    """A server with a certificate for `name`; its port, and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + public)
    trusted = folder / "trusted.pem"
    trusted.write_bytes(public)
    server = HTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port, trusted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def allowed(*, loopback: bool = True) -> Endpoints:
    """A client that may reach this machine, or may not."""
    rule = only_this_machine if loopback else forbidden
    return Endpoints([AllowedHost(host=HOST)], GatewayLimits(connect=3), rule=rule)


def test_tls_that_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of the right name, from an authority that the operator trusts."""
    with tls_server(tmp_path, HOST) as (port, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert post(allowed(), f"https://{HOST}:{port}") == b"hello"


def test_tls_from_a_stranger(tmp_path: Path) -> None:
    """An authority that nobody trusts is no endpoint."""
    with tls_server(tmp_path, HOST) as (port, _), pytest.raises(EndpointFailed):
        post(allowed(), f"https://{HOST}:{port}")


def test_tls_for_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trusted certificate for another name is no endpoint."""
    with tls_server(tmp_path, "another.example") as (port, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with pytest.raises(EndpointFailed):
            post(allowed(), f"https://{HOST}:{port}")


def test_an_allowed_name_that_leads_inside() -> None:
    """With the usual rule a name on the list that leads to this machine is not reached."""
    with pytest.raises(EndpointNotAllowed):
        post(allowed(loopback=False), f"https://{HOST}:1")


@pytest.mark.parametrize(
    "url",
    [
        "https://another.example",
        f"http://{HOST}",
        f"https://user:password@{HOST}",
        f"https://{HOST}/?key=value",
        f"https://{HOST}#part",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_is_not_plain(url: str) -> None:
    """Another host, unencrypted, or with more than scheme, host and path."""
    with pytest.raises(EndpointNotAllowed):
        allowed().target(url, "/v1/messages")


def test_a_path_before_the_protocols_own() -> None:
    """An endpoint may live below a path."""
    found = allowed().target(f"https://{HOST}/models/seven/", "/v1/messages")
    assert found.target == b"/models/seven/v1/messages"
    assert host_of(found) == b"localhost"
