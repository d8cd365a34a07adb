"""A model's endpoint, as the agent loop needs it: messages and tools in, one reply out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.kernel.errors import Unavailable
from firstlight.core.measure.tools import Tool

MOST_CALLS_IN_A_REPLY = 64
"""that are read; of more, the rest is dropped and the reply says so"""


class EndpointLost(Unavailable):
    """The endpoint did not give an answer that can be used. Nothing follows about the model."""

    code = "measure.endpoint_lost"
    next_step = "Check address, key and model name; then `firstlight measure resume`."


class EndpointSilent(EndpointLost):
    """The endpoint could not be reached, took too long, or broke off."""

    code = "measure.endpoint_silent"


class EndpointRefuses(EndpointLost):
    """The endpoint refuses the request."""

    code = "measure.endpoint_refuses"
    next_step = "Check key, model name and budget of the grant; then `firstlight measure resume`."


class EndpointSpeaksOtherwise(EndpointLost):
    """The endpoint's answer is no chat completion."""

    code = "measure.endpoint_speaks_otherwise"
    next_step = "Name an address that speaks OpenAI's chat completions, up to `/v1`."


class EndpointSendsTooMuch(EndpointLost):
    """The endpoint's answer is larger than is read."""

    code = "measure.endpoint_sends_too_much"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A tool call as the model wrote it; nothing in it is checked yet."""

    id: str
    """by which the answer to it is named"""
    tool: str
    arguments: Mapping[str, object] | None
    """None when they are no JSON object"""
    written: str
    """the arguments, letter for letter, bounded"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One entry of a conversation."""

    role: str
    """`system`, `user`, `assistant` or `tool`"""
    text: str
    calls: Sequence[Asked] = ()
    """of an assistant"""
    answers: str = ""
    """of a tool: the call's `id`"""


@dataclass(frozen=True, kw_only=True)
class ModelReply:
    """What came back."""

    text: str
    calls: Sequence[Asked]
    dropped: int
    """calls beyond the bound"""
    tokens_in: int | None
    """None when the endpoint does not say"""
    tokens_out: int | None
    version: str
    """the model's name in the answer; empty when it is not there"""
    sent: int
    """bytes of the request"""
    received: int
    """bytes of the answer"""


class ModelEndpoint(Protocol):
    """One model at one address."""

    def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool],
        *,
        most_tokens: int,
        check: Callable[[], None],
    ) -> ModelReply:
        """Ask once; overload and broken connections are tried again a few times, within bounds.

        Args:
            messages: the conversation
            tools: that may be called
            most_tokens: of the reply
            check: called before each try, and may raise; its error is let through

        Raises:
            EndpointLost: and its children.
        """
        ...
