"""Read the register as of a day; record evidence, set a duty aside, withdraw what was wrong.

Everything that is recorded is appended and public, and each step is in the ledger under the duty's
paragraph. A state is never stored: it is computed from the dates and the history for the day asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from firstlight.core.directives.history import (
    EVIDENCE,
    EntryKind,
    HistoryEntry,
    HistoryId,
    check_fits,
)
from firstlight.core.directives.model import Duty
from firstlight.core.directives.register import DUTIES, cite, find
from firstlight.core.directives.status import Standing, assess, withdrawn
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, Thing, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.queries.port import Queries

REGISTER = Thing(marking=Marking.CLEAR, published=True)
"""the register is public as a whole"""
_SHOWN_AT_MOST = 500
"""entries of one duty; more would be a flood and not a history"""


class AlreadyWithdrawn(Conflict):
    """This entry was withdrawn before."""

    code = "directives.already_withdrawn"
    next_step = "Nothing to do. To record it again, make a new entry."


class NotYet(Invalid):
    """The day lies in the future, so nothing can be shown of it."""

    code = "directives.not_yet"
    next_step = "Give the day on which it took place, in UTC."


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What somebody offers as evidence."""

    kind: EntryKind
    """`PROGRESS` or `DONE`"""
    on: date
    """the day on which it took place"""
    source: str
    """who published it"""
    link: str
    text: str
    """what it shows"""


def list_duties(queries: Queries, reader: Actor, as_of: date) -> Sequence[Standing]:
    """Every duty as it stands on a day, in the order of the register.

    Raises:
        Refused: the reader may not.
    """
    allow(reader, Action.DIRECTIVE_READ, REGISTER)
    history = queries.duty_history(reader, None)
    return tuple(assess(duty, history, as_of) for duty in DUTIES)


def read_duty(queries: Queries, reader: Actor, name: str, as_of: date) -> Standing:
    """One duty as it stands on a day, with its whole history.

    Raises:
        Refused: the reader may not.
        Missing: there is no such duty.
    """
    allow(reader, Action.DIRECTIVE_READ, REGISTER)
    duty = find(name)
    return assess(duty, queries.duty_history(reader, duty.key), as_of)


def record_evidence(context: Context, actor: Actor, name: str, evidence: Evidence) -> HistoryEntry:
    """Append evidence to the history of a duty.

    Raises:
        Refused: the actor may not.
        Missing: there is no such duty.
        Invalid: the evidence cannot be shown, lies in the future, or ends what always holds.
    """
    if evidence.kind not in EVIDENCE:
        raise Invalid(f"{evidence.kind.value!r} is no kind of evidence", field="kind")
    return _append(
        context,
        actor,
        find(name),
        kind=evidence.kind,
        on=evidence.on,
        text=evidence.text,
        source=evidence.source,
        link=evidence.link,
    )


def set_aside(context: Context, actor: Actor, name: str, *, on: date, reason: str) -> HistoryEntry:
    """Say that a duty does not apply from a day on.

    Raises:
        Refused, Missing, Invalid: as `record_evidence`.
    """
    kind = EntryKind.NOT_APPLICABLE
    return _append(context, actor, find(name), kind=kind, on=on, text=reason)


def withdraw_entry(
    context: Context, actor: Actor, name: str, entry: HistoryId, *, reason: str
) -> HistoryEntry:
    """Take an entry back that was wrong; it stays in the history and counts no longer.

    Raises:
        Refused: the actor may not.
        Missing: the duty has no such entry.
        AlreadyWithdrawn: it was withdrawn before.
        Invalid: it is itself a withdrawal.
    """
    return _append(
        context,
        actor,
        find(name),
        kind=EntryKind.WITHDRAWN,
        on=context.clock.now().utc.date(),
        text=reason,
        withdraws=entry,
    )


def _append(
    context: Context,
    actor: Actor,
    duty: Duty,
    *,
    kind: EntryKind,
    on: date,
    text: str,
    source: str = "",
    link: str = "",
    withdraws: HistoryId | None = None,
) -> HistoryEntry:
    allow(actor, Action.DIRECTIVE_RECORD)
    now = context.clock.now()
    if on > now.utc.date():
        raise NotYet(f"{on} lies in the future", field="on")
    check_fits(duty, kind)
    entry = HistoryEntry(
        id=context.mint.new(HistoryId, now),
        duty=duty.key,
        kind=kind,
        on=on,
        text=text.strip(),
        recorded_by=actor.label,
        recorded_at=now,
        source=source.strip(),
        link=link.strip(),
        withdraws=withdraws,
    )
    with context.storage.begin() as work:
        _check_room(work, entry)
        work.duties.append(entry, actor.role)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.DIRECTIVE_RECORD,
            subject=f"directive:{duty.key}",
            rule=cite(duty),
            facts={
                "entry": str(entry.id),
                "kind": kind.value,
                "on": on.isoformat(),
                "link": entry.link,
                "withdraws": str(withdraws) if withdraws else "",
            },
        )
    return entry


def _check_room(work: UnitOfWork, entry: HistoryEntry) -> None:
    history = work.duties.lock(entry.duty)
    if len(history) >= _SHOWN_AT_MOST:
        raise Conflict(f"{entry.duty} has {len(history)} entries, which is the limit")
    if entry.withdraws is None:
        return
    wrong = next((one for one in history if one.id == entry.withdraws), None)
    if wrong is None:
        raise Missing(f"{entry.duty} has no entry {entry.withdraws}")
    if wrong.kind is EntryKind.WITHDRAWN:
        raise Invalid("a withdrawal is not withdrawn; record the evidence again", field="entry")
    if wrong.id in withdrawn(history):
        raise AlreadyWithdrawn
