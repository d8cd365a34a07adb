"""Launch, withdraw, close: the developer's alone, from every state, at any time.

Closing has three parts, each of which can be repeated after a crash: the state changes and every
grant ends (one transaction); the keys of sealed documents are destroyed when retention and legal
hold allow it; the signed receipt is kept. What is not done yet is found by `unfinished`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firstlight.core.kernel.canonical import Json, canonical, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.dsse import envelope, to_sign
from firstlight.core.kernel.errors import Conflict
from firstlight.core.kernel.parties import SYSTEM, Actor
from firstlight.core.review import closing, engagement
from firstlight.core.review.closing import Record
from firstlight.core.review.dsse import RECEIPT_TYPE
from firstlight.core.review.engagement import Destroyed, Engagement, ReleaseTo, keys_due
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.notices import Event
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.reviews import StoredReceipt
from firstlight.usecases.ports.sealed import SealedVault
from firstlight.usecases.reviews import telling
from firstlight.usecases.reviews.step import step, told

KEY = "receipt"
"""purpose of the key that signs receipts"""


def launch(
    context: Context, actor: Actor, identifier: EngagementId, *, to: ReleaseTo, keeps_access: bool
) -> Engagement:
    """Record a launch. Nobody is asked.

    Args:
        context: the ports
        actor: the developer
        identifier: which engagement
        to: whom the model was released to
        keeps_access: running windows go on; otherwise they end now

    Raises:
        Missing, Refused: no such engagement, or not this developer's.
    """
    with step(context, actor, identifier, Action.REVIEW_END) as taken:
        _, rule = taken.move("launch")
        launched = engagement.launch(
            taken.engagement, to=to, keeps_access=keeps_access, by=taken.person, now=taken.now
        )
        facts: dict[str, Json] = {
            "to": to.value,
            "keeps_access": keeps_access,
            "before_window_ended": launched.releases[-1].before_window_ended,
        }
        return taken.save(launched, rule, facts)


def withdraw(
    context: Context, actor: Actor, identifier: EngagementId, *, reason: str = ""
) -> Engagement:
    """Take the model out of the review; every window and grant ends now.

    Raises:
        Missing, Refused: no such engagement, or not this developer's.
    """
    with step(context, actor, identifier, Action.REVIEW_END) as taken:
        _, rule = taken.move("withdraw")
        gone = engagement.withdraw(taken.engagement, because=reason, now=taken.now)
        saved = taken.save(gone, rule, {"words": told(reason.strip())})
        taken.tell(Event.WITHDRAWN, *telling.audience(taken.work, saved, None))
        taken.end_grants("the developer withdrew")
        return saved


def close(
    context: Context, vault: SealedVault, actor: Actor, identifier: EngagementId
) -> StoredReceipt:
    """End an engagement: grants revoked, keys destroyed as soon as allowed, receipt signed.

    Raises:
        Missing, Refused: no such engagement, or not this developer's.
        Unavailable: the vault or the signing key; the engagement is closed all the same, and
            `finish_closing` goes on from there.
    """
    with step(context, actor, identifier, Action.REVIEW_END) as taken:
        _, rule = taken.move("close")
        if taken.engagement.closed_at is None:
            taken.save(engagement.close(taken.engagement, now=taken.now), rule)
            taken.tell(Event.CLOSED, *telling.audience(taken.work, taken.engagement, None))
            taken.end_grants("the engagement was closed")
    return finish_closing(context, vault, identifier)


def finish_closing(context: Context, vault: SealedVault, identifier: EngagementId) -> StoredReceipt:
    """Do what is left of a close. Repeated, it changes nothing more.

    Returns the newest receipt: the first says when keys may be destroyed, if they may not yet; a
    second one follows when they were.

    Raises:
        Missing: no such engagement.
        Conflict: it is not closed.
        Unavailable: the vault or the signing key.
    """
    with context.storage.begin() as work:
        kept = work.engagements.receipts(identifier)
        if kept and not _ready(context, work.engagements.get(identifier), kept):
            return kept[-1]
    with context.storage.begin() as work:
        # Under the lock: a hold that is set in this moment comes before the destruction, or is
        # refused after it.
        locked = work.engagements.lock(identifier)
        kept = work.engagements.receipts(identifier)
        ready = _ready(context, locked, kept)
        if kept and not ready:
            return kept[-1]
        destroyed = _destroy(vault, identifier, context.clock.now()) if ready else None
        return _sign(context, work, replace(locked, destroyed=destroyed), len(kept) + 1)


def _ready(context: Context, found: Engagement, kept: Sequence[StoredReceipt]) -> bool:
    """Whether keys are to be destroyed now. Raises Conflict when it is not closed."""
    if found.closed_at is None:
        raise Conflict(f"{found.number} is not closed")
    if kept and kept[-1].destroyed:
        return False
    due = keys_due(found)
    return due is not None and due <= max(context.clock.now(), found.closed_at)


def _destroy(vault: SealedVault, identifier: EngagementId, now: Instant) -> Destroyed:
    done = vault.destroy(str(identifier), now)
    return Destroyed(
        at=done.asked_at, stores=done.stores, keys=done.keys, not_covered=done.not_covered
    )


def _sign(context: Context, work: UnitOfWork, closed: Engagement, number: int) -> StoredReceipt:
    identifier, destroyed = closed.id, closed.destroyed
    newest = work.engagements.last_recorded(identifier)
    now = max(context.clock.now(), newest) if newest else context.clock.now()
    saved = work.engagements.save(closed)
    if destroyed:
        work.documents.drop_envelopes(identifier)  # nobody can open them any more
    payload = canonical(closing.receipt(record_of(work, saved)))
    signature = context.signer.sign(KEY, to_sign(RECEIPT_TYPE, payload))
    receipt = StoredReceipt(
        number=number,
        at=now,
        envelope=envelope(
            RECEIPT_TYPE, payload, key_id=signature.key_id, signature=signature.value
        ),
        destroyed=destroyed is not None,
    )
    work.engagements.keep_receipt(identifier, receipt)
    record(
        context,
        work,
        now=now,
        actor=SYSTEM,
        action=Action.REVIEW_END,
        subject=str(identifier),
        rule="the end of a review is proved by a signed receipt",
        facts={
            "receipt": receipt.number,
            "digest": digest(payload),
            "destroyed": destroyed.to_json() if destroyed else None,
        },
    )
    event = Event.DESTROYED if destroyed else Event.RECEIPT
    telling.tell(context, work, saved, event, telling.developer_of(saved), now=now)
    return receipt


def record_of(work: UnitOfWork, found: Engagement) -> Record:
    """Everything about an engagement, for its receipt and its reports."""
    return Record(
        engagement=found,
        offices=work.engagements.offices(found.id),
        partners=work.partners.of_engagement(found.id),
        grants=work.grants.of_engagement(found.id),
        acceptances=work.engagements.acceptances(found.id),
        observations=work.observations.of_engagement(found.id),
        documents=work.documents.of_engagement(found.id),
        downloads=work.documents.downloads(found.id),
        used=work.uses.used(found.id),
    )
