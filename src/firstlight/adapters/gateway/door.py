"""What happens to one request; the steps and their order stand in the application's module."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.types import Receive, Scope, Send

from firstlight.adapters.gateway import dialects, failures, headers
from firstlight.adapters.gateway.bodies import BodyReader
from firstlight.adapters.gateway.desk_calls import DeskCalls
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.passage import Passage
from firstlight.adapters.gateway.upstream import Endpoints, host_of
from firstlight.adapters.gateway.watch import OpenUses
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.using import Closing, Outcome, Part
from firstlight.usecases.ports import Clock, Mint
from firstlight.usecases.ports.gateway import Admission, ArtefactNotGranted, Opening

_log = logging.getLogger(__name__)
_SALT_BYTES = 16


class BrokenOff(Exception):
    """An answer ends in the middle; the server closes the connection, so the client sees it."""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all requests of a process share."""

    clock: Clock
    mint: Mint
    limits: GatewayLimits
    desk: DeskCalls
    bodies: BodyReader
    endpoints: Endpoints
    uses: OpenUses


class Visit:
    """One request and its answer."""

    def __init__(self, shared: Shared, dialect: Dialect, scope: Scope, send: Send) -> None:
        self._shared = shared
        self._dialect = dialect
        self._path = dialects.PATHS[dialect]
        self._sent: headers.Headers = [(bytes(n).lower(), bytes(v)) for n, v in scope["headers"]]
        self._method: str = scope["method"]
        self._query: bytes = scope["query_string"]
        self._send = send

    async def run(self, receive: Receive) -> None:
        """From the first header to the last byte.

        Raises:
            BrokenOff: the answer ends in the middle.
        """
        try:
            admission = await self._admit()
            async with self._shared.bodies.read(receive, self._sent) as body:
                opening = self._opening(admission, body)
                passage = await self._open(opening, body)
                await self._through(passage, body, receive)
        except failures.ClientLeft:
            return
        except FirstlightError as error:
            await self._refuse(error)

    async def _admit(self) -> Admission:
        if self._method != "POST":
            raise failures.WrongMethod
        headers.check_request(self._sent, self._query)
        key = headers.key_of(self._sent)
        if not self._shared.uses.watching():
            raise failures.DeskSilent
        if len(self._shared.uses) >= self._shared.limits.open_uses:
            raise failures.GatewayFull
        desk = self._shared.desk
        return await desk.work(desk.desk.admit, key, self._dialect, self._shared.clock.now())

    def _opening(self, admission: Admission, body: bytes) -> Opening:
        asked = dialects.read_request(self._dialect, body)
        if asked.model not in admission.models:
            raise ArtefactNotGranted(
                f"This grant does not open the model {asked.model[:100]!r}.",
                models=admission.models,
            )
        salt = self._shared.mint.random_bytes(_SALT_BYTES)
        return Opening(
            admission=admission,
            at=self._shared.clock.now(),
            dialect=self._dialect,
            model=asked.model,
            streamed=asked.stream,
            salt=salt,
            request_digest=hashlib.sha256(salt + body).digest(),
            request_bytes=len(body),
            most_tokens=asked.most_tokens,
        )

    async def _open(self, opening: Opening, body: bytes) -> Passage:
        shared = self._shared
        # Before the use is opened: an address that is not allowed is nobody's use.
        shared.endpoints.target(opening.admission.upstream.address, self._path)
        use = await shared.desk.work(shared.desk.desk.open_use, opening)
        passage = Passage(use=use, opening=opening, limits=shared.limits, desk=shared.desk)
        if opening.admission.keep_content:
            try:
                await shared.desk.work(shared.desk.desk.keep, use, Part.REQUEST, body)
            except FirstlightError as error:
                await self._close(passage, error)
                raise
        return passage

    async def _through(self, passage: Passage, body: bytes, receive: Receive) -> None:
        uses = self._shared.uses
        admission = passage.opening.admission
        cut = uses.add(passage.use, admission.expires, admission.present_until)
        carrying = asyncio.create_task(self._carry(passage, body))
        leaving = asyncio.create_task(_left(receive))
        try:
            ends: tuple[asyncio.Future[Any], ...] = (carrying, leaving, cut)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            error = await _ending(carrying, cut)
            if isinstance(error, failures.ClientLeft) and passage.whole:
                error = None
        finally:
            # Also when this task is itself cancelled: nothing of a use outlives it.
            carrying.cancel()
            leaving.cancel()
            uses.remove(passage.use)
        try:
            await self._farewell(passage, error)
        finally:
            await self._close(passage, error)

    async def _carry(self, passage: Passage, body: bytes) -> None:
        upstream = passage.opening.admission.upstream
        target = self._shared.endpoints.target(upstream.address, self._path)
        if self._query:
            target.target += b"?" + self._query
        sent = headers.for_endpoint(
            self._sent,
            dialect=self._dialect,
            upstream=upstream,
            host=host_of(target),
            use=passage.use,
            length=len(body),
        )
        async with self._shared.endpoints.send(target, sent, body) as answer:
            await passage.carry(answer, self._send)

    async def _farewell(self, passage: Passage, error: FirstlightError | None) -> None:
        """Tell the client why its answer ends, in the protocol's words where there is a place.

        Raises:
            BrokenOff: there is none, or the endpoint itself broke off.
        """
        if error is None or isinstance(error, failures.ClientLeft):
            return
        if not passage.started:
            await self._refuse(error, passage)
            return
        ours = not isinstance(error, failures.EndpointFailed) or isinstance(
            error, failures.EndpointSlow | failures.EndpointShowsKey
        )
        if not ours or passage.sending or not passage.meter.between_events:
            raise BrokenOff(error.code)
        event = dialects.error_event(self._dialect, error)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._shared.limits.farewell):
                await self._send({"type": "http.response.body", "body": event, "more_body": False})
                return
        raise BrokenOff(error.code)

    async def _refuse(self, error: FirstlightError, passage: Passage | None = None) -> None:
        body = dialects.error_body(self._dialect, error)
        told = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (headers.ERROR, error.code.encode("ascii")),
            # The official clients would try again; nothing changes by that, or a use is doubled.
            (b"x-should-retry", b"true" if isinstance(error, failures.GatewayFull) else b"false"),
        ]
        if passage is not None:
            told.append((headers.USE, str(passage.use).encode("ascii")))
        status = dialects.status_of(error)
        await self._send({"type": "http.response.start", "status": status, "headers": told})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _close(self, passage: Passage, error: FirstlightError | None) -> None:
        if passage.opening.admission.keep_content:
            try:
                await passage.keep_rest()
            except FirstlightError as problem:
                _log.warning("content is lost", extra={"code": problem.code})
        usage = passage.meter.usage(complete=error is None)
        prices = passage.opening.admission.prices
        closing = Closing(
            at=self._shared.clock.now(),
            outcome=_outcome(error),
            reason=error.code if error else "",
            status=passage.status,
            response_digest=passage.digest.digest(),
            response_bytes=passage.meter.bytes,
            usage=usage,
            cost=prices.cost(usage) if prices else None,
        )
        await self._shared.desk.close_use(passage.use, closing)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _ending(
    carrying: asyncio.Task[None], cut: asyncio.Future[FirstlightError]
) -> FirstlightError | None:
    """What ended the use; None when the whole answer has passed."""
    if not carrying.done():
        error = cut.result() if cut.done() else failures.ClientLeft()
        carrying.cancel()
        # It may have ended by itself in this very moment; the first reason counts.
        await asyncio.wait({carrying})
        return error
    try:
        carrying.result()
    except FirstlightError as error:
        return error
    return None


def _outcome(error: FirstlightError | None) -> Outcome:
    if error is None:
        return Outcome.COMPLETE
    if isinstance(error, failures.ClientLeft):
        return Outcome.CLIENT_LEFT
    if isinstance(error, failures.EndpointFailed):
        return Outcome.ENDPOINT_FAILED
    return Outcome.CUT
