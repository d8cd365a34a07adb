"""The official clients work when base URL and key are changed, and nothing else."""

from __future__ import annotations

import asyncio
import hashlib
import json

import anthropic
import openai
import pytest
from anthropic.types import MessageParam
from tests.adapters.gateway import plain
from tests.adapters.gateway.official import anthropic_client, openai_client
from tests.adapters.gateway.running import REAL_KEY, Running

from firstlight.core.review.artefacts import Dialect

TEXT = "A model is looked at before it is released. "
PICTURE = "iVBORw0KGgo" + "A" * 300_000
WEATHER: dict[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}


@pytest.fixture
def of_openai(shared: Running) -> openai.OpenAI:
    """The client, with a fresh key."""
    return openai_client(shared.url, shared.grant(), max_retries=0)


@pytest.fixture
def of_anthropic(shared: Running) -> anthropic.Anthropic:
    """The client, with a fresh key."""
    return anthropic_client(shared.url, shared.grant(), max_retries=0)


def counted(shared: Running) -> tuple[object, ...]:
    """What the books say of the last use."""
    row = shared.last_use()
    return row["outcome"], row["input_tokens"], row["output_tokens"], row["counted"]


def test_chat_whole(shared: Running, of_openai: openai.OpenAI) -> None:
    """An answer in one piece, counted."""
    answer = of_openai.chat.completions.create(
        model="recorded", messages=[{"role": "user", "content": "hello"}]
    )
    assert answer.choices[0].message.content == TEXT
    assert answer.usage is not None
    assert answer.usage.total_tokens == 20
    assert counted(shared) == ("complete", 11, 9, "reported")


def test_chat_streamed(shared: Running, of_openai: openai.OpenAI) -> None:
    """Event by event, with the figures that the client asked for."""
    stream = of_openai.chat.completions.create(
        model="recorded",
        messages=[{"role": "user", "content": "hello"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == TEXT
    assert chunks[-1].usage is not None
    assert counted(shared) == ("complete", 11, 9, "reported")


def test_chat_streamed_without_figures_is_estimated(
    shared: Running, of_openai: openai.OpenAI
) -> None:
    """Nothing is added to the request to get figures; the books say that they are estimated."""
    stream = of_openai.chat.completions.create(
        model="recorded", messages=[{"role": "user", "content": "hello"}], stream=True
    )
    assert len(list(stream)) == 11
    assert "stream_options" not in json.loads(shared.endpoint.seen[-1].body)
    outcome, _, wrote, how = counted(shared)
    assert (outcome, wrote, how) == ("complete", 12, "estimated")


def test_chat_calls_tools(of_openai: openai.OpenAI) -> None:
    """Streamed tool calls arrive whole."""
    with of_openai.chat.completions.stream(
        model="recorded",
        messages=[{"role": "user", "content": "weather?"}],
        tools=[{"type": "function", "function": {"name": "weather", "parameters": WEATHER}}],
    ) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.tool_calls is not None
    call = message.tool_calls[0]
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"city": "Oslo"}


def test_pictures_pass_unchanged(shared: Running, of_openai: openai.OpenAI) -> None:
    """A body with a picture reaches the endpoint byte for byte."""
    url = f"data:image/png;base64,{PICTURE}"
    of_openai.chat.completions.create(
        model="recorded",
        messages=[
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]},
        ],
    )
    seen, row = shared.endpoint.seen[-1].body, shared.last_use()
    assert PICTURE.encode() in seen
    salt = row["salt"]
    assert isinstance(salt, bytes)
    assert hashlib.sha256(salt + seen).digest() == row["request_digest"]


def test_responses(shared: Running, of_openai: openai.OpenAI) -> None:
    """Whole and streamed."""
    assert of_openai.responses.create(model="recorded", input="hello").output_text == TEXT
    assert counted(shared) == ("complete", 11, 9, "reported")
    with of_openai.responses.stream(model="recorded", input="hello") as stream:
        kinds = [event.type for event in stream]
    assert kinds.count("response.output_text.delta") == 9
    assert kinds[-1] == "response.completed"
    assert counted(shared) == ("complete", 11, 9, "reported")


def test_responses_call_tools(of_openai: openai.OpenAI) -> None:
    """A function call in the output."""
    answer = of_openai.responses.create(
        model="recorded",
        input="weather?",
        tools=[{"type": "function", "name": "weather", "parameters": WEATHER, "strict": True}],
    )
    assert [item.type for item in answer.output] == ["function_call"]


def test_messages(shared: Running, of_anthropic: anthropic.Anthropic) -> None:
    """Whole and streamed; what went into and came from caches is input."""
    said: list[MessageParam] = [{"role": "user", "content": "hello"}]
    answer = of_anthropic.messages.create(model="recorded", max_tokens=50, messages=said)
    assert answer.content[0].type == "text"
    assert counted(shared) == ("complete", 11, 9, "reported")
    with of_anthropic.messages.stream(model="recorded", max_tokens=50, messages=said) as stream:
        assert "".join(stream.text_stream) == TEXT
        assert stream.get_final_message().usage.output_tokens == 9
    assert counted(shared) == ("complete", 11, 9, "reported")


def test_messages_call_tools_and_see_pictures(
    shared: Running, of_anthropic: anthropic.Anthropic
) -> None:
    """A picture in, a tool call out, streamed."""
    picture: MessageParam = {
        "role": "user",
        "content": [
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": PICTURE},
            }
        ],
    }
    with of_anthropic.messages.stream(
        model="recorded",
        max_tokens=50,
        messages=[picture],
        tools=[{"name": "weather", "input_schema": WEATHER}],
    ) as stream:
        block = stream.get_final_message().content[0]
    assert block.type == "tool_use"
    assert block.input == {"city": "Oslo"}
    assert PICTURE.encode() in shared.endpoint.seen[-1].body


def test_beta_calls(shared: Running, of_anthropic: anthropic.Anthropic) -> None:
    """The header that names a beta goes on, and so does the query of older clients."""
    of_anthropic.beta.messages.create(
        model="recorded",
        max_tokens=50,
        betas=["some-beta-2026-01-01"],
        messages=[{"role": "user", "content": "hello"}],
    )
    assert shared.endpoint.seen[-1].all("anthropic-beta") == ["some-beta-2026-01-01"]
    reply = plain.ask(
        shared.port,
        plain.body(),
        plain.head(shared.grant()),
        dialect=Dialect.ANTHROPIC_MESSAGES,
        query="?beta=true",
    )
    assert reply.status == 200
    assert shared.endpoint.seen[-1].path == "/v1/messages?beta=true"


def test_many_at_once(shared: Running) -> None:
    """The asynchronous clients, forty streams side by side, none mixed with another."""

    async def one(client: openai.AsyncOpenAI, number: int) -> str:
        stream = await client.chat.completions.create(
            model="recorded", messages=[{"role": "user", "content": str(number)}], stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async def all_of_them() -> list[str]:
        client = openai.AsyncOpenAI(base_url=f"{shared.url}/v1", api_key=shared.grant())
        async with client:
            return await asyncio.gather(*(one(client, number) for number in range(40)))

    assert asyncio.run(all_of_them()) == [TEXT] * 40


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("stream", [False, True])
def test_not_a_byte_is_changed(shared: Running, dialect: Dialect, *, stream: bool) -> None:
    """The body through the gateway is the body that the endpoint gives directly."""
    content, headers = plain.body(stream=stream), plain.head(shared.grant())
    direct = plain.ask(shared.endpoint.port, content, headers, dialect=dialect)
    through = plain.ask(shared.port, content, headers, dialect=dialect)
    assert through.body == direct.body
    assert (through.status, through.headers["content-type"]) == (
        direct.status,
        direct.headers["content-type"],
    )
    assert shared.endpoint.seen[-1].body == content
    row = shared.last_use()
    salt = row["salt"]
    assert isinstance(salt, bytes)
    assert hashlib.sha256(salt + direct.body).digest() == row["response_digest"]


def test_the_endpoint_sees_its_key_and_the_use(shared: Running) -> None:
    """The developer's real key and the use's id go up; the reviewer's key does not."""
    key = shared.grant()
    reply = plain.ask(shared.port, plain.body(), plain.head(key))
    seen, row = shared.endpoint.seen[-1], shared.last_use()
    assert seen.all("authorization") == [f"Bearer {REAL_KEY}"]
    assert seen.all("firstlight-use") == [row["use"]] == [reply.headers["firstlight-use"]]
    assert key not in str(seen.headers)
