"""Who is turned away, and how each official client tells it."""

from __future__ import annotations

from collections.abc import Callable

import anthropic
import openai
import pytest
from tests.adapters.gateway import plain
from tests.adapters.gateway.official import anthropic_client, openai_client
from tests.adapters.gateway.running import REAL_KEY, Running, soon

from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.spending import MICRO

Refusal = tuple[str, int, Callable[[Running], str]]


def unknown(shared: Running) -> str:
    """A key of nobody."""
    shared.grant()
    return "flg_nobody"


def revoked(shared: Running) -> str:
    """Taken back."""
    key = shared.grant()
    shared.desk.revoke(shared.name)
    return key


def suspended(shared: Running) -> str:
    """Suspended."""
    key = shared.grant()
    shared.desk.suspend(shared.name)
    return key


REFUSALS: dict[str, Refusal] = {
    "unknown key": ("gateway.key_unknown", 401, unknown),
    "another model": (
        "gateway.artefact_not_granted",
        403,
        lambda shared: shared.grant(models=("another",)),
    ),
    "another protocol": (
        "gateway.artefact_not_granted",
        403,
        lambda shared: shared.grant(dialects=()),
    ),
    "expired": ("gateway.grant_expired", 403, lambda shared: shared.grant(expires=soon(hours=-1))),
    "revoked": ("gateway.grant_revoked", 403, revoked),
    "suspended": ("gateway.grant_suspended", 403, suspended),
    "second person absent": (
        "gateway.second_person_absent",
        403,
        lambda shared: shared.grant(two_persons=True),
    ),
    "no requests left": ("gateway.over_budget", 429, lambda shared: shared.grant(requests=0)),
    "tokens do not reach": ("gateway.over_budget", 429, lambda shared: shared.grant(tokens=10)),
    "money does not reach": (
        "gateway.over_budget",
        429,
        lambda shared: shared.grant(money=10, price_in=MICRO, price_out=MICRO),
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("stream", [False, True])
def test_openai_raises_what_it_always_raises(shared: Running, name: str, *, stream: bool) -> None:
    """Chat and responses: the class for the status, our code, nothing forwarded, no retry."""
    code, status, make = REFUSALS[name]
    client = openai_client(shared.url, make(shared))
    seen = len(shared.endpoint.seen)
    with pytest.raises(openai.APIStatusError) as chat:
        client.chat.completions.create(
            model="recorded", messages=[{"role": "user", "content": "x" * 60}], stream=stream
        )
    with pytest.raises(openai.APIStatusError) as responses:
        client.responses.create(model="recorded", input="x" * 60, stream=stream)
    for raised in (chat, responses):
        assert (raised.value.status_code, raised.value.code) == (status, code)
    kinds = {401: openai.AuthenticationError, 403: openai.PermissionDeniedError}
    assert type(chat.value) is kinds.get(status, openai.RateLimitError)
    assert len(shared.endpoint.seen) == seen


@pytest.mark.parametrize("name", REFUSALS)
def test_anthropic_raises_what_it_always_raises(shared: Running, name: str) -> None:
    """Messages: the class for the status, our code in the sentence, nothing forwarded."""
    code, status, make = REFUSALS[name]
    client = anthropic_client(shared.url, make(shared))
    seen = len(shared.endpoint.seen)
    with pytest.raises(anthropic.APIStatusError) as raised:
        client.messages.create(
            model="recorded", max_tokens=9, messages=[{"role": "user", "content": "x" * 60}]
        )
    assert raised.value.status_code == status
    assert f"[{code}]" in raised.value.message
    kinds = {401: anthropic.AuthenticationError, 403: anthropic.PermissionDeniedError}
    assert type(raised.value) is kinds.get(status, anthropic.RateLimitError)
    assert len(shared.endpoint.seen) == seen


def test_refused_before_the_body_is_read(shared: Running) -> None:
    """A stranger's announced body is not waited for."""
    announced = "Content-Length: 1000000"
    with plain.raw(shared.port, plain.request_bytes("nobody", b"", announced)) as one:
        assert one.recv(100).startswith(b"HTTP/1.1 401")


BAD: dict[str, tuple[int, bytes]] = {
    "no JSON": (400, b"hello"),
    "no object": (400, b"[]"),
    "no model": (400, b"{}"),
    "model twice": (400, b'{"model": "recorded", "model": "other"}'),
    "model twice, escaped": (400, b'{"model": "recorded", "m\\u006fdel": "other"}'),
    "model in capitals": (400, b'{"model": "recorded", "Model": "other"}'),
    "stream is text": (400, b'{"model": "recorded", "stream": "yes"}'),
    "UTF-16": (400, '{"model": "recorded"}'.encode("utf-16")),
    "too deep": (400, b'{"model": "recorded", "x": ' + b"[" * 200 + b"]" * 200 + b"}"),
    "in the background": (400, b'{"model": "recorded", "background": true}'),
}


@pytest.mark.parametrize("name", BAD)
def test_a_body_with_two_meanings_or_none(shared: Running, name: str) -> None:
    """Refused in the protocol's words, and nothing is written down or forwarded."""
    status, content = BAD[name]
    key, seen, uses = shared.grant(), len(shared.endpoint.seen), len(shared.desk.uses())
    reply = plain.ask(shared.port, content, plain.head(key), dialect=Dialect.OPENAI_RESPONSES)
    assert reply.status == status
    assert reply.body.startswith(b'{"error": {"message": ')
    assert (len(shared.endpoint.seen), len(shared.desk.uses())) == (seen, uses)


def test_a_body_that_is_too_large(shared: Running) -> None:
    """The official client learns why, although the gateway does not read on."""
    client = openai_client(shared.url, shared.grant(), max_retries=0)
    with pytest.raises(openai.APIStatusError) as raised:
        client.responses.create(model="recorded", input="x" * (33 << 20))
    assert (raised.value.status_code, raised.value.code) == (413, "gateway.request_too_large")


@pytest.mark.parametrize(
    ("changes", "query", "method", "status"),
    [
        ({"content-encoding": "gzip"}, "", "POST", 400),
        ({"content-type": "text/plain"}, "", "POST", 400),
        ({"upgrade": "websocket", "connection": "upgrade"}, "", "POST", 400),
        ({}, "?key=value", "POST", 400),
        ({}, "", "GET", 405),
        ({"authorization": "Basic eDp5"}, "", "POST", 401),
        ({"x-api-key": "another"}, "", "POST", 401),
    ],
    ids=["coded", "type", "upgrade", "query", "method", "basic", "two keys"],
)
def test_parts_of_http_that_do_not_pass(
    shared: Running, changes: dict[str, str], query: str, method: str, status: int
) -> None:
    """What would change the meaning when left out is refused rather than left out."""
    headers = {**plain.head(shared.grant()), **changes}
    reply = plain.ask(shared.port, plain.body(), headers, query=query, method=method)
    assert reply.status == status


def test_an_unknown_path_is_told_in_json(shared: Running) -> None:
    """The official client raises its class for it."""
    client = openai_client(shared.url, shared.grant(), max_retries=0)
    with pytest.raises(openai.NotFoundError, match="does not know this path"):
        client.models.list()


def test_headers_cannot_be_smuggled(shared: Running) -> None:
    """What the reviewer sends as use, key, cookie, host or hop is not what the endpoint gets."""
    headers = plain.head(
        shared.grant(),
        firstlight_use="use_forged",
        cookie="a=b",
        x_forwarded_for="10.0.0.1",
        openai_organization="org-other",
        connection="close, authorization, firstlight-use",
        te="trailers",
        proxy_authorization="Basic eDp5",
    )
    assert plain.ask(shared.port, plain.body(), headers).status == 200
    seen = shared.endpoint.seen[-1]
    assert seen.all("authorization") == [f"Bearer {REAL_KEY}"]
    assert seen.all("firstlight-use") == [shared.last_use()["use"]]
    assert {name for name, _ in seen.headers} == {
        *("host", "authorization", "content-type", "accept-encoding"),
        *("content-length", "firstlight-use"),
    }


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: +5",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: xchunked",),
        ("X: a\rContent-Length: 5",),
        ("Content-Length : 5",),
    ],
    ids=["both", "two lengths", "plus", "not last", "unknown coding", "bare CR", "space"],
)
def test_framing_with_two_meanings_forwards_one_request_at_most(
    shared: Running, lines: tuple[str, ...]
) -> None:
    """A second request hidden in the first one's body never reaches the endpoint as one."""
    key, seen = shared.grant(), len(shared.endpoint.seen)
    hidden = plain.request_bytes(key, plain.body("tick:2000:0"))
    one = plain.raw(shared.port, plain.request_bytes(key, b"0\r\n\r\n" + hidden, *lines))
    one.settimeout(3)
    try:
        answer = plain.rest(one)
    except OSError:
        answer = b""
    assert b"HTTP/1.1 200" not in answer
    assert len(shared.endpoint.seen) == seen


def test_answers_carry_only_named_headers(shared: Running) -> None:
    """Cookies and the endpoint's own inside do not reach the reviewer."""
    reply = plain.ask(shared.port, plain.body(stream=True), plain.head(shared.grant()))
    assert reply.headers["x-request-id"] == "req_1"
    assert not {"set-cookie", "x-internal"} & set(reply.headers)
