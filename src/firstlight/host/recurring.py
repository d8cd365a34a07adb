"""What a worker does again and again beside its jobs: deliver, sweep reviews, renew the zone.

Each has a thread of its own, so that a webhook which does not answer holds up no mail, and neither
holds up a sweep. A round that fails is logged and followed by the next; a worker that dies in one
leaves it to the others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from firstlight.adapters.notify.dispatch import Send, SendPassed, by_kind, past_the_guard
from firstlight.adapters.notify.mail import into_folder, through_server
from firstlight.adapters.notify.webhooks import over_https
from firstlight.bootstrap import Firstlight
from firstlight.core.kernel.errors import FirstlightError
from firstlight.settings import Settings
from firstlight.usecases.guard.messages import let_out
from firstlight.usecases.notices.spreading import MAIL, WEBHOOK, spread
from firstlight.usecases.notices.webhooks import post_of, tried
from firstlight.usecases.ports import Message
from firstlight.usecases.reviews.sweeping import sweep
from firstlight.usecases.reviews.telling import NOTICE

_LOG = logging.getLogger("firstlight.recurring")
DELIVERY_SECONDS = 3.0
"""between two looks at the outbox"""
SWEEP_SECONDS = 60.0
"""between two sweeps; a close or a notice is late by no more than this"""
ZONE_SECONDS = 86_400.0
"""between two looks at what stands at the top of the public zone"""
_END_SECONDS = 20.0

Round = Callable[[], object]


def ways_out(opened: Firstlight) -> Send:
    """How each kind of message leaves."""

    def told(message: Message) -> None:
        spread(opened.context, opened.accounts, opened.settings.base_url, message)

    posted = over_https(
        opened.webhooks,
        lambda identifier: post_of(opened.context, opened.vault, identifier),
        lambda identifier, error: tried(opened.context, identifier, error),
        opened.context.clock.now,
    )

    def guarded(way: SendPassed) -> Send:
        return past_the_guard(lambda message: let_out(opened.context, message), way)

    return by_kind(
        {NOTICE: told, MAIL: guarded(mail_of(opened.settings)), WEBHOOK: guarded(posted)}
    )


def mail_of(settings: Settings) -> SendPassed:
    """Through the mail server that the settings name, or into a folder."""
    sender = f"firstlight@{urlsplit(settings.base_url).hostname or 'localhost'}"
    if settings.mail_url:
        return through_server(settings.mail_url, sender)
    return into_folder(settings.data / "mail", sender)


def rounds(opened: Firstlight) -> dict[str, tuple[float, Round]]:
    """What is done again and again: name, seconds between two rounds, and one round."""
    from firstlight.adapters.storage.outbox import deliver_outbox  # noqa: PLC0415 # needs Django

    send = ways_out(opened)

    def swept() -> None:
        done = sweep(opened.context, opened.vault)
        for identifier, code in done.failed.items():
            _LOG.warning("a close waits", extra={"engagement": str(identifier), "code": code})

    return {
        "outbox": (DELIVERY_SECONDS, lambda: deliver_outbox(send, kinds=(NOTICE, MAIL))),
        "webhooks": (DELIVERY_SECONDS, lambda: deliver_outbox(send, kinds=(WEBHOOK,))),
        "sweep": (SWEEP_SECONDS, swept),
        # Nothing new: what stands at the zone's top, since a security.txt lives half a year.
        "zone": (ZONE_SECONDS, opened.context.zone.renew),
    }


@contextmanager
def recurring(opened: Firstlight) -> Iterator[None]:
    """While the block lasts, everything above is done in its time."""
    closing = threading.Event()
    threads = [
        threading.Thread(target=_again, args=(name, seconds, act, closing), name=name, daemon=True)
        for name, (seconds, act) in rounds(opened).items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        closing.set()
        for thread in threads:
            thread.join(_END_SECONDS)


def _again(name: str, seconds: float, act: Round, closing: threading.Event) -> None:
    wait = min(seconds, DELIVERY_SECONDS)  # the first round comes soon after a start
    while not closing.wait(wait):
        wait = seconds
        try:
            act()
        except FirstlightError as error:
            _LOG.warning("%s waits", name, extra={"code": error.code})
