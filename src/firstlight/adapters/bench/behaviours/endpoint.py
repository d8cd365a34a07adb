"""An OpenAI-compatible endpoint (chat completions), through the one outgoing client.

Bounded: the time and size of an answer, the tokens of a reply, two tries more where the endpoint
is overloaded or breaks off. What it sends is text and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from firstlight.adapters.formats.bounded_json import JsonLimits, decode
from firstlight.adapters.outgoing import (
    AllowedHost,
    OutgoingBounds,
    OutgoingClient,
    OutgoingFailed,
    OutgoingNotFound,
    OutgoingTooLarge,
)
from firstlight.core.kernel.canonical import canonical, digest
from firstlight.core.kernel.errors import Invalid, Unavailable
from firstlight.core.measure.behaviour.prompts import Message
from firstlight.core.measure.record import Model
from firstlight.usecases.ports.behaviours import Reply

BOUNDS = OutgoingBounds(total_seconds=180, idle_seconds=120, max_bytes=2 << 20, redirects=0)
MOST_TEXT = 200_000
"""characters of a reply that are read"""
_TRIES = 3
_HERE = ("localhost", "127.0.0.1", "::1")
_LIMITS = JsonLimits(size=2 << 20, depth=12, elements=50_000)


class EndpointUnusable(Unavailable):
    """An endpoint's answer could not be used."""

    code = "behaviour.endpoint_unusable"
    next_step = "Check address, key and model; the endpoint must speak chat completions."


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a model answers."""

    name: str
    """the model's name, as the endpoint knows it"""
    url: str
    """up to `/v1`"""
    key: str = field(default="", repr=False)
    """sent as a bearer token; never shown"""
    scripted: bool = False
    """a script that speaks the protocol; said so in every result"""
    safeguards: str = "shipped"
    """`shipped`, `reduced` or `off`, as the developer says"""

    @property
    def model(self) -> Model:
        """What was measured; the key is no part of it."""
        described = {"url": self.url, "model": self.name, "dialect": "openai-chat"}
        return Model(
            name=self.name,
            version="",
            endpoint_digest=digest(canonical(dict(described))),
            safeguards=self.safeguards,
            scripted=self.scripted,
        )


def parse(text: str, *, key: str = "") -> Address:
    """From `MODEL@https://host/v1`, or `scripted:MODEL@...` for a script.

    Raises:
        Invalid: it is something else.
    """
    name, mark, url = text.rpartition("@http")
    scripted = name.startswith("scripted:")
    name, url = name.removeprefix("scripted:"), f"http{url}"
    parts = urlsplit(url)
    if not mark or not name or not parts.hostname or parts.query or parts.username:
        raise Invalid(
            f"{text[:100]!r} names no endpoint",
            hint="Write MODEL@https://host/v1, or scripted:NAME@http://localhost:PORT/v1.",
            field="model",
        )
    return Address(name=name, url=url.rstrip("/"), key=key, scripted=scripted)


def client_for(address: Address, base: OutgoingClient) -> OutgoingClient:
    """A client that reaches this endpoint too: whoever named it meant it.

    Unencrypted HTTP is for this machine alone.
    """
    host = urlsplit(address.url).hostname or ""
    here = host in _HERE
    return base.allowing(AllowedHost(host=host, private_ok=True, plain_http_ok=here, here_ok=here))


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message


class _Usage(msgspec.Struct):
    total_tokens: int = 0


class _Answer(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None


class EndpointChat:
    """Implements the `Chat` port."""

    def __init__(self, address: Address, client: OutgoingClient, *, tokens: int = 2048) -> None:
        """Nothing is sent yet; `tokens` bounds one reply."""
        self._address = address
        self._client = client
        self._tokens = tokens

    @property
    def model(self) -> Model:
        """See the port."""
        return self._address.model

    def say(self, messages: Sequence[Message]) -> Reply:
        """See the port."""
        body = json.dumps(
            {
                "model": self._address.name,
                "messages": list(messages),
                "max_tokens": self._tokens,
                "temperature": 0,
                "stream": False,
            }
        ).encode()
        headers = {"content-type": "application/json", "accept": "application/json"}
        if self._address.key:
            headers["authorization"] = f"Bearer {self._address.key}"
        url = f"{self._address.url}/chat/completions"
        for left in reversed(range(_TRIES)):
            try:
                answer = self._client.send("POST", url, headers=headers, body=body)
                return _read(answer.body)
            except OutgoingFailed:
                if not left:
                    raise
            except (OutgoingTooLarge, OutgoingNotFound) as error:
                raise EndpointUnusable(error.message) from None
        raise EndpointUnusable(f"{url} was not asked")


def _read(body: bytes) -> Reply:
    try:
        found = msgspec.convert(decode(body, _LIMITS), _Answer)
    except msgspec.ValidationError as error:
        raise EndpointUnusable(f"The answer is no chat completion: {str(error)[:200]}") from None
    except Invalid as error:
        raise EndpointUnusable(f"The answer cannot be read: {error.message}") from None
    if not found.choices:
        raise EndpointUnusable("The answer holds no choice.")
    text = found.choices[0].message.content or ""
    tokens = max(0, found.usage.total_tokens) if found.usage else 0
    return Reply(text=text[:MOST_TEXT], tokens=tokens)
