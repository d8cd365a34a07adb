"""Entering the register of participants, and leaving it: an organisation's own recorded acts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import participation
from firstlight.core.review.model import DeveloperSize
from firstlight.core.review.participation import Participation
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews.step import organisation_of, person_of, told


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an organisation says of itself; all of it becomes public."""

    scope: str
    """what it takes part in"""
    since: date
    until: date | None = None
    size: DeveloperSize | None = None
    """needed of a developer, for the comparison of times to an answer"""


def enter_register(
    context: Context, accounts: AccountStore, actor: Actor, said: Entry
) -> Participation:
    """Be named in the public register from now on, or change what it says.

    Raises:
        NotSignedIn, Refused: the actor may not speak for an organisation here.
        Invalid, Unwritten: it says too little, or what it is has no place in the register.
    """
    allow(actor, Action.PARTICIPANT_LIST)
    organisation, now = organisation_of(actor), context.clock.now()
    with context.storage.begin() as work:
        before = work.participants.lock(organisation)
        entry = Participation(
            organisation=organisation,
            kind=accounts.organisation(organisation).organisation.kind,
            scope=said.scope,
            since=said.since,
            until=said.until,
            size=said.size,
            listed_by=person_of(actor),
            listed_at=now,
            version=before.version if before else 1,
        )
        kept = before is not None and before.listed
        since = before.listed_at if before and kept else now
        saved = work.participants.put(replace(entry, listed_at=since))
        facts: dict[str, Json] = {
            "move": "change" if kept else "enter",
            "scope": told(saved.scope),
            "since": saved.since.isoformat(),
            "size": saved.size.value if saved.size else "",
        }
        _note(context, work, actor, saved, facts)
    return saved


def leave_register(context: Context, actor: Actor) -> Participation:
    """Be named no longer: from this moment the register shows nothing of it.

    Raises:
        NotSignedIn, Refused: the actor may not speak for an organisation here.
        Conflict: it is not in the register.
    """
    allow(actor, Action.PARTICIPANT_LIST)
    organisation, now = organisation_of(actor), context.clock.now()
    with context.storage.begin() as work:
        entry = participation.leave(work.participants.lock(organisation), now)
        saved = work.participants.put(entry)
        _note(context, work, actor, saved, {"move": "leave"})
    return saved


def _note(
    context: Context, work: UnitOfWork, actor: Actor, entry: Participation, facts: dict[str, Json]
) -> None:
    record(
        context,
        work,
        now=context.clock.now(),
        actor=actor,
        action=Action.PARTICIPANT_LIST,
        subject=str(entry.organisation),
        rule="the register names only who chose it, and for as long as they choose",
        facts=facts,
    )
