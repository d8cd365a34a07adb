"""Reads about batches and candidates, each through the reader's row of the access table."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from firstlight.adapters.storage import cursors, flood_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import BatchRecord, CandidateRecord
from firstlight.adapters.storage.stores.flood import Batches
from firstlight.adapters.storage.visibility import ALL, NOTHING
from firstlight.core.clearinghouse.intake.flood import (
    Batch,
    BatchId,
    CandidateId,
    CandidateRow,
    Fault,
    key_of,
)
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import rule
from firstlight.usecases.queries.port import Page

_LONGEST_PAGE = 200


class DjangoFloodQueries:
    """`FloodQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._batches = BatchRecord.objects.using(using)
        self._candidates = CandidateRecord.objects.using(using)
        self._store = Batches(using)

    @staticmethod
    def _seen(reader: Actor) -> Q:
        """What the reader's row for findings reaches; a candidate has an owner and no parties."""
        row = rule(reader, Action.FINDING_READ)
        seen = NOTHING
        if row.reach is Reach.EVERYTHING:
            seen = ALL
        elif row.reach >= Reach.OWN and reader.organisation is not None:
            seen = Q(owner=str(reader.organisation))
        return seen & Q(marking__in=[each.value for each in Marking if each.at_most(row.ceiling)])

    @border()
    def batches(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[Batch]:
        """Newest first."""
        rows = self._batches.filter(self._seen(reader))
        if cursor is not None:
            place = cursors.read_place(cursor)
            rows = rows.filter(Q(opened_at__lt=place.at) | Q(opened_at=place.at, pk__lt=place.id))
        size = min(max(limit, 1), _LONGEST_PAGE)
        found = list(rows.order_by("-opened_at", "-pk")[: size + 1])
        last = found[size - 1] if len(found) > size else None
        return Page(
            rows=tuple(flood_rows.batch(row) for row in found[:size]),
            next_cursor=cursors.write(cursors.Place(last.opened_at, last.pk)) if last else None,
        )

    @border()
    def batch(self, reader: Actor, identifier: BatchId) -> Batch:
        """Raises Missing."""
        row = self._batches.filter(self._seen(reader), pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no batch {identifier} for you")
        return flood_rows.batch(row)

    @border()
    def faults(self, reader: Actor, identifier: BatchId) -> Sequence[Fault]:
        """Raises Missing."""
        return self._store.faults(self.batch(reader, identifier).id)

    @border()
    def candidates(
        self,
        reader: Actor,
        *,
        batch: BatchId | None,
        package: str | None,
        cursor: str | None,
        limit: int,
    ) -> Page[CandidateRow]:
        """By number, which grows with time."""
        rows = self._candidates.filter(self._seen(reader))
        if batch is not None:
            rows = rows.filter(batch_id=str(batch))
        if package is not None:
            rows = rows.filter(package=package.replace("\x00", ""))
        if cursor is not None:
            rows = rows.filter(pk__lt=cursors.read_index(cursor))
        size = min(max(limit, 1), _LONGEST_PAGE)
        found = list(rows.order_by("-pk")[: size + 1])
        last = found[size - 1] if len(found) > size else None
        return Page(
            rows=tuple(flood_rows.candidate(row) for row in found[:size]),
            next_cursor=cursors.write(cursors.Index(last.pk)) if last else None,
        )

    @border()
    def candidate(self, reader: Actor, identifier: CandidateId) -> CandidateRow:
        """Raises Missing."""
        row = self._candidates.filter(self._seen(reader), key=key_of(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier} for you")
        return flood_rows.candidate(row)

    @border()
    def document(self, reader: Actor, identifier: CandidateId) -> bytes:
        """Raises Missing."""
        return self._store.document(self.candidate(reader, identifier).id)
