"""What a coordinator does with a held text: read it, release it, refuse it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from firstlight.core.guard.model import Channel
from firstlight.core.guard.passing import fingerprint
from firstlight.core.guard.record import (
    KEPT_MOVES,
    Kept,
    VerdictId,
    checked_reason,
)
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action, Thing, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.guard.examining import SEAL_CONTEXT, gate_of
from firstlight.usecases.guard.messages import RELEASED
from firstlight.usecases.ports import Message, UnitOfWork
from firstlight.usecases.ports.sealed import Sealed

_THING = Thing(marking=Marking.RED)


class NothingProposed(Invalid):
    """The guard proposed no other words for this text."""

    code = "guard.nothing_proposed"
    next_step = "Release it as it is, or refuse it and write another one."


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a rule was broken, for the person who decides."""

    rule: str
    verdict: str
    start: int
    """in subject, line break and body"""
    end: int
    written: str


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A verdict with its text."""

    kept: Kept
    to: str
    subject: str
    body: str
    rewritten_subject: str
    rewritten_body: str
    places: tuple[Place, ...]

    @property
    def proposed(self) -> bool:
        """Whether the guard proposes other words."""
        return (self.subject, self.body) != (self.rewritten_subject, self.rewritten_body)


def open_kept(context: Context, actor: Actor, identifier: VerdictId) -> Opened:
    """Read the text of a verdict; that it was read is recorded.

    Raises:
        Missing, Refused: as usual.
        KeyDestroyed, KeyMissing, SealBroken, VaultUnusable: the text cannot be opened.
    """
    allow(actor, Action.GUARD_OPEN, _THING)
    now = context.clock.now()
    with context.storage.begin() as work:
        kept = work.guard.get(identifier)
        opened = _opened(context, work, kept)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.GUARD_OPEN,
            subject=str(identifier),
            rule="who decides about a text reads it, and that is known",
        )
    return opened


def release(
    context: Context, actor: Actor, identifier: VerdictId, reason: str, *, rewritten: bool = False
) -> Kept:
    """Let a held text out: a message is sent within seconds, an advisory when its time has come.

    Args:
        context: the ports
        actor: who decides
        identifier: which verdict
        reason: why, kept in the ledger
        rewritten: the words that the guard proposed, in place of the original; messages only

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        ReasonMissing, TooLarge: the reason.
        NothingProposed: there are no other words.
    """
    why = checked_reason(reason)
    allow(actor, Action.GUARD_DECIDE, _THING)
    with context.storage.begin() as work:
        kept = work.guard.lock(identifier)
        opened = _opened(context, work, kept)
        subject, body = opened.subject, opened.body
        if rewritten:
            if kept.channel is Channel.DOCUMENT or not opened.proposed:
                raise NothingProposed
            subject, body = opened.rewritten_subject, opened.rewritten_body
        mark = fingerprint(kept.channel, opened.to, subject, body)
        saved = _decided(
            context, work, actor, replace(kept, fingerprint=mark, reason=why), "release"
        )
        if kept.channel is Channel.DOCUMENT:
            advisory = kept.key.removeprefix("advisory ")
            work.jobs.enqueue(
                jobs.PUBLISH_DUE, {"advisory": advisory}, key=f"publish {advisory} {kept.id}"
            )
        else:
            message = Message(kind=kept.channel.value, to=opened.to, subject=subject, body=body)
            work.outbox.put(message, key=f"{RELEASED}{kept.id}")
    return saved


def refuse(context: Context, actor: Actor, identifier: VerdictId, reason: str) -> Kept:
    """Keep a held text in, for good.

    Raises:
        Missing, Refused, MoveNotAllowed, ReasonMissing, TooLarge: as `release`.
    """
    why = checked_reason(reason)
    allow(actor, Action.GUARD_DECIDE, _THING)
    with context.storage.begin() as work:
        kept = work.guard.lock(identifier)
        return _decided(context, work, actor, replace(kept, reason=why), "refuse")


def _decided(context: Context, work: UnitOfWork, actor: Actor, kept: Kept, name: str) -> Kept:
    move = KEPT_MOVES.apply(name, kept.state, actor.role)
    now = context.clock.now()
    saved = work.guard.save(
        replace(kept, state=move.target, decided_by=actor.person, decided_at=now)
    )
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.GUARD_DECIDE,
        subject=str(kept.id),
        rule=move.rule,
        facts={
            "move": name,
            "state": move.target.value,
            "reason": kept.reason,
            "key": kept.key,
            "text": saved.fingerprint,
        },
    )
    return saved


def _opened(context: Context, work: UnitOfWork, kept: Kept) -> Opened:
    sealed = Sealed(envelope=work.guard.sealed(kept.id))
    vault = gate_of(context).vault
    told = json.loads(vault.open(kept.key_name, str(kept.id), sealed, SEAL_CONTEXT))
    return Opened(
        kept=kept,
        to=told["to"],
        subject=told["subject"],
        body=told["body"],
        rewritten_subject=told["rewritten_subject"],
        rewritten_body=told["rewritten_body"],
        places=tuple(Place(**each) for each in told["breaches"]),
    )
