"""What every use case is given, and the one way to write to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import EntryId
from firstlight.core.kernel.ledger import NO_PREVIOUS, SALT_BYTES, Entry, commitment
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action
from firstlight.usecases.guard.gate import Gate
from firstlight.usecases.ports import (
    Clock,
    Committed,
    Laboratory,
    Mint,
    PublicZone,
    Signer,
    Storage,
    UnitOfWork,
)


@dataclass(frozen=True, kw_only=True)
class Context:
    """The ports, opened by bootstrap and handed to every use case."""

    storage: Storage
    clock: Clock
    mint: Mint
    signer: Signer
    laboratory: Laboratory
    zone: PublicZone
    gate: Gate | None = None
    """the outbound guard; None in a process out of which nothing goes"""


def record(
    context: Context,
    work: UnitOfWork,
    *,
    now: Instant,
    actor: Actor,
    action: Action,
    subject: str,
    rule: str,
    facts: Mapping[str, Json] | None = None,
    last: Committed | None = None,
) -> None:
    """Append one ledger entry inside the unit of work that makes the change.

    Args:
        context: for identifiers and the salt
        work: the running unit of work
        now: the operation's moment
        actor: who did it
        action: what was done
        subject: identifier of what it was done to
        rule: under which rule
        facts: small JSON; digests in place of documents, never a secret
        last: the subject's newest entry, from a caller that has read it under the ledger's lock
    """
    last = last or work.ledger.last_of(subject)
    entry = Entry(
        id=context.mint.new(EntryId, now),
        at=now,
        actor=actor.label,
        action=action.value,
        subject=subject,
        rule=rule,
        facts=facts or {},
        sequence=last.entry.sequence + 1 if last else 1,
        previous=last.commitment.hex() if last else NO_PREVIOUS,
    )
    salt = context.mint.random_bytes(SALT_BYTES)
    work.ledger.append(entry, salt, commitment(entry, salt))
