"""One use on its way: what has passed so far, and how it is passed on.

Nothing is held but one piece (at most `limits.read` bytes), the line that is being counted, and,
where content is kept, up to `limits.kept_piece` bytes. Each piece is handed to the server before
the next is read, so a slow client slows the endpoint.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field

from starlette.types import Send

from firstlight.adapters.gateway import failures, headers
from firstlight.adapters.gateway.desk_calls import DeskCalls
from firstlight.adapters.gateway.guard import KeyGuard
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.upstream import Answer
from firstlight.adapters.gateway.usage import Meter
from firstlight.core.review.ids import UseId
from firstlight.core.review.spending import OverBudget
from firstlight.core.review.using import Part
from firstlight.usecases.ports.gateway import Opening

_UNAUTHORISED = 401


@dataclass(kw_only=True)
class Passage:
    """The state of one use."""

    use: UseId
    opening: Opening
    limits: GatewayLimits
    desk: DeskCalls
    started: bool = False
    """the client has got the head of an answer"""
    sending: bool = False
    """a piece is on its way to the client; whether it arrived whole is not known"""
    status: int | None = None
    """of the endpoint"""
    meter: Meter = field(init=False)
    ended: bool = False
    """the endpoint has sent all of its answer, and all of it has been passed on"""
    kept: bytearray = field(default_factory=bytearray)
    saving: asyncio.Future[None] | None = None
    """the piece of content that is being kept"""

    def __post_init__(self) -> None:
        """Begin with nothing passed."""
        self.digest = hashlib.sha256(self.opening.salt)
        self.meter = self._meter(events=False)

    @property
    def whole(self) -> bool:
        """Whether who leaves now has missed nothing.

        The official clients close at the last event, before the endpoint has closed its answer.
        """
        return self.ended or self.meter.finished

    def _meter(self, *, events: bool) -> Meter:
        return Meter(request_bytes=self.opening.request_bytes, events=events, limits=self.limits)

    async def carry(self, answer: Answer, send: Send) -> None:
        """Pass the whole answer on.

        Raises:
            EndpointFailed: it breaks off, or may not be passed on.
            OverBudget: it has become too expensive.
            AnswerTooLarge: it is too long.
        """
        self.status = answer.status
        _check(answer)
        events = answer.header(b"content-type").lower().startswith(b"text/event-stream")
        self.meter = self._meter(events=events)
        self.started = self.sending = True
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": headers.for_client(answer.headers, self.use),
            }
        )
        self.sending = False
        guard = KeyGuard(self.opening.admission.upstream.key)
        async for piece in answer.body:
            await self._pass(guard.feed(piece), send)
        await self._pass(guard.rest(), send)
        self.ended = True
        await self._keep(all_of_it=True)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass(self, piece: bytes, send: Send) -> None:
        if not piece:
            return
        self.digest.update(piece)
        self.meter.feed(piece)
        self.sending = True
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        self.sending = False
        if self.opening.admission.keep_content:
            self.kept += piece
            await self._keep(all_of_it=False)
        if self.meter.bytes > self.limits.response_bytes:
            raise failures.AnswerTooLarge(limit=self.limits.response_bytes)
        left = self.opening.admission.budget.tokens
        if left is not None and self.meter.least_tokens() > left:
            raise OverBudget("The grant's budget of tokens was used up by this answer.")

    async def _keep(self, *, all_of_it: bool) -> None:
        least = 1 if all_of_it else self.limits.kept_piece
        if len(self.kept) >= least:
            piece = bytes(self.kept)
            self.kept.clear()
            keep = self.desk.work(self.desk.desk.keep, self.use, Part.RESPONSE, piece)
            self.saving = asyncio.ensure_future(keep)
            # A client that leaves in this moment takes nothing of it away.
            await asyncio.shield(self.saving)

    async def keep_rest(self) -> None:
        """Keep what has passed of an answer that ended early."""
        if self.saving is not None:
            await self.saving
        await self._keep(all_of_it=True)


def _check(answer: Answer) -> None:
    if answer.status == _UNAUTHORISED:
        # It speaks of the developer's key, which the reviewer's client would take for its own.
        raise failures.EndpointRefusesKey
    if answer.header(b"content-encoding").strip().lower() not in {b"", b"identity"}:
        raise failures.EndpointUnreadable("The endpoint compresses although it was asked not to.")
