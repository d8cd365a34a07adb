"""Mails and webhooks on their way out. The outbox hands each over; what passes is sent."""

from __future__ import annotations

from firstlight.core.guard.model import Channel, Outgoing, Recipient
from firstlight.core.guard.passing import Passed
from firstlight.core.guard.record import VerdictId
from firstlight.core.kernel.clock import Instant
from firstlight.usecases.context import Context
from firstlight.usecases.guard.examining import examine, gate_of
from firstlight.usecases.guard.knowing import person_at, webhook_at
from firstlight.usecases.ports import Message, UnitOfWork

RELEASED = "released "
"""begins the outbox's key of a message that a person released; its verdict follows"""


def let_out(context: Context, message: Message) -> Passed | None:
    """What is sent of a message; None when nothing is, now or ever.

    Raises:
        NoGate, VaultUnusable: nothing is sent; it is tried again.
        ValueError: it is neither a mail nor a webhook.
        Unavailable: the database; likewise.
    """
    now = context.clock.now()
    channel = Channel(message.kind)
    if channel is Channel.DOCUMENT:
        raise ValueError("a document leaves through the public zone")
    with context.storage.begin() as work:
        outgoing = Outgoing(
            channel=channel,
            recipients=(_recipient(context, work, message, now),),
            subject=message.subject,
            body=message.body,
        )
        return examine(context, work, outgoing, key=_key(work, message), now=now)


def _recipient(context: Context, work: UnitOfWork, message: Message, now: Instant) -> Recipient:
    if message.kind == Channel.WEBHOOK:
        return webhook_at(work, message.to)
    text = f"{message.subject}\n{message.body}"
    return person_at(work, gate_of(context), message.to, text, now)


def _key(work: UnitOfWork, message: Message) -> str:
    """A released message is known by the verdict that held it."""
    if message.key.startswith(RELEASED):
        return work.guard.get(VerdictId(message.key.removeprefix(RELEASED))).key
    return f"{message.kind} {message.key}"
