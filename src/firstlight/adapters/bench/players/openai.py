"""An endpoint that speaks OpenAI's chat completions with tool calls, through the one client.

The same protocol reaches a model of any vendor that offers it, a local server, and a grant at our
own gateway (its base address, and a key that begins with `flg_`). Bounded: the time and size of an
answer, tries where the endpoint is overloaded or breaks off, calls of one reply, the depth of JSON.
An answer that cannot be used is one of the errors of the port, each with its own sentence.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import httpcore
import msgspec

from firstlight.adapters.bench.players.address import Address
from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.adapters.outgoing import OutgoingBounds, OutgoingClient, OutgoingFailed
from firstlight.adapters.outgoing.client import OutgoingNotFound, OutgoingTooLarge
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.tools import Tool
from firstlight.usecases.ports.models import (
    MOST_CALLS_IN_A_REPLY,
    Asked,
    EndpointRefuses,
    EndpointSendsTooMuch,
    EndpointSilent,
    EndpointSpeaksOtherwise,
    Message,
    ModelReply,
)

BOUNDS = OutgoingBounds(total_seconds=600, idle_seconds=300, max_bytes=4 << 20, redirects=0)
"""a model may think for long before its first byte"""
_TRIES = 3
_WAITS = (1.0, 5.0)
"""seconds before the second and the third try"""
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""statuses after which another try may help"""
_LIMITS = JsonLimits(size=4 << 20, depth=24, elements=200_000)
_WRITTEN = 2 << 20
"""characters of a call's arguments that are kept"""
_BROKE_OFF = ("disconnect", "closed", "incomplete")
"""words of the client's library for a connection that ended too early"""


class _Function(msgspec.Struct):
    name: str = ""
    arguments: Any = ""


class _Call(msgspec.Struct):
    id: str = ""
    function: _Function = msgspec.field(default_factory=_Function)


class _Message(msgspec.Struct):
    content: Any = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None
    model: str | None = None


class OpenAiEndpoint:
    """Implements `ModelEndpoint`."""

    def __init__(
        self,
        address: Address,
        client: OutgoingClient,
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is sent yet; `wait` is called between two tries."""
        self._address = address
        self._client = client
        self._wait = wait

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        *,
        most_tokens: int,
        check: Callable[[], None],
    ) -> ModelReply:
        """See the port."""
        asked: dict[str, Any] = {
            "model": self._address.name,
            "messages": [_written(one) for one in messages],
            "max_tokens": most_tokens,
            "stream": False,
        }
        if tools:
            asked["tools"] = [_tool(one) for one in tools]
        body = json.dumps(asked).encode()
        received = self._send(body, check)
        return _read(received, sent=len(body))

    def _send(self, body: bytes, check: Callable[[], None]) -> bytes:
        url = f"{self._address.url}/chat/completions"
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self._address.key:
            headers["authorization"] = f"Bearer {self._address.key}"
        for tried in range(1, _TRIES + 1):
            check()
            try:
                return self._client.send("POST", url, headers=headers, body=body).body
            except OutgoingTooLarge:
                raise EndpointSendsTooMuch(
                    f"{url} sends more than {BOUNDS.max_bytes} bytes."
                ) from None
            except OutgoingNotFound:
                raise EndpointRefuses(f"{url} does not exist there.") from None
            except OutgoingFailed as error:
                if tried == _TRIES or not _worth_another(error):
                    _give_up(error)
                self._wait(_WAITS[tried - 1])
        raise EndpointSilent(f"{url} was not asked.")


def _worth_another(error: OutgoingFailed) -> bool:
    status = error.details.get("status")
    return status in _AGAIN if status is not None else not _speaks_otherwise(error)


def _speaks_otherwise(error: OutgoingFailed) -> bool:
    """Whether what came is no HTTP at all, rather than HTTP that ended too early."""
    cause = error.__cause__
    return isinstance(cause, httpcore.ProtocolError) and not any(
        word in str(cause).lower() for word in _BROKE_OFF
    )


def _give_up(error: OutgoingFailed) -> NoReturn:
    status = error.details.get("status")
    if status is not None and status not in _AGAIN:
        raise EndpointRefuses(error.message) from None
    if _speaks_otherwise(error):
        raise EndpointSpeaksOtherwise(error.message) from None
    raise EndpointSilent(error.message) from None


def _written(message: Message) -> Mapping[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.answers, "content": message.text}
    if not message.calls:
        return {"role": message.role, "content": message.text}
    return {
        "role": message.role,
        "content": message.text or None,
        "tool_calls": [
            {
                "id": one.id,
                "type": "function",
                "function": {"name": one.tool, "arguments": one.written},
            }
            for one in message.calls
        ],
    }


def _tool(tool: Tool) -> Mapping[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": {
                "type": "object",
                "properties": {
                    name: {"type": "string", "description": what}
                    for name, what in tool.arguments.items()
                },
                "required": list(tool.needed),
                "additionalProperties": False,
            },
        },
    }


def _read(body: bytes, *, sent: int) -> ModelReply:
    try:
        found = msgspec.convert(decode(body, _LIMITS), _Answer)
    except msgspec.ValidationError as error:
        raise EndpointSpeaksOtherwise(
            f"The answer is no chat completion: {str(error)[:200]}"
        ) from None
    except Invalid as error:
        raise EndpointSpeaksOtherwise(f"The answer cannot be read: {error.message[:200]}") from None
    if not found.choices:
        raise EndpointSpeaksOtherwise("The answer holds no choice.")
    said = found.choices[0].message
    calls = said.tool_calls or []
    usage = found.usage or _Usage()
    return ModelReply(
        text=_text(said.content),
        calls=tuple(
            _asked(place, one) for place, one in enumerate(calls[:MOST_CALLS_IN_A_REPLY], 1)
        ),
        dropped=max(0, len(calls) - MOST_CALLS_IN_A_REPLY),
        tokens_in=_count(usage.prompt_tokens),
        tokens_out=_count(usage.completion_tokens),
        version=(found.model or "")[:200],
        sent=sent,
        received=len(body),
    )


def _count(tokens: int | None) -> int | None:
    """What cannot be a number of tokens was not said."""
    return tokens if tokens is not None and 0 <= tokens < 1 << 40 else None


def _text(content: object) -> str:
    """Of a message: plain, or in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [one.get("text") for one in content if isinstance(one, dict)]
        return "".join(one for one in parts if isinstance(one, str))
    return ""


def _asked(place: int, call: _Call) -> Asked:
    arguments = call.function.arguments
    if isinstance(arguments, Mapping):
        return _named(place, call, dict(arguments), json.dumps(arguments))
    text = arguments if isinstance(arguments, str) else ""
    try:
        found = decode(text.encode(), _LIMITS)
    except Invalid:
        found = None
    return _named(place, call, found if isinstance(found, dict) else None, text)


def _named(place: int, call: _Call, arguments: Mapping[str, object] | None, text: str) -> Asked:
    return Asked(
        id=call.id[:200] or f"call-{place}",
        tool=call.function.name[:200],
        arguments=arguments,
        written=text[:_WRITTEN],
    )
