"""The official clients. Each is closed with the test that made it, its open streams included."""

from __future__ import annotations

import contextlib
from typing import Any

import anthropic
import openai

_made: list[openai.OpenAI | anthropic.Anthropic] = []


def openai_client(url: str, key: str, **more: Any) -> openai.OpenAI:  # noqa: ANN401  # the client's own
    """OpenAI's, for a gateway at `url`."""
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, **more)
    _made.append(client)
    return client


def anthropic_client(url: str, key: str, **more: Any) -> anthropic.Anthropic:  # noqa: ANN401  # likewise
    """Anthropic's, for a gateway at `url`."""
    client = anthropic.Anthropic(base_url=url, api_key=key, **more)
    _made.append(client)
    return client


def close_all() -> None:
    """Close what was made since the last time."""
    while _made:
        with contextlib.suppress(RuntimeError):  # a generator of the test still runs on it
            _made.pop().close()
