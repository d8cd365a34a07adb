"""An organisation's webhooks: add, test, pause, resume, remove; and what sending needs of them.

The secret is shown once, at the moment when it is made. It is kept sealed, with a key of its own in
the vault's folder: a copy of the database holds nothing to sign with, and removing a webhook
destroys its key.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.ids import NoticeId, WebhookId
from firstlight.core.review.webhooks import (
    MOST_WEBHOOKS,
    SECRET_BYTES,
    WEBHOOK_MOVES,
    Webhook,
    WebhookState,
    checked_name,
    checked_url,
    host_of,
)
from firstlight.usecases.access.rules import Thing
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.notices.spreading import rehearsal
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.notices import MayReach
from firstlight.usecases.ports.sealed import Sealed, SealedVault
from firstlight.usecases.reviews.step import organisation_of, person_of

_DOCUMENT = "secret"
"""the name under which a secret is sealed"""
_ERROR_CHARACTERS = 300
_MARKING = Marking.AMBER_STRICT
"""for the organisation itself, and nobody else"""


@dataclass(frozen=True, kw_only=True)
class NewWebhook:
    """A webhook at the only moment when its secret is known."""

    webhook: Webhook
    secret: str
    """`whsec_` and base 64, as the Standard Webhooks libraries take it"""


@dataclass(frozen=True, kw_only=True, repr=False)
class Post:
    """Where to send, and with which secret to sign. Never printed."""

    url: str
    secret: bytes


def add_webhook(
    context: Context,
    vault: SealedVault,
    may_reach: MayReach,
    actor: Actor,
    *,
    name: str,
    url: str,
) -> NewWebhook:
    """Have the notices of one's own organisation sent to an address.

    A name that is in use gets the new address and a new secret; the old secret is destroyed.

    Raises:
        Refused: the role has no notices.
        Invalid: name or address is none.
        OutgoingRefused: the operator does not allow the host.
        Conflict: there are too many.
        VaultUnusable: the secret cannot be sealed.
    """
    allow(actor, Action.NOTICE_MANAGE)
    person, home = person_of(actor), organisation_of(actor)
    checked_name(name)
    may_reach(checked_url(url))
    now = context.clock.now()
    identifier = context.mint.new(WebhookId, now)
    drawn = context.mint.random_bytes(SECRET_BYTES)
    sealed = vault.seal(str(identifier), _DOCUMENT, drawn, url.encode()).envelope
    with context.storage.begin() as work:
        known = work.notices.lock_webhooks(home, actor.role)
        earlier = [one for one in known if one.name == name]
        if len(known) - len(earlier) >= MOST_WEBHOOKS:
            raise Conflict(f"an organisation has at most {MOST_WEBHOOKS} webhooks")
        for one in earlier:
            _moved(context, work, vault, actor, one, move="remove")
        webhook = Webhook(
            id=identifier,
            organisation=home,
            role=actor.role,
            name=name,
            url=url,
            sealed=sealed,
            state=WebhookState.ACTIVE,
            added_by=person,
            added_at=now,
        )
        work.notices.add_webhook(webhook)
        _note(context, work, actor, webhook, move="add", now=now)
    secret = "whsec_" + base64.b64encode(drawn).decode()
    return NewWebhook(webhook=webhook, secret=secret)


def move_webhook(
    context: Context, vault: SealedVault, actor: Actor, name: str, move: str
) -> Webhook:
    """`pause`, `resume` or `remove`.

    Raises:
        Missing: the organisation has none of this name.
        Refused, MoveNotAllowed: as usual.
    """
    with context.storage.begin() as work:
        found = _named(work, actor, name)
        return _moved(context, work, vault, actor, found, move=move)


def try_webhook(context: Context, actor: Actor, name: str) -> Webhook:
    """Send a test there, within a few seconds; the result stands beside it.

    Raises:
        Missing: the organisation has none of this name.
        Conflict: it is paused.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        found = _named(work, actor, name)
        if not found.sends:
            raise Conflict(f"{name} is {found.state.value}", hint="Resume it first.")
        identifier = f"{context.mint.new(NoticeId, now)}.{found.id}"
        message = rehearsal(found, identifier, str(now))
        work.outbox.put(message, key=f"test {identifier}")
    return found


def post_of(context: Context, vault: SealedVault, identifier: WebhookId) -> Post | None:
    """What sending needs; None when nothing is to be sent there any more.

    Raises:
        Missing: there was never such a webhook.
        KeyMissing, VaultUnusable: its secret cannot be opened.
    """
    with context.storage.begin() as work:
        found = work.notices.webhook(identifier)
    if not found.sends:
        return None
    sealed = Sealed(envelope=found.sealed)
    secret = vault.open(str(found.id), _DOCUMENT, sealed, found.url.encode())
    return Post(url=found.url, secret=secret)


def tried(context: Context, identifier: WebhookId, error: str) -> None:
    """Keep how the last try went, so that the organisation sees it. Empty for well."""
    now = context.clock.now()
    with context.storage.begin() as work:
        found = work.notices.webhook(identifier)
        delivered = found.delivered_at if error else now
        work.notices.save_webhook(
            replace(found, tried_at=now, delivered_at=delivered, error=error[:_ERROR_CHARACTERS])
        )


def set_mail(context: Context, actor: Actor, *, wanted: bool) -> None:
    """Whether the person gets mail about reviews; what concerns them stays on the pages.

    Raises:
        Refused: the role has no notices.
    """
    allow(actor, Action.NOTICE_MANAGE)
    with context.storage.begin() as work:
        work.notices.silence(person_of(actor), silent=not wanted, now=context.clock.now())


def _named(work: UnitOfWork, actor: Actor, name: str) -> Webhook:
    allow(actor, Action.NOTICE_MANAGE)
    for each in work.notices.lock_webhooks(organisation_of(actor), actor.role):
        if each.name == name:
            return each
    raise Missing(f"your organisation has no webhook {name[:40]!r}")


def _moved(
    context: Context,
    work: UnitOfWork,
    vault: SealedVault,
    actor: Actor,
    webhook: Webhook,
    *,
    move: str,
) -> Webhook:
    thing = Thing(marking=_MARKING, owner=webhook.organisation)
    allow(actor, Action.NOTICE_MANAGE, thing)
    now = context.clock.now()
    target = WEBHOOK_MOVES.apply(move, webhook.state, actor.role).target
    gone = target is WebhookState.REMOVED
    changed = replace(webhook, state=target, sealed=b"" if gone else webhook.sealed)
    saved = work.notices.save_webhook(changed)
    _note(context, work, actor, saved, move=move, now=now)
    if gone:
        vault.destroy(str(webhook.id), now)
    return saved


def _note(
    context: Context, work: UnitOfWork, actor: Actor, webhook: Webhook, *, move: str, now: Instant
) -> None:
    facts: dict[str, Json] = {
        "move": move,
        "name": webhook.name,
        "organisation": str(webhook.organisation),
        "state": webhook.state.value,
        "host": host_of(webhook.url),
        "url": digest(webhook.url.encode()),  # an address may hold a secret of the receiver's
    }
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.NOTICE_MANAGE,
        subject=str(webhook.id),
        rule="an organisation decides where its own notices are sent",
        facts=facts,
    )
