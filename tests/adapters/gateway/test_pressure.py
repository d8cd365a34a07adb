"""Slow clients, clients that leave, and too much at once."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from benchmarks.gateway.endpoint import Endpoint
from tests.adapters.gateway import plain
from tests.adapters.gateway.official import openai_client
from tests.adapters.gateway.running import Running, gateway

FLOOD = 64 * 64 * 16_000


def resident(one: Running) -> int:
    """Bytes of memory of the gateway's worker."""
    children = Path(f"/proc/{one.process.pid}/task/{one.process.pid}/children").read_text()
    sizes = [
        int(Path(f"/proc/{child}/statm").read_text().split()[1]) * 4096
        for child in children.split()
    ]
    return max(sizes)


def test_a_slow_client_slows_the_endpoint(shared: Running) -> None:
    """Of 64 MiB the endpoint gets rid of a few, and the gateway holds a few; not all."""
    key, before = shared.grant(), shared.endpoint.written
    size = resident(shared)
    request = plain.request_bytes(key, plain.body("flood:64", stream=True))
    with plain.raw(shared.port, request, small=True) as one:
        one.recv(1000)
        time.sleep(1.5)
        gone = shared.endpoint.written - before
        time.sleep(0.5)
        assert shared.endpoint.written - before == gone
        assert gone < FLOOD / 4
        assert resident(shared) - size < 8 << 20
        taken = 0
        while taken < FLOOD:
            piece = one.recv(1 << 20)
            assert piece
            taken += len(piece)
        row = shared.last_use()
    assert (row["outcome"], row["reason"]) == ("complete", "")
    assert isinstance(row["response_bytes"], int)
    assert row["response_bytes"] > FLOOD * 0.97


def test_a_client_that_leaves_ends_the_use(shared: Running) -> None:
    """The endpoint's stream is closed too: nothing is paid for that nobody reads."""
    request = plain.request_bytes(shared.grant(), plain.body("tick:300:30", stream=True))
    with plain.raw(shared.port, request) as one:
        one.recv(1000)
    began = time.monotonic()
    row = shared.last_use()
    assert time.monotonic() - began < 1
    assert (row["outcome"], row["reason"]) == ("client-left", "gateway.client_left")


def test_a_client_that_leaves_before_the_answer(shared: Running) -> None:
    """The same while the endpoint thinks."""
    request = plain.request_bytes(shared.grant(), plain.body("hang:0"))
    with plain.raw(shared.port, request):
        time.sleep(0.3)
    assert shared.last_use()["outcome"] == "client-left"


def test_a_client_that_leaves_in_its_own_body(shared: Running) -> None:
    """Half a request is no use."""
    before = len(shared.desk.uses())
    request = plain.request_bytes(shared.grant(), b'{"model": ', "Content-Length: 500")
    with plain.raw(shared.port, request):
        time.sleep(0.2)
    time.sleep(0.3)
    assert len(shared.desk.uses()) == before


def test_what_is_too_much_at_once_is_turned_away(endpoint: Endpoint, tmp_path: Path) -> None:
    """503 that may be tried again: too many uses, too many bytes held; then all goes on."""
    limits = {"open_uses": 2, "held_request_bytes": 100_000, "request_idle": 0.5}
    with gateway(tmp_path, endpoint, **limits) as one:
        key = one.grant()
        request = plain.request_bytes(key, plain.body("tick:300:30", stream=True))
        streams = [plain.raw(one.port, request) for _ in range(2)]
        assert all(b"200 OK" in stream.recv(100) for stream in streams)
        full = plain.ask(one.port, plain.body(), plain.head(key))
        assert (full.status, full.headers["x-should-retry"]) == (503, "true")
        for stream in streams:
            stream.close()
        client = openai_client(one.url, key, max_retries=5)
        assert client.responses.create(model="recorded", input="hello").output_text
        big = plain.ask(one.port, plain.body(x="y" * 100_000), plain.head(key))
        assert (big.status, big.headers["x-should-retry"]) == (503, "true")
        slow = plain.request_bytes(key, b"{", "Content-Length: 500")
        assert b"gateway.request_too_slow" in plain.rest(plain.raw(one.port, slow))


def test_a_flood_of_wrong_keys_leaves_no_trace(shared: Running) -> None:
    """Wrong keys open no uses, and the gateway goes on."""
    before = len(shared.desk.uses())

    def knock() -> None:
        for number in range(50):
            assert plain.ask(shared.port, plain.body(), plain.head(f"x{number}")).status == 401

    threads = [threading.Thread(target=knock) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shared.desk.uses()) == before
    assert plain.ask(shared.port, plain.body(), plain.head(shared.grant())).status == 200
