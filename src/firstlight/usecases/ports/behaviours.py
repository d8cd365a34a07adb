"""Somebody who answers: a model behind an endpoint, or a recording of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.measure.behaviour.prompts import Message
from firstlight.core.measure.record import Model


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One reply."""

    text: str
    """bounded"""
    tokens: int
    """of request and reply, as the endpoint says; 0 when it says nothing"""


class Chat(Protocol):
    """Answers a conversation, one reply at a time."""

    @property
    def model(self) -> Model:
        """Who answers."""
        ...

    def say(self, messages: Sequence[Message]) -> Reply:
        """The reply to these messages.

        Raises:
            Unavailable: there is none, says why; nothing is measured by it.
        """
        ...
