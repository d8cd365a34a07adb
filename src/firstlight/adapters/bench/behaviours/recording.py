"""Recordings: every request and its reply, so that a run can be made again without a model.

A line for each exchange, by the digest of the request; the first line says who answered. A request
that is not in the recording is not answered: nothing is made up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.errors import Invalid, Unavailable
from firstlight.core.measure.behaviour.prompts import Message
from firstlight.core.measure.record import Model, RecordUnusable
from firstlight.usecases.ports.behaviours import Chat, Reply

FORMAT = "firstlight-recording-1"
_MOST_BYTES = 64 << 20


class NotRecorded(Unavailable):
    """The recording holds no reply to this request."""

    code = "behaviour.not_recorded"
    next_step = "Use the specification and options of the recording, or an endpoint."


class RecordingInvalid(Invalid):
    """The file is no recording that can be used."""

    code = "behaviour.recording_invalid"
    next_step = "Make it again with --record."


class _Head(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    format: str
    name: str
    endpoint_digest: str
    safeguards: str
    scripted: bool


class _Exchange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    request: str
    text: str
    tokens: int


class RecordedChat:
    """Implements the `Chat` port from a recording."""

    def __init__(self, path: Path) -> None:
        """Read it.

        Raises:
            RecordingInvalid: it cannot be read, or is something else.
        """
        self._model, self._replies = _read(path)

    @property
    def model(self) -> Model:
        """Who answered when it was recorded."""
        return self._model

    def say(self, messages: Sequence[Message]) -> Reply:
        """See the port. Raises NotRecorded."""
        found = self._replies.get(_name(messages))
        if found is None:
            raise NotRecorded
        return found


class RecordingChat:
    """Hands requests on, and records every reply."""

    def __init__(self, chat: Chat, path: Path) -> None:
        """Begin a new file; it is readable by its owner alone.

        Raises:
            RecordingInvalid: it exists, or cannot be written.
        """
        self._chat = chat
        self._path = path
        self._seen: set[str] = set()
        model = chat.model
        self._write(
            {
                "format": FORMAT,
                "name": model.name,
                "endpoint_digest": model.endpoint_digest,
                "safeguards": model.safeguards,
                "scripted": model.scripted,
            },
            os.O_CREAT | os.O_EXCL,
        )

    @property
    def model(self) -> Model:
        """Who answers."""
        return self._chat.model

    def say(self, messages: Sequence[Message]) -> Reply:
        """See the port."""
        reply, name = self._chat.say(messages), _name(messages)
        if name not in self._seen:
            self._seen.add(name)
            self._write({"request": name, "text": reply.text, "tokens": reply.tokens}, 0)
        return reply

    def _write(self, value: Mapping[str, Json], flags: int) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | flags, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(canonical(value) + b"\n")
        except OSError as error:
            raise RecordingInvalid(f"{self._path}: {error.strerror}") from None


def _name(messages: Sequence[Message]) -> str:
    return digest(canonical([dict(one) for one in messages]))


def _read(path: Path) -> tuple[Model, Mapping[str, Reply]]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RecordingInvalid(f"{path}: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise RecordingInvalid(f"{path} is larger than {_MOST_BYTES} bytes")
    first, *rest = data.splitlines() or [b""]
    try:
        head = msgspec.json.decode(first, type=_Head)
        exchanges = [msgspec.json.decode(line, type=_Exchange) for line in rest]
        if head.format != FORMAT:
            raise RecordingInvalid(f"{path} is no {FORMAT}")
        model = Model(
            name=head.name,
            version="",
            endpoint_digest=head.endpoint_digest,
            safeguards=head.safeguards,
            scripted=head.scripted,
        )
    except (msgspec.DecodeError, RecordUnusable, RecursionError) as error:
        raise RecordingInvalid(f"{path}: {str(error)[:200]}") from None
    replies = {one.request: Reply(text=one.text, tokens=max(0, one.tokens)) for one in exchanges}
    return model, replies
