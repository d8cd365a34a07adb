"""Reads of verdicts, filtered by what the reader may see, in the query itself.

A verdict has no owner and no party: who may not see all sees none.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from firstlight.adapters.storage import cursors, guard_rows
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import VerdictRecord
from firstlight.core.guard.record import Kept, KeptState, VerdictId
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.access.table import rule
from firstlight.usecases.queries.port import Page

_LONGEST_PAGE = 200


class DjangoGuardQueries:
    """`GuardQueries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._rows = VerdictRecord.objects.using(using).defer("sealed")

    def _seen(self, reader: Actor) -> QuerySet[VerdictRecord]:
        row = rule(reader, Action.GUARD_READ)
        if row.reach is not Reach.EVERYTHING:
            return self._rows.none()
        up_to = [each.value for each in Marking if each.at_most(row.ceiling)]
        return self._rows.filter(marking__in=up_to)

    @border()
    def verdicts(
        self, reader: Actor, states: Collection[KeptState], *, cursor: str | None, limit: int
    ) -> Page[Kept]:
        """Newest first."""
        rows = self._seen(reader)
        if states:
            rows = rows.filter(state__in=[each.value for each in states])
        if cursor is not None:
            place = cursors.read_place(cursor)
            rows = rows.filter(Q(at__lt=place.at) | Q(at=place.at, pk__lt=place.id))
        size = min(max(limit, 1), _LONGEST_PAGE)
        found = list(rows.order_by("-at", "-pk")[: size + 1])
        last = found[size - 1] if len(found) > size else None
        return Page(
            rows=tuple(guard_rows.kept(row) for row in found[:size]),
            next_cursor=cursors.write(cursors.Place(last.at, last.pk)) if last else None,
        )

    @border()
    def verdict(self, reader: Actor, identifier: VerdictId) -> Kept:
        """Raises Missing."""
        row = self._seen(reader).filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier} for you")
        return guard_rows.kept(row)

    @border()
    def waiting(self, reader: Actor) -> int:
        """Held ones."""
        return self._seen(reader).filter(state=KeptState.HELD.value).count()
