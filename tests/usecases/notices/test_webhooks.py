"""Webhooks of an organisation: their secrets, their ends, and what is sent to them."""

from __future__ import annotations

import base64
import json

import pytest
from tests.review_parts import HOOK
from tests.usecases.notices.test_notices import BASE, SECRET, taken
from tests.usecases.reviews.conftest import Review

from firstlight.adapters.outgoing import AllowedHost, OutgoingClient
from firstlight.adapters.storage.models import WebhookRecord
from firstlight.core.kernel.errors import (
    Conflict,
    Invalid,
    Missing,
    MoveNotAllowed,
    OutgoingRefused,
    Refused,
)
from firstlight.core.kernel.parties import Actor, OrganisationKind, Role
from firstlight.core.review.webhooks import MOST_WEBHOOKS
from firstlight.usecases.notices import webhooks
from firstlight.usecases.notices.spreading import spread
from firstlight.usecases.ports.sealed import KeyDestroyed
from firstlight.usecases.reviews import granting

reach = OutgoingClient([AllowedHost(host=HOOK)]).may_reach


def add(review: Review, actor: Actor, name: str = "desk", url: str = "") -> webhooks.NewWebhook:
    """A webhook at the allowed host."""
    where = url or f"https://{HOOK}/in"
    return webhooks.add_webhook(review.context, review.vault, reach, actor, name=name, url=where)


def test_a_secret_is_sealed_and_dies_with_its_webhook(review: Review) -> None:
    """Not in the database, opened for sending alone, replaced and destroyed."""
    made = add(review, review.developer)
    drawn = base64.b64decode(made.secret.removeprefix("whsec_"))
    (row,) = WebhookRecord.objects.all()
    assert drawn not in bytes(row.sealed)
    post = webhooks.post_of(review.context, review.vault, made.webhook.id)
    assert post
    assert post.secret == drawn
    assert "secret" not in repr(post)
    again = add(review, review.developer)
    assert again.secret != made.secret
    assert webhooks.post_of(review.context, review.vault, made.webhook.id) is None
    with pytest.raises(KeyDestroyed):
        review.vault.fingerprint(str(made.webhook.id))
    for move in ("pause", "resume", "pause", "remove"):
        webhooks.move_webhook(review.context, review.vault, review.developer, "desk", move)
    assert webhooks.post_of(review.context, review.vault, again.webhook.id) is None
    with pytest.raises(Missing):
        webhooks.move_webhook(review.context, review.vault, review.developer, "desk", "resume")


def test_webhooks_get_what_their_side_is_told(review: Review) -> None:
    """Active ones of the organisation and role; not what is for one person."""
    add(review, review.developer)
    add(review, review.developer, name="paused")
    webhooks.move_webhook(review.context, review.vault, review.developer, "paused", "pause")
    add(review, review.reviewer)
    with pytest.raises(MoveNotAllowed):
        webhooks.move_webhook(review.context, review.vault, review.developer, "paused", "pause")
    with pytest.raises(Conflict):
        webhooks.try_webhook(review.context, review.developer, "paused")
    _, grant = review.running()
    taken()
    granting.suspend_grant(
        review.context, review.reviewer, grant.id, reason=SECRET, conditions=SECRET
    )
    for message in taken():
        spread(review.context, review.accounts, BASE, message)
    (posted,) = taken("webhook")
    said = json.loads(posted.body)
    assert said["type"] == "grant.suspended"
    assert said["data"]["review"].startswith("FR-2026-")
    assert SECRET not in posted.body
    webhooks.try_webhook(review.context, review.reviewer, "desk")
    (test,) = taken("webhook")
    assert json.loads(test.body)["type"] == "test"


def test_only_their_own_and_only_allowed_hosts(review: Review) -> None:
    """Roles without notices, hosts off the list, and more than there is room for."""
    for kind, role in (
        (OrganisationKind.FINDER, Role.FINDER),
        (OrganisationKind.AUDITOR, Role.AUDITOR),
    ):
        with pytest.raises(Refused):
            add(review, review.somebody(kind, role))
    with pytest.raises(OutgoingRefused):
        add(review, review.developer, url="https://elsewhere.example.org/")
    with pytest.raises(Invalid):
        add(review, review.developer, url=f"http://{HOOK}/")
    for number in range(MOST_WEBHOOKS):
        add(review, review.developer, name=f"desk-{number}")
    with pytest.raises(Conflict):
        add(review, review.developer, name="one-more")
    add(review, review.developer, name="desk-0")
    with pytest.raises(Missing):
        webhooks.move_webhook(review.context, review.vault, review.reviewer, "desk-0", "pause")
