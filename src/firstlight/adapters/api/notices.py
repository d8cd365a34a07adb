"""Where notices of reviews go: mail, and webhooks of the own organisation."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from firstlight.adapters.api.answers import Answer, answer, once
from firstlight.adapters.api.gate import actor_of, may
from firstlight.adapters.api.services import services
from firstlight.adapters.api.wire.documents import (
    MailWish,
    NoticesShown,
    WebhookGiven,
    WebhookMade,
    WebhookMove,
    WebhookShown,
)
from firstlight.adapters.api.wire.operations import Accepted
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.notices import webhooks

router = Router(tags=["notices"])

Name = Annotated[
    str, Path(min_length=1, max_length=40, description="small letters, digits and hyphens")
]


@router.get(
    "/notices",
    auth=may(Action.NOTICE_MANAGE),
    response=NoticesShown,
    operation_id="readNotices",
    summary="See where notices go",
)
def read_notices(request: HttpRequest) -> HttpResponse:
    """Whether you get mail about reviews, and the webhooks of your organisation."""
    return answer(_shown(actor_of(request)))


@router.post(
    "/notices/mail",
    auth=may(Action.NOTICE_MANAGE),
    response={200: NoticesShown},
    operation_id="setMail",
    summary="Switch mail about reviews on or off",
)
def set_mail(request: HttpRequest, body: MailWish) -> HttpResponse:
    """For you alone. What concerns you stays on your pages either way."""
    actor = actor_of(request)

    def act(context: Context) -> Answer:
        webhooks.set_mail(context, actor, wanted=body.mail)
        return Answer(shown=_shown(actor))

    return once(request, act)


@router.put(
    "/notices/webhooks/{webhook}",
    auth=may(Action.NOTICE_MANAGE),
    response={200: WebhookMade},
    operation_id="putWebhook",
    summary="Add a webhook, or give it a new address and secret",
)
def put_webhook(request: HttpRequest, webhook: Name, body: WebhookGiven) -> HttpResponse:
    """Notices of your organisation are sent there, signed with the secret in this answer.

    The secret is shown now and never again; the same name once more makes a new one.
    """
    made = webhooks.add_webhook(
        services().context,
        services().desk.vault,
        services().may_reach,
        actor_of(request),
        name=webhook,
        url=body.url,
    )
    response = answer(WebhookMade(webhook=WebhookShown.of(made.webhook), secret=made.secret))
    response.headers["Cache-Control"] = "no-store"
    return response


@router.delete(
    "/notices/webhooks/{webhook}",
    auth=may(Action.NOTICE_MANAGE),
    response={200: WebhookShown},
    operation_id="removeWebhook",
    summary="Remove a webhook",
)
def remove_webhook(request: HttpRequest, webhook: Name) -> HttpResponse:
    """Nothing is sent there any more, and its secret is destroyed."""
    context, vault = services().context, services().desk.vault
    gone = webhooks.move_webhook(context, vault, actor_of(request), webhook, "remove")
    return answer(WebhookShown.of(gone))


@router.post(
    "/notices/webhooks/{webhook}/moves",
    auth=may(Action.NOTICE_MANAGE),
    response={200: WebhookShown},
    operation_id="moveWebhook",
    summary="Pause or resume a webhook",
)
def move_webhook(request: HttpRequest, webhook: Name, body: WebhookMove) -> HttpResponse:
    """What happens while it is paused is not sent later."""
    actor, vault = actor_of(request), services().desk.vault

    def act(context: Context) -> Answer:
        moved = webhooks.move_webhook(context, vault, actor, webhook, body.move.value)
        return Answer(shown=WebhookShown.of(moved))

    return once(request, act)


@router.post(
    "/notices/webhooks/{webhook}/test",
    auth=may(Action.NOTICE_MANAGE),
    response={202: Accepted},
    operation_id="testWebhook",
    summary="Send a test to a webhook",
)
def test_webhook(request: HttpRequest, webhook: Name) -> HttpResponse:
    """Within a few seconds; how it went stands beside the webhook."""
    actor = actor_of(request)

    def act(context: Context) -> Answer:
        found = webhooks.try_webhook(context, actor, webhook)
        return Answer(shown=Accepted(subject=str(found.id)), status=202)

    return once(request, act)


def _shown(actor: Actor) -> NoticesShown:
    reads = services().notices
    return NoticesShown(
        mail=reads.wants_mail(actor),
        webhooks=[WebhookShown.of(one) for one in reads.webhooks(actor)],
    )
