"""Delivery of messages after their unit of work has committed, each at least once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from django.db import transaction

from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import OutboxMessage
from firstlight.core.kernel.errors import FirstlightError
from firstlight.usecases.ports import Message

_LOG = logging.getLogger(__name__)
TRIES = 8
"""then the message is given up, its error kept"""
_FIRST_WAIT = timedelta(minutes=1)
"""before the second try; each further wait is three times as long: 18 hours before the last"""
_ERROR_CHARACTERS = 500
MOST_AT_ONCE = 100
"""messages that one call delivers at most, so that its job ends"""


def deliver_outbox(
    send: Callable[[Message], None],
    *,
    using: str = "default",
    now: datetime | None = None,
    kinds: Collection[str] = (),
) -> int:
    """Send what is due, one after the other.

    A message is taken for the time until its next try before it is sent, outside of every
    transaction; a process that dies in between lets it be sent again.

    Args:
        send: hands one message to the outside, or raises FirstlightError or OSError
        using: database alias
        now: the moment, for tests; None reads the clock
        kinds: of which messages; empty for all. Who calls for one kind waits for no other

    Returns:
        How many were delivered.

    Raises:
        Unavailable: the database cannot be reached.
    """
    delivered = 0
    for _ in range(MOST_AT_ONCE):
        row = _take(using, now or datetime.now(UTC), kinds)
        if row is None:
            break
        try:
            send(Message(kind=row.kind, to=row.to, subject=row.subject, body=row.body, key=row.key))
        except (FirstlightError, OSError) as error:
            _LOG.warning("message %s not delivered: %s", row.key, type(error).__name__)
            _failed(using, row, f"{type(error).__name__}: {error}")
        else:
            _delivered(using, row, now or datetime.now(UTC))
            delivered += 1
    return delivered


def _take(using: str, now: datetime, kinds: Collection[str]) -> OutboxMessage | None:
    with border(), transaction.atomic(using=using):
        rows = OutboxMessage.objects.using(using).select_for_update(skip_locked=True)
        due = rows.filter(next_at__lte=now, attempts__lt=TRIES)
        due = due.filter(kind__in=kinds) if kinds else due
        row = due.order_by("next_at", "key").first()
        if row is None:
            return None
        row.attempts += 1
        row.next_at = now + _FIRST_WAIT * 3 ** (row.attempts - 1)
        row.save(using=using, update_fields=["attempts", "next_at"])
        return row


def _failed(using: str, row: OutboxMessage, error: str) -> None:
    kept = error.replace("\x00", "").encode(errors="replace").decode()[:_ERROR_CHARACTERS]
    with border():
        mine = OutboxMessage.objects.using(using).filter(pk=row.pk)
        mine.update(error=kept)
        if row.attempts >= TRIES:
            mine.update(next_at=None)


def _delivered(using: str, row: OutboxMessage, now: datetime) -> None:
    with border():
        OutboxMessage.objects.using(using).filter(pk=row.pk).update(
            delivered_at=now, next_at=None, subject="", body="", error=""
        )
