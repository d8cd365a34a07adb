"""The desk, which blocks, called from the event loop: threads of its own, and a bound on time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from firstlight.adapters.gateway.failures import DeskSilent
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.core.kernel.errors import FirstlightError, Unavailable
from firstlight.core.review.ids import UseId
from firstlight.core.review.using import Closing
from firstlight.usecases.ports.gateway import GatewayDesk

_P = ParamSpec("_P")
_T = TypeVar("_T")

_log = logging.getLogger(__name__)
_THREADS = 4
"""a desk writes to one database; more threads would only wait there"""
_FIRST_PAUSE = 0.2


class DeskCalls:
    """Runs the desk's methods elsewhere. The watch has a thread that nothing else can take."""

    def __init__(self, desk: GatewayDesk, limits: GatewayLimits) -> None:
        self.desk = desk
        self._limits = limits
        self._work = ThreadPoolExecutor(_THREADS, "desk")
        self._watch = ThreadPoolExecutor(1, "desk-watch")

    async def work(self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Admit, open or keep.

        Raises:
            DeskSilent: no answer in time.
            FirstlightError: what the desk raises.
        """
        return await self._call(self._work, self._limits.desk, lambda: call(*args, **kwargs))

    async def watch(self, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Look at the revision.

        Raises:
            DeskSilent: no answer in time.
            FirstlightError: what the desk raises.
        """
        return await self._call(self._watch, self._limits.blind, lambda: call(*args, **kwargs))

    async def _call(self, pool: ThreadPoolExecutor, seconds: float, call: Callable[[], _T]) -> _T:
        running = asyncio.get_running_loop().run_in_executor(pool, call)
        try:
            return await asyncio.wait_for(running, seconds)
        except TimeoutError:
            raise DeskSilent from None

    async def close_use(self, use: UseId, closing: Closing) -> None:
        """Write the end down; after some tries it stays unfinished, and the log says so."""
        pause = _FIRST_PAUSE
        for last in (*[False] * (self._limits.close_tries - 1), True):
            try:
                await self.work(self.desk.close_use, use, closing)
            except Unavailable as error:
                if last:
                    _log.error("use %s stays unfinished", use, extra={"code": error.code})
                    return
            except FirstlightError as error:
                _log.error("use %s cannot be closed", use, extra={"code": error.code})
                return
            else:
                return
            await asyncio.sleep(pause)
            pause *= 2

    def shut(self) -> None:
        """End the threads when their calls are done."""
        self._work.shutdown(wait=False)
        self._watch.shutdown(wait=False)
