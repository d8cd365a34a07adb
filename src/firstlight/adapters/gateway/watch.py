"""Open uses, and what ends them from outside: the clock, a changed revision, a silent desk.

A use is cut within one second: the clock is compared every `limits.watch` seconds, and so is the
revision; a desk that does not answer for `limits.blind` seconds counts as a refusal. A use that
was opened while a look was under way is asked for by itself at the next one, so that no
revocation falls between the two.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from firstlight.adapters.gateway.desk_calls import DeskCalls
from firstlight.adapters.gateway.failures import DeskSilent
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import FirstlightError
from firstlight.core.review.ids import UseId
from firstlight.usecases.ports import Clock
from firstlight.usecases.ports.gateway import GrantExpired

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Open:
    expires: Instant
    present_until: Instant | None
    cut: asyncio.Future[FirstlightError]


class OpenUses:
    """The uses that are open in this process."""

    def __init__(self, desk: DeskCalls, clock: Clock, limits: GatewayLimits) -> None:
        self._desk = desk
        self._clock = clock
        self._limits = limits
        self._open: dict[UseId, _Open] = {}
        self._unasked: set[UseId] = set()
        self._seen: int | None = None
        self._watches: list[asyncio.Task[None]] = []
        self._ending: FirstlightError | None = None
        self._none_left = asyncio.Event()
        self._none_left.set()

    def start(self) -> None:
        """Begin to watch."""
        self._watches = [
            asyncio.create_task(self._watch_clock()),
            asyncio.create_task(self._watch_desk()),
        ]
        for watch in self._watches:
            watch.add_done_callback(self._unwatched)

    async def stop(self) -> None:
        """Watch no longer."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    def watching(self) -> bool:
        """Whether anything would be cut; if not, nothing may be let in."""
        if self._ending is not None:
            return False
        return bool(self._watches) and not any(watch.done() for watch in self._watches)

    def _unwatched(self, watch: asyncio.Task[None]) -> None:
        if not watch.cancelled():
            _log.error("the watch has failed; nobody comes in", exc_info=watch.exception())
        self.cut_all(DeskSilent())

    def __len__(self) -> int:
        return len(self._open)

    def add(
        self, use: UseId, expires: Instant, present_until: Instant | None = None
    ) -> asyncio.Future[FirstlightError]:
        """Watch over `use`. The future gets the error that cuts it."""
        cut: asyncio.Future[FirstlightError] = asyncio.get_running_loop().create_future()
        self._open[use] = _Open(expires=expires, present_until=present_until, cut=cut)
        self._unasked.add(use)
        self._none_left.clear()
        if self._ending is not None:
            cut.set_result(self._ending)
        return cut

    def remove(self, use: UseId) -> None:
        """It has ended."""
        self._open.pop(use, None)
        self._unasked.discard(use)
        if not self._open:
            self._none_left.set()

    async def end(self, error: FirstlightError, seconds: float) -> None:
        """End every open use and every later one; wait until none is open, at most so long."""
        self._ending = error
        self.cut_all(error)
        try:
            await asyncio.wait_for(self._none_left.wait(), seconds)
        except TimeoutError:
            _log.warning("%d uses did not end in time", len(self._open))

    def cut_all(self, error: FirstlightError) -> None:
        """End every open use."""
        for use in list(self._open):
            self._cut(use, error)

    def _cut(self, use: UseId, error: FirstlightError) -> None:
        found = self._open.get(use)
        if found is not None and not found.cut.done():
            found.cut.set_result(error)

    async def _watch_clock(self) -> None:
        """Cut what has expired, for ever."""
        while True:
            await asyncio.sleep(self._limits.watch)
            now = self._clock.now()
            for use in [use for use, one in self._open.items() if one.expires <= now]:
                self._cut(use, GrantExpired())

    async def _watch_desk(self) -> None:
        """Cut what the desk takes back, for ever."""
        while True:
            await asyncio.sleep(self._limits.watch)
            if not self._open:
                self._seen = None
                continue
            try:
                # One bound over both questions: together they must leave the second whole.
                async with asyncio.timeout(self._limits.blind):
                    await self._look()
            except (FirstlightError, TimeoutError) as error:
                code = error.code if isinstance(error, FirstlightError) else DeskSilent.code
                _log.warning("the desk is silent; open uses end", extra={"code": code})
                self._seen = None
                self.cut_all(DeskSilent())

    async def _look(self) -> None:
        unasked, self._unasked = self._unasked, set()
        revision = await self._desk.watch(self._desk.desk.revision)
        now = self._clock.now()
        asked = unasked | self._alone(now) if revision == self._seen else set(self._open)
        if asked:
            found = await self._desk.watch(self._desk.desk.ended, asked, now)
            for use, error in found.items():
                self._cut(use, error)
        self._seen = revision

    def _alone(self, now: Instant) -> set[UseId]:
        """Uses whose second person had promised to stay until now; they may have renewed it."""
        return {
            use
            for use, one in self._open.items()
            if one.present_until is not None and one.present_until <= now
        }
