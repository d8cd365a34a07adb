"""Advisories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firstlight.adapters.storage import translate
from firstlight.adapters.storage.models import AdvisoryRecord
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.ids import AdvisoryId, CaseId


class Advisories:
    """`AdvisoryStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = AdvisoryRecord.objects.using(using)

    def add(self, advisory: Advisory) -> None:
        """Keep a new advisory; a case has one."""
        translate.advisory_row(advisory).save(using=self._using, force_insert=True)

    def get(self, identifier: AdvisoryId) -> Advisory:
        """Raises Missing."""
        return self._one(identifier, lock=False)

    def lock(self, identifier: AdvisoryId) -> Advisory:
        """Like `get`, locked until this unit of work ends. Raises Missing."""
        return self._one(identifier, lock=True)

    def _one(self, identifier: AdvisoryId, *, lock: bool) -> Advisory:
        rows = self._rows.select_for_update() if lock else self._rows
        row = rows.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no advisory {identifier}")
        return translate.advisory(row)

    def save(self, advisory: Advisory) -> Advisory:
        """Raises Conflict when `advisory.version` is not the stored one."""
        following = replace(advisory, version=advisory.version + 1)
        changed = self._rows.filter(pk=str(advisory.id), version=advisory.version).update(
            **translate.advisory_columns(following)
        )
        if not changed:
            stored = self.get(advisory.id)
            raise Conflict(
                f"the advisory {advisory.number} has changed since you looked",
                seen=advisory.version,
                stored=stored.version,
            )
        return following

    def of_case(self, case: CaseId) -> Advisory | None:
        """None when nothing was drafted."""
        row = self._rows.filter(case_id=str(case)).first()
        return translate.advisory(row) if row else None

    def due(self, now: Instant) -> Sequence[Advisory]:
        """Approved, and go-live has come; the one due longest first."""
        rows = self._rows.filter(state=AdvisoryState.APPROVED.value, go_live__lte=now.utc)
        return tuple(translate.advisory(row) for row in rows.order_by("go_live", "id"))

    def published(self) -> Sequence[Advisory]:
        """What the world has seen, oldest first."""
        rows = self._rows.filter(public=True).order_by("drafted_at", "id")
        return tuple(translate.advisory(row) for row in rows)
