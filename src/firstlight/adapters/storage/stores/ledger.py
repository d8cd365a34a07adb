"""The append-only ledger. One locked row puts all appends in one order."""

from __future__ import annotations

from collections.abc import Sequence

from firstlight.adapters.storage import translate
from firstlight.adapters.storage.models import Checkpoint, LedgerEntry, LedgerHead
from firstlight.core.kernel.ledger import Entry
from firstlight.usecases.ports import Committed


class Ledger:
    """`LedgerStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._heads = LedgerHead.objects.using(using)
        self._rows = LedgerEntry.objects.using(using)
        self._checkpoints = Checkpoint.objects.using(using)

    def _lock(self) -> int:
        """Wait for whoever appends now; then the size stays ours until the commit."""
        return self._heads.select_for_update().get(pk=1).size

    def last_of(self, subject: str) -> Committed | None:
        """Locks the ledger, so that the sequence that follows is still free."""
        self._lock()
        row = self._rows.filter(subject=subject).order_by("-sequence").first()
        return translate.committed(row) if row else None

    def append(self, entry: Entry, salt: bytes, commitment: bytes) -> Committed:
        """Put an entry at the end."""
        index = self._lock()
        row = translate.entry_row(index, entry, salt, commitment)
        row.save(using=self._using, force_insert=True)
        self._heads.filter(pk=1).update(size=index + 1)
        return Committed(index=index, entry=entry, salt=salt, commitment=commitment)

    def size(self) -> int:
        """Entries so far."""
        return self._heads.get(pk=1).size

    def commitments(self, size: int) -> Sequence[bytes]:
        """In order."""
        rows = self._rows.filter(index__lt=size).order_by("index")
        return tuple(bytes(each) for each in rows.values_list("commitment", flat=True))

    def entries(self, subject: str | None, start: int, limit: int) -> Sequence[Committed]:
        """In order."""
        rows = self._rows.filter(index__gte=start)
        if subject is not None:
            rows = rows.filter(subject=subject)
        return tuple(translate.committed(row) for row in rows.order_by("index")[:limit])

    def keep_checkpoint(self, size: int, note: str) -> None:
        """Idempotent by size: the note that was kept first stays."""
        self._checkpoints.bulk_create([Checkpoint(size=size, note=note)], ignore_conflicts=True)

    def checkpoints(self) -> Sequence[tuple[int, str]]:
        """Smallest first."""
        return tuple(self._checkpoints.order_by("size").values_list("size", "note"))
