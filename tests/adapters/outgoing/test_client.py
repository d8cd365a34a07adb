"""The client against real sockets on loopback: each refusal, each bound."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from firstlight.adapters.outgoing import (
    AllowedHost,
    OutgoingBounds,
    OutgoingClient,
    OutgoingDigestMismatch,
    OutgoingFailed,
    OutgoingNotFound,
    OutgoingTooLarge,
)
from firstlight.adapters.outgoing.addresses import Address
from firstlight.core.kernel.errors import Invalid, OutgoingRefused

LOCAL = ipaddress.ip_address("127.0.0.1")
HOST = AllowedHost(host="mirror.test", plain_http_ok=True)


class Handler(BaseHTTPRequestHandler):
    """Answers by path; counts what arrives."""

    seen: ClassVar[list[str]] = []
    signed_in: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:  # the library's name
        """Answer."""
        self.seen.append(f"{self.headers['host']} {self.path}")
        self.signed_in.append(self.headers["authorization"])
        name, _, rest = self.path[1:].partition("/")
        answer: Callable[[str], None] = getattr(self, f"answer_{name}")
        answer(rest)

    def answer_bytes(self, count: str) -> None:
        """So many bytes, announced."""
        body = b"x" * int(count)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_endless(self, _: str) -> None:
        """Bytes without an announced end."""
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            self.close_connection = True

    def answer_drip(self, _: str) -> None:
        """A header that never ends, a byte at a time."""
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
            while True:
                self.wfile.write(b"y")
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def answer_gzip(self, _: str) -> None:
        """Compressed although nobody asked."""
        self.send_response(200)
        self.send_header("content-encoding", "gzip")
        self.end_headers()

    def answer_status(self, code: str) -> None:
        """This status."""
        self.send_response(int(code))
        self.send_header("content-length", "0")
        self.end_headers()

    def answer_to(self, place: str) -> None:
        """A redirect."""
        self.send_response(302)
        self.send_header("location", place)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
        """Keep quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    """A server on loopback."""
    Handler.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def here(_host: str, _port: int) -> tuple[Address, ...]:
    """Every name leads to this machine."""
    return (LOCAL,)


def anywhere(_address: Address, *, private_ok: bool) -> str | None:  # noqa: ARG001  # as the rule
    """Lets a test connect to loopback."""
    return None


def client(*hosts: AllowedHost, bounds: OutgoingBounds | None = None) -> OutgoingClient:
    """A client whose names all lead here, and which may connect here."""
    return OutgoingClient(hosts or (HOST,), bounds=bounds, resolver=here, rule=anywhere)


def test_an_allowed_host_is_read(port: int) -> None:
    """The name goes into the request, the checked address takes the connection."""
    answer = client().get(f"http://mirror.test:{port}/bytes/5")
    assert answer.body == b"xxxxx"
    assert Handler.seen == [f"mirror.test:{port} /bytes/5"]


def test_a_host_off_the_list_is_not_even_looked_up() -> None:
    """Deny by default, before any name service is asked."""

    def never(host: str, _port: int) -> tuple[Address, ...]:
        raise AssertionError(host)

    with pytest.raises(OutgoingRefused):
        OutgoingClient([HOST], resolver=never).get("https://other.test/")


@pytest.mark.parametrize(
    "url", ["ftp://mirror.test/x", "file:///etc/passwd", "https://u:p@mirror.test/"]
)
def test_other_ways_to_write_an_address_are_refused(url: str) -> None:
    """Other schemes and passwords in the address are refused."""
    with pytest.raises(OutgoingRefused):
        client().get(url)


def test_plain_http_needs_its_own_word(port: int) -> None:
    """A host that was not allowed to speak in clear is not asked in clear."""
    with pytest.raises(OutgoingRefused, match="scheme"):
        client(AllowedHost(host="mirror.test")).get(f"http://mirror.test:{port}/bytes/1")
    assert Handler.seen == []


def test_a_name_that_leads_to_this_machine_is_refused(port: int) -> None:
    """The real rule, a real listening socket: nothing arrives there, mirror or not."""
    for private_ok in (False, True):
        allow = AllowedHost(host="localhost", plain_http_ok=True, private_ok=private_ok)
        with pytest.raises(OutgoingRefused, match="this machine"):
            OutgoingClient([allow]).get(f"http://localhost:{port}/bytes/1")
    assert Handler.seen == []


def test_one_bad_address_among_good_ones_is_refused() -> None:
    """A name with a public and an inner address is refused as a whole."""
    both = (ipaddress.ip_address("1.1.1.1"), LOCAL)
    with pytest.raises(OutgoingRefused):
        OutgoingClient([HOST], resolver=lambda _host, _port: both).get("http://mirror.test/")


def test_a_name_is_resolved_once_per_request(port: int) -> None:
    """A name that changes its answer after the check changes nothing: it is not asked again."""
    asked: list[str] = []

    def turning(host: str, _port: int) -> tuple[Address, ...]:
        asked.append(host)
        return (LOCAL,) if len(asked) == 1 else (ipaddress.ip_address("169.254.169.254"),)

    steady = OutgoingClient([HOST], resolver=turning, rule=anywhere)
    assert steady.get(f"http://mirror.test:{port}/bytes/2").body == b"xx"
    assert asked == ["mirror.test"]


def test_a_redirect_is_followed_to_an_allowed_host(port: int) -> None:
    """The second host is asked under its own name."""
    both = client(HOST, AllowedHost(host="files.test", plain_http_ok=True))
    answer = both.get(f"http://mirror.test:{port}/to/http://files.test:{port}/bytes/3")
    assert answer.body == b"xxx"
    assert answer.url == f"http://files.test:{port}/bytes/3"


@pytest.mark.parametrize("place", ["http://other.test/", "file:///etc/passwd", "//other.test/x"])
def test_a_redirect_elsewhere_is_refused(port: int, place: str) -> None:
    """Each hop is checked against the list again."""
    with pytest.raises(OutgoingRefused):
        client().get(f"http://mirror.test:{port}/to/{place}")


def test_a_redirect_inside_is_refused(port: int) -> None:
    """Each hop is resolved and judged again: an allowed name that now leads inside is refused."""
    hosts = (HOST, AllowedHost(host="inner.test", plain_http_ok=True))

    def split(host: str, _port: int) -> tuple[Address, ...]:
        return (LOCAL,) if host == "mirror.test" else (ipaddress.ip_address("169.254.169.254"),)

    def rule(address: Address, *, private_ok: bool) -> str | None:
        return None if address == LOCAL and not private_ok else "the local link"

    guarded = OutgoingClient(hosts, resolver=split, rule=rule)
    with pytest.raises(OutgoingRefused, match="local link"):
        guarded.get(f"http://mirror.test:{port}/to/http://inner.test/latest")


def test_redirects_are_bounded(port: int) -> None:
    """A loop ends with an error, after so many requests."""
    bounds = OutgoingBounds(redirects=3)
    with pytest.raises(OutgoingFailed, match="redirects"):
        client(bounds=bounds).get(f"http://mirror.test:{port}/to//to//to//to//to//to//to/")
    assert len(Handler.seen) == 4


@pytest.mark.parametrize("path", ["bytes/2000", "endless/"])
def test_size_is_bounded(port: int, path: str) -> None:
    """An announced and an unannounced excess end alike."""
    with pytest.raises(OutgoingTooLarge):
        client().get(f"http://mirror.test:{port}/{path}", max_bytes=1999)


def test_time_is_bounded_even_for_a_dripping_header(port: int) -> None:
    """The total holds although each single wait is short."""
    begun = time.monotonic()
    bounds = OutgoingBounds(total_seconds=0.5, idle_seconds=0.4)
    with pytest.raises(OutgoingFailed, match="too long"):
        client(bounds=bounds).get(f"http://mirror.test:{port}/drip/")
    assert time.monotonic() - begun < 3


def test_a_compressed_answer_is_refused(port: int) -> None:
    """A small answer cannot become a large one."""
    with pytest.raises(OutgoingFailed, match="compresses"):
        client().get(f"http://mirror.test:{port}/gzip/")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, OutgoingNotFound),
        (410, OutgoingNotFound),
        (500, OutgoingFailed),
        (304, OutgoingFailed),
    ],
)
def test_a_refusing_server_is_told_apart(port: int, status: int, kind: type[Exception]) -> None:
    """Not there is not the same as broken."""
    with pytest.raises(kind):
        client().get(f"http://mirror.test:{port}/status/{status}")


def test_nobody_listening_is_a_failure() -> None:
    """A refused connection is translated."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(OutgoingFailed, match="cannot be reached"):
        client().get(f"http://mirror.test:{port}/")


def test_a_file_appears_only_with_its_digest(port: int, tmp_path: Path) -> None:
    """The right digest leaves the file, a wrong one leaves nothing."""
    url = f"http://mirror.test:{port}/bytes/9"
    client().save(url, tmp_path / "good", sha256=hashlib.sha256(b"x" * 9).hexdigest())
    assert (tmp_path / "good").read_bytes() == b"x" * 9
    with pytest.raises(OutgoingDigestMismatch):
        client().save(url, tmp_path / "bad", sha256="0" * 64)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good"]


def test_what_is_no_address_is_said_to_be_none() -> None:
    """A malformed address is the caller's mistake."""
    with pytest.raises(Invalid):
        client().get("http://[::1")


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """A TLS listener with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_tls_trusts_the_named_authority_and_the_right_name_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE decides who is trusted; another name on the same address is refused."""
    certificate = make_certificate(tmp_path, "mirror.test")
    hosts = (AllowedHost(host="mirror.test"), AllowedHost(host="other.test"))
    Handler.seen.clear()
    with tls_server(certificate) as port:
        with pytest.raises(OutgoingFailed):
            client(*hosts).get(f"https://mirror.test:{port}/bytes/1")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        trusting = client(*hosts)
        assert trusting.get(f"https://mirror.test:{port}/bytes/4").body == b"xxxx"
        with pytest.raises(OutgoingFailed):
            trusting.get(f"https://other.test:{port}/bytes/1")
        with pytest.raises(OutgoingRefused, match="encryption"):
            client(*hosts, HOST).get(f"https://mirror.test:{port}/to/http://mirror.test/")
    assert len(Handler.seen) == 2


def test_an_authorization_goes_to_its_own_host_over_tls_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int
) -> None:
    """It is sent to the host it belongs to, and neither in clear nor after a redirect elsewhere."""
    certificate = make_certificate(tmp_path, "mirror.test", "files.test")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    owner = AllowedHost(host="mirror.test", plain_http_ok=True, authorization="Basic c2VjcmV0")
    assert "c2VjcmV0" not in repr(owner)
    both = client(owner, HOST, AllowedHost(host="files.test"))
    Handler.signed_in.clear()
    with tls_server(certificate) as tls:
        both.get(f"https://mirror.test:{tls}/to/https://files.test:{tls}/bytes/1")
    both.get(f"http://mirror.test:{port}/bytes/1")
    assert Handler.signed_in == ["Basic c2VjcmV0", None, None]


def make_certificate(folder: Path, *names: str) -> Path:
    """A key and a self-signed certificate for these names in one file."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  # this helper alone needs them

    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
