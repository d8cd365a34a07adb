"""The append-only ledger. One locked row puts all appends in one order."""

from __future__ import annotations

from collections.abc import Sequence

from firstlight.adapters.storage import translate
from firstlight.adapters.storage.models import Checkpoint, LedgerEntry
from firstlight.adapters.storage.statements import Statements
from firstlight.core.kernel.ledger import Entry
from firstlight.usecases.ports import Committed

# Whoever appends holds this row until the commit.
_HEAD = 'SELECT size FROM firstlight_ledger_head WHERE "only" = 1'
_GROWN = 'UPDATE firstlight_ledger_head SET size = %s WHERE "only" = 1'
# By the index on (subject, sequence).
_LAST = (
    'SELECT "index", id, at, actor, action, subject, rule, facts, sequence, previous, salt,'
    " commitment FROM firstlight_ledger_entry WHERE subject = %s ORDER BY sequence DESC LIMIT 1"
)


class Ledger:
    """`LedgerStore` over one database."""

    def __init__(self, using: str) -> None:
        self._statements = Statements(using)
        self._rows = LedgerEntry.objects.using(using)
        self._checkpoints = Checkpoint.objects.using(using)
        self._size: int | None = None

    def _lock(self) -> int:
        """Wait for whoever appends now; then the size stays ours until the commit."""
        if self._size is None:
            self._size = self._head(self._statements.locks)
        return self._size

    def _head(self, locks: str) -> int:
        row = self._statements.one(_HEAD + locks)
        assert row is not None  # noqa: S101  # a migration made it
        return int(row[0])

    def last_of(self, subject: str) -> Committed | None:
        """Locks the ledger, so that the sequence that follows is still free."""
        self._lock()
        row = self._statements.one(_LAST, subject)
        return translate.committed_values(row) if row else None

    def append(self, entry: Entry, salt: bytes, commitment: bytes) -> Committed:
        """Put an entry at the end."""
        index = self._lock()
        columns = translate.entry_columns(index, entry, salt, commitment)
        self._statements.insert("firstlight_ledger_entry", columns)
        self._statements.run(_GROWN, index + 1)
        self._size = index + 1
        return Committed(index=index, entry=entry, salt=salt, commitment=commitment)

    def size(self) -> int:
        """Entries so far."""
        return self._head("")

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
