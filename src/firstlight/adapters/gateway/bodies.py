"""Request bodies, read whole: bounded each, bounded together, bounded in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Receive

from firstlight.adapters.gateway import failures
from firstlight.adapters.gateway.headers import Headers
from firstlight.adapters.gateway.limits import GatewayLimits


class BodyReader:
    """Knows how much is held by all requests together."""

    def __init__(self, limits: GatewayLimits) -> None:
        self._limits = limits
        self._held = 0

    @asynccontextmanager
    async def read(self, receive: Receive, sent: Headers) -> AsyncIterator[bytes]:
        """The body, which counts as held while the block lasts.

        Raises:
            RequestTooLarge: more than one request may have.
            GatewayFull: more than all may have together.
            RequestTooSlow: a pause was too long.
            ClientLeft: the client closed before the end.
        """
        announced = next((value for name, value in sent if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > self._limits.request_bytes:
            raise self._too_large()
        body = bytearray()
        try:
            more = True
            while more:
                piece, more = await self._next(receive)
                self._held += len(piece)
                body += piece
                if len(body) > self._limits.request_bytes:
                    raise self._too_large()
                if self._held > self._limits.held_request_bytes:
                    raise failures.GatewayFull
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _next(self, receive: Receive) -> tuple[bytes, bool]:
        try:
            message = await asyncio.wait_for(receive(), self._limits.request_idle)
        except TimeoutError:
            raise failures.RequestTooSlow from None
        if message["type"] == "http.disconnect":
            raise failures.ClientLeft
        return message.get("body", b""), message.get("more_body", False)

    def _too_large(self) -> failures.RequestTooLarge:
        limit = self._limits.request_bytes
        return failures.RequestTooLarge(f"A request may have {limit} bytes.", limit=limit)
