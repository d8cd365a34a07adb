"""What the books say after the gateway died, and after it was stopped."""

from __future__ import annotations

import time

import pytest
from tests.adapters.gateway import plain
from tests.adapters.gateway.running import Running, kill, use_id

from firstlight.core.review.using import Part


def test_kill_leaves_the_use_unfinished(own: Running) -> None:
    """Whatever reached the endpoint is in the books, without an end, after kill -9."""
    key, seen = own.grant(), b""
    request = plain.request_bytes(key, plain.body("tick:300:30", stream=True))
    with plain.raw(own.port, request) as one:
        while b"data: " not in seen:
            seen += one.recv(65536)
        kill(own.process)
    (row,) = own.desk.uses()
    assert (row["outcome"], row["closed"]) == (None, None)
    assert own.endpoint.seen[-1].all("firstlight-use") == [row["use"]]
    assert row["reserved_tokens"] != 0


def test_kill_at_any_moment_loses_no_use(own: Running) -> None:
    """Under load: every use whose id the endpoint saw is in the books."""
    key = own.grant()
    before = len(own.endpoint.seen)
    request = plain.request_bytes(key, plain.body("tick:100:100", stream=True))
    clients = [plain.raw(own.port, request) for _ in range(40)]
    while len(own.endpoint.seen) < before + 5:
        time.sleep(0.001)
    kill(own.process)
    for one in clients:
        one.close()
    time.sleep(0.2)
    seen = {one.all("firstlight-use")[0] for one in own.endpoint.seen[before:]}
    assert len(seen) >= 5
    assert seen <= {row["use"] for row in own.desk.uses()}


def test_a_stop_ends_streams_and_closes_the_books(own: Running) -> None:
    """After SIGTERM no use is left unfinished, and the client was told."""
    key = own.grant()
    one = plain.raw(own.port, plain.request_bytes(key, plain.body("tick:300:30", stream=True)))
    one.recv(100)
    own.process.terminate()
    answer = plain.rest(one)
    own.process.wait(15)
    assert b"gateway.stops" in answer
    assert [row["reason"] for row in own.desk.uses()] == ["gateway.stops"]


@pytest.mark.parametrize("keep", [False, True])
def test_content_is_kept_only_where_the_developer_says_so(shared: Running, *, keep: bool) -> None:
    """Both sides, byte for byte; or nothing at all."""
    key, content = shared.grant(keep_content=keep), plain.body("tick:2000:0", stream=True)
    reply = plain.ask(shared.port, content, plain.head(key))
    use = use_id(shared.last_use())
    assert shared.desk.kept(use, Part.REQUEST) == (content if keep else b"")
    assert shared.desk.kept(use, Part.RESPONSE) == (reply.body if keep else b"")
    assert len(reply.body) > 100_000


def test_content_of_a_cut_use_is_kept_as_far_as_it_went(shared: Running) -> None:
    """What the client got before the cut is there."""
    key = shared.grant(keep_content=True)
    one = plain.raw(shared.port, plain.request_bytes(key, plain.body("hang:5", stream=True)))
    time.sleep(0.4)
    shared.desk.revoke(shared.name)
    answer = plain.rest_of_stream(one)
    use = use_id(shared.last_use())
    kept = shared.desk.kept(use, Part.RESPONSE)
    assert kept.count(b"data: ") == 5
    assert answer.startswith(kept)


def test_who_leaves_after_the_last_byte_takes_nothing_away(shared: Running) -> None:
    """The use is complete and its content is kept, although nobody waited for the end."""
    key = shared.grant(keep_content=True)
    whole = plain.ask(shared.port, plain.body("recorded"), plain.head(key)).body
    for _ in range(15):
        with plain.raw(shared.port, plain.request_bytes(key, plain.body("recorded"))) as one:
            seen = b""
            while whole not in seen:
                seen += one.recv(65536)
        row = shared.last_use()
        assert (row["outcome"], row["reason"]) == ("complete", "")
        assert shared.desk.kept(use_id(row), Part.RESPONSE) == whole
