"""What loses its ground ends within a second; each test measures the time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import anthropic
import openai
import pytest
from tests.adapters.gateway import plain
from tests.adapters.gateway.official import anthropic_client, openai_client
from tests.adapters.gateway.running import Running, soon

from firstlight.adapters.gateway.desk_calls import DeskCalls
from firstlight.adapters.gateway.failures import DeskSilent
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.static_desk import StaticDesk
from firstlight.adapters.gateway.watch import OpenUses
from firstlight.adapters.machine import SystemClock
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import FirstlightError, Refused
from firstlight.core.review.ids import UseId
from firstlight.usecases.ports.gateway import GrantRevoked

PROMISE = 1.0
"""seconds"""
SLOW_STREAM = "tick:300:30"
"""ten seconds long"""


def revoke(shared: Running) -> None:
    """The developer revokes."""
    shared.desk.revoke(shared.name)


def suspend(shared: Running) -> None:
    """Somebody suspends."""
    shared.desk.suspend(shared.name)


def leave(shared: Running) -> None:
    """The second person goes."""
    shared.desk.set_present(shared.name, present=False)


ENDS = {
    "gateway.grant_revoked": revoke,
    "gateway.grant_suspended": suspend,
    "gateway.second_person_absent": leave,
}


def granted(shared: Running) -> str:
    """A grant that all three can end."""
    key = shared.grant(two_persons=True)
    shared.desk.set_present(shared.name, present=True)
    return key


def chat(url: str, key: str) -> Iterator[object]:
    """A stream of chat completions."""
    client = openai_client(url, key, max_retries=0)
    yield from client.chat.completions.create(
        model=SLOW_STREAM, messages=[{"role": "user", "content": "hello"}], stream=True
    )


def responses(url: str, key: str) -> Iterator[object]:
    """A stream of a response."""
    client = openai_client(url, key, max_retries=0)
    yield from client.responses.create(model=SLOW_STREAM, input="hello", stream=True)


def messages(url: str, key: str) -> Iterator[object]:
    """A stream of a message."""
    client = anthropic_client(url, key, max_retries=0)
    yield from client.messages.create(
        model=SLOW_STREAM,
        max_tokens=999,
        messages=[{"role": "user", "content": "hello"}],
        stream=True,
    )


@pytest.mark.parametrize("code", ENDS)
@pytest.mark.parametrize("ask", [chat, responses, messages])
def test_an_open_stream_is_cut(
    shared: Running,
    ask: Callable[[str, str], Iterator[object]],
    code: str,
    record_property: Callable[[str, object], None],
) -> None:
    """The official client raises with the reason, within a second; the books have it too."""
    stream = ask(shared.url, granted(shared))
    for _ in range(15):
        next(stream)
    began = time.monotonic()
    ENDS[code](shared)
    with pytest.raises((openai.APIError, anthropic.APIError)) as raised:
        list(stream)
    taken = time.monotonic() - began
    record_property("seconds", taken)
    assert taken < PROMISE
    told = getattr(raised.value, "code", None) or str(raised.value)
    assert code in told
    row = shared.last_use()
    assert (row["outcome"], row["reason"], row["counted"]) == ("cut", code, "estimated")
    wrote, passed = row["output_tokens"], row["response_bytes"]
    assert isinstance(wrote, int)
    assert isinstance(passed, int)
    assert wrote >= 15
    assert passed > 1000


def test_the_window_ends_by_itself(shared: Running) -> None:
    """Nobody does anything: at the instant, or within a second after it, the stream ends."""
    key = shared.grant(expires=soon(seconds=1.5))
    began, seen = time.monotonic(), list[object]()
    with pytest.raises(openai.APIError, match="has ended"):
        seen.extend(chat(shared.url, key))
    assert 1.0 < time.monotonic() - began < 1.5 + PROMISE
    assert len(seen) > 20
    assert shared.last_use()["reason"] == "gateway.grant_expired"


def test_the_window_is_moved_back(shared: Running) -> None:
    """The developer ends the window early while a stream is open."""
    stream = chat(shared.url, shared.grant())
    next(stream)
    began = time.monotonic()
    shared.desk.set_expiry(shared.name, soon(seconds=-1))
    with pytest.raises(openai.APIError, match="has ended"):
        list(stream)
    assert time.monotonic() - began < PROMISE


def test_a_request_without_an_answer_is_cut(shared: Running) -> None:
    """A revocation does not wait for an endpoint that thinks; the status says why."""
    key, began = granted(shared), time.monotonic()
    threading.Timer(0.3, revoke, [shared]).start()
    reply = plain.ask(shared.port, plain.body("hang:0"), plain.head(key))
    assert (reply.status, reply.headers["firstlight-error"]) == (403, "gateway.grant_revoked")
    assert time.monotonic() - began < 0.3 + PROMISE


def test_a_client_that_does_not_read_is_cut_too(shared: Running) -> None:
    """The use ends within a second although the last words cannot be delivered."""
    key = shared.grant()
    request = plain.request_bytes(key, plain.body("flood:64", stream=True))
    with plain.raw(shared.port, request, small=True):
        time.sleep(0.7)
        began = time.monotonic()
        revoke(shared)
        assert shared.last_use()["reason"] == "gateway.grant_revoked"
        assert time.monotonic() - began < PROMISE


def test_others_are_left_alone(shared: Running) -> None:
    """Only the grant that was revoked loses its stream."""
    stays = chat(shared.url, shared.grant())
    next(stays)
    goes = chat(shared.url, shared.grant())
    next(goes)
    revoke(shared)
    with pytest.raises(openai.APIError):
        list(goes)
    for _ in range(60):
        next(stays)


def test_a_hundred_streams_end_together(shared: Running) -> None:
    """One revocation ends all of a grant's streams within the second."""
    key = shared.grant()
    request = plain.request_bytes(key, plain.body(SLOW_STREAM, stream=True))
    streams = [plain.raw(shared.port, request) for _ in range(100)]
    for one in streams:
        one.recv(100)
    time.sleep(0.5)
    began = time.monotonic()
    revoke(shared)
    for one in streams:
        answer = b""
        while not answer.endswith(b"0\r\n\r\n"):
            answer += one.recv(1 << 20)
        assert b"gateway.grant_revoked" in answer
        one.close()
    assert time.monotonic() - began < PROMISE


def test_a_stream_that_becomes_too_expensive(shared: Running) -> None:
    """The budget of tokens ends an answer for which no limit was asked."""
    with pytest.raises(openai.APIError, match="used up"):
        list(chat(shared.url, shared.grant(tokens=60)))
    row = shared.last_use()
    assert row["reason"] == "gateway.over_budget"
    assert isinstance(row["output_tokens"], int)
    assert 40 < row["output_tokens"] <= 75


class SilentDesk(StaticDesk):
    """A desk that stops answering."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.silent = threading.Event()
        self.speak = threading.Event()

    def revision(self) -> int:
        """Nothing, for a long time."""
        if self.silent.is_set():
            self.speak.wait(20)
        return super().revision()

    def ended(self, uses: Collection[UseId], now: Instant) -> Mapping[UseId, Refused]:
        """Nothing has."""
        del uses, now
        return {}


def test_a_silent_desk_ends_open_uses(tmp_path: Path) -> None:
    """When nobody can vouch for a use, it ends within a second."""
    desk = SilentDesk(tmp_path / "desk.sqlite3")

    async def story() -> tuple[FirstlightError, float]:
        calls = DeskCalls(desk, GatewayLimits())
        uses = OpenUses(calls, SystemClock(), GatewayLimits())
        uses.start()
        cut = uses.add(UseId.mint(0, bytes(10)), soon(hours=1))
        await asyncio.sleep(0.5)
        assert not cut.done()
        desk.silent.set()
        began = time.monotonic()
        error = await cut
        taken = time.monotonic() - began
        desk.speak.set()
        await uses.stop()
        calls.shut()
        return error, taken

    error, taken = asyncio.run(story())
    desk.close()
    assert isinstance(error, DeskSilent)
    assert taken < PROMISE


class ForgetfulDesk(StaticDesk):
    """Its revision has already changed when the use comes in."""

    def ended(self, uses: Collection[UseId], now: Instant) -> Mapping[UseId, Refused]:
        """All of them."""
        del now
        return {use: GrantRevoked() for use in uses}


def test_no_revocation_falls_between_opening_and_watching(tmp_path: Path) -> None:
    """A use is asked for once even when the revision does not change any more."""
    desk = ForgetfulDesk(tmp_path / "desk.sqlite3")

    async def story() -> FirstlightError:
        calls = DeskCalls(desk, GatewayLimits())
        uses = OpenUses(calls, SystemClock(), GatewayLimits())
        uses.start()
        uses._seen = desk.revision()
        async with asyncio.timeout(PROMISE):
            error = await uses.add(UseId.mint(0, bytes(10)), soon(hours=1))
        await uses.stop()
        calls.shut()
        return error

    assert isinstance(asyncio.run(story()), GrantRevoked)
    desk.close()


def test_a_broken_watch_lets_nobody_in(tmp_path: Path) -> None:
    """If the watch itself dies, open uses end and `watching` says so."""
    desk = StaticDesk(tmp_path / "desk.sqlite3")

    async def story() -> None:
        calls = DeskCalls(desk, GatewayLimits())
        uses = OpenUses(calls, SystemClock(), GatewayLimits())
        uses.start()
        cut = uses.add(UseId.mint(0, bytes(10)), soon(hours=1))
        assert uses.watching()
        uses._watches[0].cancel()
        assert isinstance(await cut, DeskSilent)
        assert not uses.watching()
        await uses.stop()
        calls.shut()

    asyncio.run(story())
    desk.close()
