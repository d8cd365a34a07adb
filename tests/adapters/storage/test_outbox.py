from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from firstlight.adapters.storage.models import OutboxMessage
from firstlight.adapters.storage.outbox import TRIES, deliver_outbox
from firstlight.adapters.storage.unit import DjangoStorage
from firstlight.core.kernel.errors import Unavailable
from firstlight.usecases.ports import Message

_MAIL = Message(kind="mail", to="a@example.org", subject="s", body="secret")
_NOW = datetime.now(UTC) + timedelta(hours=1)


def _put(storage: DjangoStorage, *keys: str) -> None:
    with storage.begin() as work:
        for key in keys:
            work.outbox.put(_MAIL, key=key)


def test_messages_leave_once(any_storage: DjangoStorage) -> None:
    """What was delivered is not sent again, not put again, and its text is not kept."""
    _put(any_storage, "one", "two")
    sent: list[Message] = []
    assert deliver_outbox(sent.append, now=_NOW) == 2
    assert deliver_outbox(sent.append, now=_NOW + timedelta(days=9)) == 0
    _put(any_storage, "one")
    assert deliver_outbox(sent.append, now=_NOW) == 0
    assert sent == [_MAIL, _MAIL]
    assert {row.body for row in OutboxMessage.objects.all()} == {""}


def test_tries_are_bounded(any_storage: DjangoStorage) -> None:
    """A message that nobody takes is tried later and later, then kept with its error."""
    _put(any_storage, "one")
    tried: list[datetime] = []
    moment = _NOW

    def refuse(_message: Message) -> None:
        tried.append(moment)
        raise Unavailable("the mail server says \x00 no")

    while len(tried) < TRIES:
        assert deliver_outbox(refuse, now=moment) == 0
        moment = OutboxMessage.objects.get().next_at or moment
    waits = [after - before for before, after in pairwise(tried)]
    assert len(tried) == TRIES
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert deliver_outbox(refuse, now=moment + timedelta(days=365)) == 0
    assert len(tried) == TRIES
    row = OutboxMessage.objects.get()
    assert (row.next_at, row.body) == (None, "secret")
    assert "Unavailable: the mail server" in row.error


def test_one_refusal_does_not_hold_up_others(any_storage: DjangoStorage) -> None:
    """A message that fails is passed over; the rest leaves."""
    _put(any_storage, "one", "two", "three")
    sent: list[Message] = []

    def flaky(message: Message) -> None:
        if not sent and OutboxMessage.objects.filter(attempts=1).count() == 1:
            raise OSError("connection refused")
        sent.append(message)

    assert deliver_outbox(flaky, now=_NOW) == 2
    assert deliver_outbox(flaky, now=_NOW + timedelta(minutes=2)) == 1


def test_death_while_sending_sends_again(any_storage: DjangoStorage) -> None:
    """A sender that dies in mid-sending leaves the message to be sent again."""
    _put(any_storage, "one")

    def die(_message: Message) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver_outbox(die, now=_NOW)
    sent: list[Message] = []
    assert deliver_outbox(sent.append, now=_NOW) == 0, "it may still be on its way"
    assert deliver_outbox(sent.append, now=_NOW + timedelta(minutes=2)) == 1
