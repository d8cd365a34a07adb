"""What goes wrong at the endpoint reaches the client as what it is, once."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import httpx2
import openai
import pytest
from benchmarks.gateway.endpoint import Endpoint
from tests.adapters.gateway import plain
from tests.adapters.gateway.official import openai_client
from tests.adapters.gateway.running import REAL_KEY, Running, gateway


def test_a_refusal_of_the_endpoint_passes_as_it_is(shared: Running) -> None:
    """429 with its body and Retry-After; to the books it is a complete answer."""
    content, headers = plain.body("busy"), plain.head(shared.grant())
    direct = plain.ask(shared.endpoint.port, content, headers)
    through = plain.ask(shared.port, content, headers)
    assert (through.status, through.body) == (429, direct.body)
    assert through.headers["retry-after"] == "7"
    assert "firstlight-error" not in through.headers
    row = shared.last_use()
    assert (row["outcome"], row["status"]) == ("complete", 429)


def test_a_reset_in_the_middle_is_a_broken_connection(shared: Running) -> None:
    """The client gets the same events as directly, then a broken stream, no invented end."""
    request = plain.request_bytes(shared.grant(), plain.body("reset:5", stream=True))
    got = []
    for port in (shared.endpoint.port, shared.port):
        answer = plain.until_it_breaks(plain.raw(port, request))
        assert not answer.endswith(b"0\r\n\r\n")
        got.append([line for line in answer.split(b"\n") if line.startswith(b"data: ")])
    assert len(got[0]) == 5
    assert got[0] == got[1]
    row = shared.last_use()
    assert (row["outcome"], row["reason"]) == ("endpoint-failed", "gateway.endpoint_failed")


def test_the_official_client_sees_the_break(shared: Running) -> None:
    """Events first, then the client's own error for a lost connection."""
    client = openai_client(shared.url, shared.grant(), max_retries=0)
    stream = client.chat.completions.create(
        model="reset:5", messages=[{"role": "user", "content": "hello"}], stream=True
    )
    seen = 0
    with pytest.raises((openai.APIConnectionError, httpx2.RemoteProtocolError)):  # noqa: PT012  # which event breaks is not known
        for _ in stream:
            seen += 1
    assert seen == 5
    assert b"Traceback" not in shared.log.read_bytes()


def test_the_log_is_one_json_object_a_line(own: Running) -> None:
    """From the first line on; a broken answer is no fault of the gateway and leaves none."""
    request = plain.request_bytes(own.grant(), plain.body("reset:5", stream=True))
    plain.rest(plain.raw(own.port, request))
    own.last_use()
    lines = [json.loads(line) for line in own.log.read_text().splitlines()]
    assert [line["message"].split(":")[0] for line in lines] == ["static desk for tests"]


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("garbage", "gateway.endpoint_unreadable"),
        ("packed", "gateway.endpoint_unreadable"),
        ("unauthorised", "gateway.endpoint_refuses_key"),
    ],
)
def test_an_answer_that_cannot_be_passed_on(shared: Running, model: str, code: str) -> None:
    """502 in the protocol's words; the endpoint was asked once; the key is not in it."""
    key, seen = shared.grant(), len(shared.endpoint.seen)
    reply = plain.ask(shared.port, plain.body(model), plain.head(key))
    assert (reply.status, reply.headers["firstlight-error"]) == (502, code)
    assert REAL_KEY.encode() not in reply.body
    assert len(shared.endpoint.seen) == seen + 1
    row = shared.last_use()
    assert (row["outcome"], row["reason"]) == ("endpoint-failed", code)


def test_a_body_that_is_shorter_than_announced(shared: Running) -> None:
    """The announced length passes, the rest does not come, and the connection is closed."""
    request = plain.request_bytes(shared.grant(), plain.body("short"))
    answer = plain.rest(plain.raw(shared.port, request))
    assert b"content-length: 99" in answer.lower()
    assert answer.endswith(b"\r\n\r\n{}")
    assert shared.last_use()["outcome"] == "endpoint-failed"


def test_the_developers_key_is_never_shown(shared: Running) -> None:
    """Not even by an endpoint that repeats it in two pieces; nor in log or books."""
    request = plain.request_bytes(shared.grant(), plain.body("echo", stream=True))
    one = plain.raw(shared.port, request)
    answer = plain.rest(one)
    assert b"200 OK" in answer
    assert b'"shown"' in answer
    assert REAL_KEY[:12].encode() not in answer
    assert shared.last_use()["reason"] == "gateway.endpoint_shows_key"
    assert REAL_KEY not in str(shared.desk.uses())
    assert REAL_KEY.encode() not in shared.log.read_bytes()


def test_nobody_there(shared: Running) -> None:
    """A refused connection is 502, and the official client makes no second use of it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    key = shared.grant(address=f"http://127.0.0.1:{port}")
    client = openai_client(shared.url, key)
    before = len(shared.desk.uses())
    with pytest.raises(openai.InternalServerError) as raised:
        client.responses.create(model="recorded", input="hello")
    assert raised.value.code == "gateway.endpoint_failed"
    shared.last_use()
    assert len(shared.desk.uses()) == before + 1


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:1",
        "https://127.0.0.1:1",
        "http://127.0.0.1@169.254.169.254",
        "http://127.0.0.1:1/?x=",
        "ftp://127.0.0.1",
    ],
)
def test_an_address_that_the_operator_does_not_allow(shared: Running, address: str) -> None:
    """Refused without a use of it, and the address is not told to the reviewer."""
    key, before = shared.grant(address=address), len(shared.desk.uses())
    reply = plain.ask(shared.port, plain.body(), plain.head(key))
    assert reply.status == 502
    if not address.startswith("https:"):  # allowed, but nothing there speaks TLS
        assert reply.headers["firstlight-error"] == "gateway.endpoint_not_allowed"
        assert len(shared.desk.uses()) == before
    assert b"127.0.0.1" not in reply.body
    assert b"localhost" not in reply.body


def test_an_endpoint_that_takes_too_long(endpoint: Endpoint, tmp_path: Path) -> None:
    """504 before an answer; an error event, then the end, in the middle of one; asked once."""
    with gateway(tmp_path, endpoint, first_byte=2.0, idle=0.3) as one:
        seen, key = len(endpoint.seen), one.grant()
        reply = plain.ask(one.port, plain.body("hang:0"), plain.head(key))
        assert (reply.status, reply.headers["x-should-retry"]) == (504, "false")
        client = openai_client(one.url, key)
        stream = client.chat.completions.create(
            model="hang:5", messages=[{"role": "user", "content": "hello"}], stream=True
        )
        for _ in range(5):
            next(stream)
        began = time.monotonic()
        with pytest.raises(openai.APIError, match="took too long"):
            next(stream)
        assert time.monotonic() - began < 1.5
        assert one.last_use()["reason"] == "gateway.endpoint_slow"
        assert len(endpoint.seen) == seen + 2
