"""A notice on its way out: to the people of its side by mail, and to the side's webhooks.

One notice becomes one message for each person and webhook, each with its own tries, so that one
address that does not answer holds up no other. Spreading the same notice again adds nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.parties import Person
from firstlight.core.review.notices import Event, Notice, page_of
from firstlight.core.review.webhooks import Webhook
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.context import Context
from firstlight.usecases.ports import Message

MAIL = "mail"
WEBHOOK = "webhook"


def spread(context: Context, accounts: AccountStore, base_url: str, message: Message) -> int:
    """Put the messages that a notice becomes; how many there are.

    Args:
        context: the ports
        accounts: who belongs to the side now
        base_url: the portal's address, for links
        message: a notice, as `telling` stored it

    Raises:
        Unavailable: the database; it is tried again.
    """
    notice = Notice.from_json(json.loads(message.body))
    with context.storage.begin() as work:
        readers = [one for one in _people(context, accounts, notice) if one.id != notice.by]
        silent = work.notices.silent([one.id for one in readers])
        told = notice.recipient
        hooks = () if told.person else work.notices.webhooks(told.organisation, told.role)
        out = [
            *((mail(notice, one, base_url), one.id) for one in readers if one.id not in silent),
            *((payload(notice, one, base_url), one.id) for one in hooks if one.sends),
        ]
        for each, address in out:
            work.outbox.put(each, key=f"{notice.id} {address}")
    return len(out)


def mail(notice: Notice, person: Person, base_url: str) -> Message:
    """What a person reads in their mail: that there is news and where, and none of its content."""
    return Message(
        kind=MAIL,
        to=person.email,
        subject=f"{notice.number}: {notice.event.sentence.partition('.')[0]}",
        body=f"{notice.number}, {notice.at}\n\n{notice.event.sentence}\n\n"
        f"Read on: {base_url}{page_of(notice)}\n\n"
        f"You can switch these messages off at {base_url}/notices/\n",
    )


def payload(notice: Notice, webhook: Webhook, base_url: str) -> Message:
    """What a webhook is sent. The identifier is the same at every try."""
    body = canonical(
        {
            "id": f"{notice.id}.{webhook.id}",
            "type": notice.event.value,
            "timestamp": str(notice.at),
            "data": {
                "review": notice.number,
                "engagement": str(notice.engagement),
                "says": notice.event.sentence,
                "link": f"{base_url}{page_of(notice)}",
            },
        }
    )
    return Message(kind=WEBHOOK, to=str(webhook.id), subject=notice.event.value, body=body.decode())


def rehearsal(webhook: Webhook, identifier: str, at: str) -> Message:
    """A test delivery: the same form, and it says that nothing happened."""
    body = canonical(
        {
            "id": identifier,
            "type": Event.TEST.value,
            "timestamp": at,
            "data": {"says": Event.TEST.sentence},
        }
    )
    return Message(kind=WEBHOOK, to=str(webhook.id), subject=Event.TEST.value, body=body.decode())


def _people(context: Context, accounts: AccountStore, notice: Notice) -> Iterator[Person]:
    """Who belongs to the side at this moment, in its role."""
    now, told = context.clock.now(), notice.recipient
    try:
        home = accounts.organisation(told.organisation)
    except Missing:
        return
    if home.organisation.vetted_at is None:
        return
    for person, membership in home.people:
        mine = told.person in {None, person.id}
        if mine and membership.role is told.role and membership.active(now):
            yield person
