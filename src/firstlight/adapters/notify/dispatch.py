"""One way out for each kind of message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from firstlight.core.guard.passing import Passed
from firstlight.core.kernel.errors import Unavailable
from firstlight.usecases.ports import Message

Send = Callable[[Message], None]
SendPassed = Callable[[Passed], None]
"""a way out of the confidential zone: it takes nothing but what the guard let pass"""
LetOut = Callable[[Message], Passed | None]


class NoWayOut(Unavailable):
    """This version of the program cannot deliver a message of that kind."""

    code = "notify.no_way_out"
    next_step = "Start a worker of the version that wrote it; the message is tried again."


def past_the_guard(let_out: LetOut, way: SendPassed) -> Send:
    """Send what passes; what is held or blocked is kept by the guard, and done with here."""

    def send(message: Message) -> None:
        if (passed := let_out(message)) is not None:
            way(passed)

    return send


def by_kind(ways: Mapping[str, Send]) -> Send:
    """Hand each message to the way of its kind; raises NoWayOut, or as the way does."""

    def send(message: Message) -> None:
        way = ways.get(message.kind)
        if way is None:
            raise NoWayOut(f"no way out for {message.kind[:40]!r}")
        way(message)

    return send
