"""Behaviours for the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping

from firstlight.adapters.bench.behaviours.endpoint import EndpointChat, client_for, parse
from firstlight.adapters.bench.behaviours.recording import RecordedChat, RecordingChat
from firstlight.adapters.cli.host_behaviours import Answering, Drafting, Progress, Running
from firstlight.adapters.machine import SystemClock
from firstlight.bootstrap import endpoint_client
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.behaviour.result import BehaviourRun
from firstlight.core.measure.behaviour.specification import Specification
from firstlight.usecases.measurements.behaviours import Bounds, Session, Wish, draft
from firstlight.usecases.ports.behaviours import Chat

DRAFT_TOKENS = 4096


class LocalBehaviours:
    """Implements `Behaviours`. Neither database nor keys of this machine are opened."""

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        """Keys of endpoints are read from the environment, by name."""
        self._env = os.environ if env is None else env

    def draft(self, answering: Answering, wanted: Drafting) -> Specification:
        """See the protocol."""
        wish = Wish(name=wanted.name, paragraph=wanted.paragraph, pairs=wanted.pairs)
        return draft(self._chat(answering, DRAFT_TOKENS), wish)

    def run(
        self,
        specification: Specification,
        model: Answering,
        judge: Answering,
        how: Running,
        progress: Progress,
    ) -> BehaviourRun:
        """See the protocol."""
        session = Session(
            specification=specification,
            model=self._chat(model, how.tokens),
            judge=self._chat(judge, DRAFT_TOKENS),
            clock=SystemClock(),
            bounds=Bounds(epochs=how.epochs, judgements=how.judgements, tokens=how.tokens),
        )
        return session.run(how.id, progress)

    def _chat(self, answering: Answering, tokens: int) -> Chat:
        if answering.replay is not None:
            return RecordedChat(answering.replay)
        key = ""
        if answering.key_variable:
            key = self._env.get(answering.key_variable, "")
            if not key:
                raise Invalid(
                    f"{answering.key_variable} is not set", hint="It holds the endpoint's key."
                )
        address = parse(answering.endpoint, key=key)
        chat = EndpointChat(address, client_for(address, endpoint_client()), tokens=tokens)
        return RecordingChat(chat, answering.record) if answering.record else chat
