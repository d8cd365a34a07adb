"""Webhooks, signed after the Standard Webhooks specification 1.0 (standardwebhooks.com).

    webhook-id          the same at every try of one message
    webhook-timestamp   seconds since 1970, when this try was signed
    webhook-signature   "v1," and base 64 of HMAC-SHA-256(secret, "<id>.<timestamp>.<body>")

So any library of that specification verifies them. Against replays the receiver refuses a time that
is more than five minutes off, and an identifier that it has taken already.

They leave through the one outgoing client: to hosts that the operator allows, over TLS, never to
this machine or the inside of the network, without following redirects.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping

from firstlight.adapters.outgoing import OutgoingClient
from firstlight.core.guard.passing import Passed
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import FirstlightError, Unavailable
from firstlight.core.review.ids import WebhookId
from firstlight.usecases.notices.webhooks import Post

_ANSWER_BYTES = 64 << 10
"""of the answer; nothing in it is used"""

Find = Callable[[WebhookId], Post | None]
Note = Callable[[WebhookId, str], None]
Send = Callable[[Passed], None]


class WebhookNotTaken(Unavailable):
    """The webhook's address did not take a message; it is tried again."""

    code = "notify.webhook_not_taken"
    next_step = "See the last error beside the webhook; its host must answer 2xx over https."


def signed(identifier: str, timestamp: int, body: bytes, secret: bytes) -> Mapping[str, str]:
    """The headers of one try."""
    content = b"%b.%d.%b" % (identifier.encode(), timestamp, body)
    code = base64.b64encode(hmac.digest(secret, content, "sha256")).decode()
    return {
        "content-type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{code}",
    }


def over_https(client: OutgoingClient, find: Find, note: Note, now: Callable[[], Instant]) -> Send:
    """Sends a message that passed the outbound guard to its webhook.

    Args:
        client: with the operator's allow list
        find: where to and with which secret; None when the webhook is paused or removed, and the
            message is let go
        note: keeps how it went
        now: reads the clock, for the time in the signature
    """

    def send(message: Passed) -> None:
        identifier = WebhookId(message.to)
        post = find(identifier)
        if post is None:
            return
        body = message.body.encode()
        name = str(json.loads(body)["id"])
        headers = signed(name, int(now().utc.timestamp()), body, post.secret)
        try:
            client.send("POST", post.url, headers=headers, body=body, max_bytes=_ANSWER_BYTES)
        except FirstlightError as error:
            note(identifier, error.message)
            raise WebhookNotTaken(error.message, webhook=message.to) from error
        note(identifier, "")

    return send
