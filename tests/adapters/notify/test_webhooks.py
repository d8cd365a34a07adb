"""Webhooks over real HTTPS: a receiver that knows nothing of ours verifies, and refuses replays."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.outbound import let_pass

from firstlight.adapters.notify.webhooks import WebhookNotTaken, over_https, signed
from firstlight.adapters.outgoing import AllowedHost, OutgoingBounds, OutgoingClient
from firstlight.core.guard.model import Channel
from firstlight.core.guard.passing import Passed
from firstlight.core.kernel.clock import Instant
from firstlight.core.review.ids import WebhookId
from firstlight.usecases.notices.webhooks import Post

ROOT = Path(__file__).parents[3]
HOST = "hooks.test"
SECRET = bytes(range(32))
WEBHOOK = WebhookId.mint(1, b"0123456789")
TOLERANCE = 300


class Refusal(Exception):
    """The receiver does not take it."""


@dataclass
class Receiver:
    """Checks as the how-to says, with the standard library alone."""

    secret: bytes
    seen: set[str] = field(default_factory=set)
    taken: list[dict[str, object]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: int = 204

    def take(self, headers: Mapping[str, str], body: bytes, now: float) -> None:
        """Take a message, or say why not."""
        identifier, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        if abs(now - int(stamp)) > TOLERANCE:
            raise Refusal("the time is more than five minutes off")
        content = f"{identifier}.{stamp}.".encode() + body
        code = hmac.new(self.secret, content, hashlib.sha256).digest()
        wanted = f"v1,{base64.b64encode(code).decode()}"
        if not any(
            hmac.compare_digest(wanted, each) for each in headers["webhook-signature"].split()
        ):
            raise Refusal("the signature is wrong")
        if identifier in self.seen:
            raise Refusal("taken already")
        self.seen.add(identifier)
        self.taken.append(json.loads(body))


@dataclass
class Served:
    """A receiver behind TLS, and a client that reaches it."""

    receiver: Receiver
    url: str
    client: OutgoingClient
    notes: list[tuple[WebhookId, str]] = field(default_factory=list)

    def send(self, message: Passed, *, at: datetime | None = None) -> None:
        """One try."""
        moment = Instant(at or datetime.now(UTC))
        over_https(
            self.client,
            lambda _: Post(url=self.url, secret=SECRET),
            lambda identifier, error: self.notes.append((identifier, error)),
            lambda: moment,
        )(message)


def message(identifier: str = "ntc_1.whk_1") -> Passed:
    """As the outbox holds it."""
    body = json.dumps({"id": identifier, "type": "grant.suspended", "data": {"review": "FR-1"}})
    return let_pass(Channel.WEBHOOK, str(WEBHOOK), "grant.suspended", body)


def certificate(folder: Path) -> Path:
    """A self-signed one for the host, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "tls.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """On loopback, under the name that the allow list holds."""
    receiver = Receiver(SECRET)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep what came, and answer as told."""
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.requests.append((dict(self.headers), body))
            self.send_response(receiver.answer)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    pem = certificate(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    client = OutgoingClient(
        [AllowedHost(host=HOST)],
        bounds=OutgoingBounds(total_seconds=10, idle_seconds=5),
        resolver=lambda _host, _port: (ipaddress.ip_address("127.0.0.1"),),
        rule=lambda _address, **_: None,
    )
    try:
        yield Served(receiver, f"https://{HOST}:{server.server_port}/in?token=mine", client)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_delivery_is_verified(served: Served) -> None:
    """Over TLS, with the three headers, and exactly the bytes that were signed."""
    served.send(message())
    ((headers, body),) = served.receiver.requests
    served.receiver.take(headers, body, time.time())
    assert served.receiver.taken == [json.loads(message().body)]
    assert headers["content-type"] == "application/json"
    assert served.notes == [(WEBHOOK, "")]


def test_the_check_of_the_how_to_works(served: Served) -> None:
    """The code that is printed there takes a real delivery once, and no altered one."""
    page = (ROOT / "docs/how-to/webhooks.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    held: dict[str, Any] = {}
    exec(compile(code, "webhooks.md", "exec"), held)  # noqa: S102  # the page's own example
    check, secret = held["check"], "whsec_" + base64.b64encode(SECRET).decode()
    served.send(message())
    ((headers, body),) = served.receiver.requests
    for bad in (
        (headers, body + b" "),
        (headers | {"webhook-timestamp": str(int(time.time()) - 301)}, body),
    ):
        with pytest.raises(ValueError, match=r"wrong|old"):
            check(*bad, secret)
    check(headers, body, secret)
    with pytest.raises(ValueError, match="already"):
        check(headers, body, secret)


def test_what_was_altered_or_is_a_replay_is_refused(served: Served) -> None:
    """Another body, another time, another secret, the same again, and the same much later."""
    served.send(message())
    ((headers, body),) = served.receiver.requests
    receiver, now = served.receiver, time.time()
    for altered, content, why in (
        (headers, body + b" ", "signature"),
        (headers | {"webhook-timestamp": str(int(now) + 1)}, body, "signature"),
        (headers | {"webhook-id": "ntc_2.whk_1"}, body, "signature"),
        (headers | {"webhook-signature": "v1,AAAA"}, body, "signature"),
    ):
        with pytest.raises(Refusal, match=why):
            receiver.take(altered, content, now)
    with pytest.raises(Refusal, match="five minutes"):
        receiver.take(headers, body, now + TOLERANCE + 2)
    with pytest.raises(Refusal, match="signature"):
        Receiver(b"another").take(headers, body, now)
    assert receiver.taken == []
    receiver.take(headers, body, now)
    with pytest.raises(Refusal, match="already"):
        receiver.take(headers, body, now)


def test_a_retry_is_the_same_message_signed_anew(served: Served) -> None:
    """Refused, then taken: the identifier stays, the time and so the signature are new."""
    served.receiver.answer = 500
    with pytest.raises(WebhookNotTaken):
        served.send(message(), at=datetime.now(UTC) - timedelta(minutes=9))
    served.receiver.answer = 200
    served.send(message())
    (first, _), (second, body) = served.receiver.requests
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]
    served.receiver.take(second, body, time.time())
    (_, failed), (_, fine) = served.notes
    assert "answers 500" in failed
    assert "token" not in failed, "an address may hold a secret of the receiver's"
    assert fine == ""


@pytest.mark.parametrize("answer", [301, 404, 410, 429])
def test_anything_but_a_success_is_tried_again(served: Served, answer: int) -> None:
    """A redirect too: it is not followed, so nothing is sent to a place that nobody allowed."""
    served.receiver.answer = answer
    with pytest.raises(WebhookNotTaken):
        served.send(message())
    assert len(served.receiver.requests) == 1


def test_nothing_leaves_to_another_place(served: Served) -> None:
    """A host off the list, or one that is inside, gets no byte; and so does a stopped webhook."""
    inside = OutgoingClient([AllowedHost(host=HOST)], resolver=served.client._resolve)
    for client, url in (
        (inside, served.url),
        (served.client, served.url.replace(HOST, "127.0.0.1")),
        (served.client, served.url.replace("https:", "http:")),
    ):
        with pytest.raises(WebhookNotTaken):
            Served(served.receiver, url, client).send(message())
    over_https(served.client, lambda _: None, lambda *_: None, lambda: Instant(datetime.now(UTC)))(
        message()
    )
    assert served.receiver.requests == []


def test_the_vector_of_the_specification() -> None:
    """The example in the Standard Webhooks specification: the same bytes, the same signature."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', secret)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
