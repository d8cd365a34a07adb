"""From a step of a review to a receiver that verifies it: outbox, spreading, HTTPS, tries."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta

from tests.adapters.notify.test_webhooks import HOST, Receiver, Served, served
from tests.usecases.notices.test_notices import BASE, taken
from tests.usecases.reviews.conftest import Review

from firstlight.adapters.notify.dispatch import by_kind, past_the_guard
from firstlight.adapters.notify.webhooks import over_https
from firstlight.adapters.storage.document_queries import DjangoNoticeQueries
from firstlight.adapters.storage.outbox import deliver_outbox
from firstlight.core.kernel.clock import Instant
from firstlight.usecases.guard.messages import let_out
from firstlight.usecases.notices import webhooks
from firstlight.usecases.notices.spreading import spread
from firstlight.usecases.ports import Message
from firstlight.usecases.reviews import granting

__all__ = ["served"]


def test_a_suspension_reaches_the_developers_own_system(review: Review, served: Served) -> None:
    """At the first try the receiver is down; the outbox tries again; it is taken and verified."""
    context, developer = review.context, review.developer
    url = served.url.partition("?")[0]
    made = webhooks.add_webhook(
        context, review.vault, served.client.may_reach, developer, name="desk", url=url
    )
    _, grant = review.running()
    taken()
    granting.suspend_grant(context, review.reviewer, grant.id, reason="r", conditions="c")
    mails: list[Message] = []
    moment = datetime.now(UTC)

    def told(message: Message) -> None:
        spread(context, review.accounts, BASE, message)

    send = by_kind(
        {
            "notice": told,
            "mail": mails.append,
            "webhook": past_the_guard(
                lambda message: let_out(context, message),
                over_https(
                    served.client,
                    lambda identifier: webhooks.post_of(context, review.vault, identifier),
                    lambda identifier, error: webhooks.tried(context, identifier, error),
                    lambda: Instant(moment),
                ),
            ),
        }
    )
    served.receiver.answer = 503
    deliver_outbox(send)
    assert len(mails) >= 1, "what does not answer holds up no mail"
    (shown,) = DjangoNoticeQueries().webhooks(developer)
    assert f"https://{HOST}" in shown.error
    assert shown.delivered_at is None

    served.receiver.answer = 204
    assert deliver_outbox(send, now=moment + timedelta(seconds=10)) == 0, "not yet"
    assert deliver_outbox(send, now=moment + timedelta(minutes=2), kinds=("webhook",)) == 1
    assert deliver_outbox(send, now=moment + timedelta(days=9)) == 0, "once"
    (shown,) = DjangoNoticeQueries().webhooks(developer)
    assert (shown.error, shown.delivered_at) == ("", review.now)

    receiver = Receiver(base64.b64decode(made.secret.removeprefix("whsec_")))
    (first, _), (second, body) = served.receiver.requests
    assert first["webhook-id"] == second["webhook-id"]
    receiver.take(second, body, time.time())
    (said,) = receiver.taken
    assert said["type"] == "grant.suspended"
