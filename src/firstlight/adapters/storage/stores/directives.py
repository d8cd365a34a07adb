"""What was recorded about duties."""

from __future__ import annotations

from collections.abc import Sequence

from firstlight.adapters.storage.models import DutyEntry, LedgerHead
from firstlight.core.directives.history import EntryKind, HistoryEntry, HistoryId
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Role


class Duties:
    """`DutyStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = DutyEntry.objects.using(using)
        self._heads = LedgerHead.objects.using(using)

    def append(self, entry: HistoryEntry, role: Role) -> None:
        """A second withdrawal of one entry is a conflict of the table itself."""
        DutyEntry(
            id=str(entry.id),
            duty=entry.duty,
            kind=entry.kind.value,
            on=entry.on,
            text=entry.text,
            source=entry.source,
            link=entry.link,
            withdraws=str(entry.withdraws) if entry.withdraws else None,
            recorded_by=entry.recorded_by,
            recorded_as=role.value,
            recorded_at=entry.recorded_at.utc,
        ).save(using=self._using, force_insert=True)

    def lock(self, duty: str) -> Sequence[HistoryEntry]:
        """Behind the ledger's head, since each entry is also one of the ledger."""
        self._heads.select_for_update().get(pk=1)
        rows = self._rows.filter(duty=duty).order_by("recorded_at", "id")
        return tuple(history_entry(row) for row in rows)


def history_entry(row: DutyEntry, *, name_people: bool = True) -> HistoryEntry:
    """The entry of a row; without the person where the reader may not know who it was."""
    return HistoryEntry(
        id=HistoryId(row.id),
        duty=row.duty,
        kind=EntryKind(row.kind),
        on=row.on,
        text=row.text,
        recorded_by=row.recorded_by if name_people else row.recorded_as,
        recorded_at=Instant(row.recorded_at),
        source=row.source,
        link=row.link,
        withdraws=HistoryId(row.withdraws) if row.withdraws else None,
    )
