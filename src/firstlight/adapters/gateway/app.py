"""The gateway as an ASGI application.

For each request, in this order, so that each step costs less than the next and nothing is
forwarded that was not written down:

1. path and method; the parts of HTTP that are not passed on;
2. the key, judged by the desk before a byte of the body is read;
3. the body, bounded, and read as JSON with one meaning; its model must be the grant's;
4. the use is opened, durably, and with it its share of the budget is taken;
5. the request goes to the endpoint, once, with the developer's key and the use's id;
6. the answer passes; meanwhile the clock, the desk and the client can each end it;
7. the use is closed.

Not checked: what requests and answers say. That is between the reviewer and the developer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from firstlight.adapters.gateway import dialects, failures, headers
from firstlight.adapters.gateway.bodies import BodyReader
from firstlight.adapters.gateway.connect import Rule
from firstlight.adapters.gateway.desk_calls import DeskCalls
from firstlight.adapters.gateway.door import BrokenOff, Shared, Visit
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.upstream import Endpoints
from firstlight.adapters.gateway.watch import OpenUses
from firstlight.adapters.outgoing.addresses import AllowedHost, forbidden
from firstlight.core.review.artefacts import Dialect
from firstlight.usecases.ports import Clock, Mint
from firstlight.usecases.ports.gateway import GatewayDesk

_log = logging.getLogger(__name__)
_STOP_SECONDS = 5.0


class Gateway:
    """Holds what all requests share; `app` is what a server runs."""

    def __init__(
        self,
        desk: GatewayDesk,
        *,
        clock: Clock,
        mint: Mint,
        allow: Iterable[AllowedHost],
        limits: GatewayLimits | None = None,
        rule: Rule = forbidden,
    ) -> None:
        """Make a gateway.

        Args:
            desk: decides and writes down
            clock: the time of every decision
            mint: random bytes for salts
            allow: hosts of developers' endpoints, from the operator's configuration
            limits: the usual ones when left out
            rule: judges addresses; replaced where an endpoint on this machine is meant
        """
        self._desk = desk
        self._clock = clock
        self._mint = mint
        self._allow = tuple(allow)
        self._limits = limits or GatewayLimits()
        self._rule = rule
        self._shared: Shared | None = None
        doors = [Route(path, _Door(self, dialect)) for dialect, path in dialects.PATHS.items()]
        self.app: ASGIApp = Starlette(
            routes=[*doors, Route("/health", self._health)],
            lifespan=self._lifespan,
            exception_handlers={404: _nothing_here},
        )

    @property
    def shared(self) -> Shared:
        """What was opened when the server started."""
        if self._shared is None:
            raise failures.GatewayStops
        return self._shared

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        del app
        desk = DeskCalls(self._desk, self._limits)
        uses = OpenUses(desk, self._clock, self._limits)
        endpoints = Endpoints(self._allow, self._limits, rule=self._rule)
        self._shared = Shared(
            clock=self._clock,
            mint=self._mint,
            limits=self._limits,
            desk=desk,
            bodies=BodyReader(self._limits),
            endpoints=endpoints,
            uses=uses,
        )
        uses.start()
        with _told_to_stop(uses):
            yield
        await uses.end(failures.GatewayStops(), _STOP_SECONDS)
        await uses.stop()
        await endpoints.close()
        desk.shut()

    async def _health(self, request: Request) -> Response:
        del request
        return JSONResponse({"status": "ok", "open": len(self.shared.uses)})


@contextmanager
def _told_to_stop(uses: OpenUses) -> Iterator[None]:
    """On SIGTERM end the streams, then let the server stop, which would wait for their ends."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    ending: list[asyncio.Task[None]] = []

    async def end() -> None:
        await uses.end(failures.GatewayStops(), _STOP_SECONDS)
        os.kill(os.getpid(), signal.SIGINT)  # the server's own handler is still on this one

    def begin() -> None:
        if not ending:
            ending.append(loop.create_task(end()))

    loop.add_signal_handler(signal.SIGTERM, begin)
    yield


class _Door:
    """One path. An instance, so that Starlette runs it as it is, without a request object."""

    def __init__(self, gateway: Gateway, dialect: Dialect) -> None:
        self._gateway = gateway
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await Visit(self._gateway.shared, self._dialect, scope, send).run(receive)
        except BrokenOff:
            raise
        except Exception:
            _log.exception("a request failed by a fault of the gateway")
            raise


async def _nothing_here(request: Request, error: Exception) -> Response:
    del request, error
    problem = failures.NoSuchPath()
    return Response(
        dialects.error_body(Dialect.OPENAI_CHAT, problem),
        status_code=dialects.status_of(problem),
        media_type="application/json",
        headers={headers.ERROR.decode(): problem.code},
    )
