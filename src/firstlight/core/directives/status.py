"""The state of a duty on any day, from its dates and its history. A comparison, no finding of law.

Rules, the first that fits:
1. before its first day a duty is not in force;
2. one that always holds stands;
3. evidence that it was done, dated on the day asked or before: met, or met late when the first such
   evidence is dated after the due day;
4. set aside on the day asked or before: not applicable;
5. after the due day: overdue; up to the due day itself: open.

Two consequences, tested as laws: the order in which entries were recorded does not matter, and what
is met on a day is met on every later day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from firstlight.core.directives.history import EntryKind, HistoryEntry, HistoryId
from firstlight.core.directives.model import Duty


class Status(StrEnum):
    """How a duty stands on a day."""

    NOT_IN_FORCE = "not-in-force"
    """its first day has not come"""
    OPEN = "open"
    """not shown to be done, and the due day has not passed"""
    MET = "met"
    """shown to be done by the due day"""
    MET_LATE = "met-late"
    """shown to be done, after the due day"""
    OVERDUE = "overdue"
    """the due day has passed, and no evidence here shows that it was done"""
    NOT_APPLICABLE = "not-applicable"
    """set aside, with a reason"""
    STANDING = "standing"
    """it always holds; there is no day on which it is done"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A duty on one day, with what it was decided by."""

    duty: Duty
    as_of: date
    status: Status
    since: date
    """the first day of this status; for one not in force, the day on which it comes into force"""
    decided_by: HistoryEntry | None
    """the entry that decided; None when the dates alone did"""
    history: Sequence[HistoryEntry]
    """every entry ever recorded, oldest first, later and withdrawn ones included"""

    @property
    def days_left(self) -> int | None:
        """Days until the due day, negative after it; None when it is not open or overdue."""
        due = self.duty.due
        if due is None or self.status not in {Status.OPEN, Status.OVERDUE}:
            return None
        return (due - self.as_of).days

    @property
    def withdrawn(self) -> frozenset[HistoryId]:
        """Entries that count on no day."""
        return withdrawn(self.history)


def withdrawn(history: Iterable[HistoryEntry]) -> frozenset[HistoryId]:
    """The entries that a later one took back."""
    return frozenset(entry.withdraws for entry in history if entry.withdraws)


def assess(duty: Duty, history: Iterable[HistoryEntry], as_of: date) -> Standing:
    """The state of `duty` on the day `as_of`, by everything that is recorded now.

    Args:
        duty: from the register
        history: its entries, in any order; those of other duties are passed over
        as_of: any day
    """
    own = sorted(
        (entry for entry in history if entry.duty == duty.key),
        key=lambda entry: (entry.recorded_at, entry.id),
    )
    gone = withdrawn(own)
    counting = [entry for entry in own if entry.id not in gone and entry.on <= as_of]
    status, since, decided_by = _decide(duty, counting, as_of)
    return Standing(
        duty=duty,
        as_of=as_of,
        status=status,
        since=since,
        decided_by=decided_by,
        history=tuple(own),
    )


def _decide(
    duty: Duty, counting: Sequence[HistoryEntry], as_of: date
) -> tuple[Status, date, HistoryEntry | None]:
    due = duty.due
    if as_of < duty.starts:
        return Status.NOT_IN_FORCE, duty.starts, None
    if due is None:
        return Status.STANDING, duty.starts, None
    done = _first(counting, EntryKind.DONE)
    if done is not None:
        late = done.on > due
        return Status.MET_LATE if late else Status.MET, max(done.on, duty.starts), done
    aside = _first(counting, EntryKind.NOT_APPLICABLE)
    if aside is not None:
        return Status.NOT_APPLICABLE, max(aside.on, duty.starts), aside
    if as_of > due:
        return Status.OVERDUE, due + timedelta(days=1), None
    return Status.OPEN, duty.starts, None


def _first(entries: Sequence[HistoryEntry], kind: EntryKind) -> HistoryEntry | None:
    """The one of the earliest day; among those of one day, the one recorded first."""
    return min(
        (entry for entry in entries if entry.kind is kind),
        key=lambda entry: (entry.on, entry.recorded_at, entry.id),
        default=None,
    )
