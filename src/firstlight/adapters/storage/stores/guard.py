"""Verdicts of the outbound guard, and what it looks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Count, Max, Sum

from firstlight.adapters.storage import codec, guard_rows, translate
from firstlight.adapters.storage.models import (
    AdvisoryRecord,
    CaseRecord,
    FindingRecord,
    VerdictRecord,
)
from firstlight.adapters.storage.visibility import Visibility
from firstlight.core.clearinghouse.finding import Report
from firstlight.core.guard.record import Kept, VerdictId
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.ports.guard import OpenCase, PublicCases

_CHUNK = 500
_MOST_MERGES = 64
"""steps from a merged case to the one that goes on"""


class Guard:
    """`GuardStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._verdicts = VerdictRecord.objects.using(using)
        self._cases = CaseRecord.objects.using(using)
        self._findings = FindingRecord.objects.using(using)
        self._advisories = AdvisoryRecord.objects.using(using)

    def add(self, kept: Kept, sealed: bytes) -> None:
        """Keep a new one."""
        guard_rows.verdict_row(kept, sealed).save(using=self._using, force_insert=True)

    def get(self, identifier: VerdictId) -> Kept:
        """Raises Missing."""
        return guard_rows.kept(self._row(identifier))

    def lock(self, identifier: VerdictId) -> Kept:
        """Raises Missing."""
        return guard_rows.kept(self._row(identifier, lock=True))

    def sealed(self, identifier: VerdictId) -> bytes:
        """Raises Missing."""
        return bytes(self._row(identifier).sealed)

    def _row(self, identifier: VerdictId, *, lock: bool = False) -> VerdictRecord:
        rows = self._verdicts.select_for_update() if lock else self._verdicts
        row = rows.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier}")
        return row

    def save(self, kept: Kept) -> Kept:
        """Raises Conflict, Missing."""
        following = replace(kept, version=kept.version + 1)
        stored = self._verdicts.filter(pk=str(kept.id))
        changed = stored.filter(version=kept.version).update(**guard_rows.changing(following))
        if not changed:
            if not stored.exists():
                raise Missing(f"there is no {kept.id}")
            raise Conflict("it has changed since you looked", seen=kept.version)
        return following

    def newest_of(self, key: str) -> Kept | None:
        """By time."""
        row = self._verdicts.filter(key=key).order_by("-at", "-pk").first()
        return guard_rows.kept(row) if row else None

    def stamp(self) -> str:
        """Counts and versions: each change of a case or an advisory raises its version."""
        cases = self._cases.aggregate(n=Count("pk"), last=Max("pk"), versions=Sum("version"))
        findings = self._findings.aggregate(n=Count("pk"), last=Max("pk"))
        advisories = self._advisories.aggregate(n=Count("pk"), versions=Sum("version"))
        return repr([cases, findings, advisories])

    def open_cases(self) -> Iterable[OpenCase]:
        """Cases merged into another one give their names to it."""
        rows = {row.pk: row for row in self._cases.all()}
        public = set(self._advisories.filter(public=True).values_list("case_id", flat=True))
        names: dict[str, list[str]] = {}
        for row in sorted(rows.values(), key=lambda one: one.merged_into is not None):
            names.setdefault(_root(rows, row), []).extend((row.number, row.pk))
        reports: dict[str, list[Report]] = {}
        sealed = self._findings.exclude(case_id__in=public) if public else self._findings.all()
        for found in sealed.only("pk", "case_id", "report").iterator(chunk_size=_CHUNK):
            home = _root(rows, rows[found.case_id])
            names[home].append(found.pk)
            reports.setdefault(home, []).append(codec.unpack(found.report, Report))
        for home, known in names.items():
            if home not in public:
                yield OpenCase(
                    names=tuple(known),
                    title=rows[home].title,
                    package=rows[home].package,
                    reports=tuple(reports.get(home, ())),
                )

    def public_cases(self) -> PublicCases:
        """Those with a public advisory."""
        rows = list(self._advisories.filter(public=True))
        told = [translate.advisory(row) for row in rows]
        return PublicCases(
            numbers=tuple(each.number for each in told),
            identifiers=tuple(name for each in told for name in each.identifiers),
        )

    def seen_by(self, reader: Actor) -> Sequence[str]:
        """As the access table filters them, public things aside."""
        seen = Visibility(reader, self._using)
        cases = self._cases.filter(seen.cases()).values_list("number", "pk")
        findings = self._findings.filter(seen.findings()).values_list("pk", "case__number")
        pairs = [*cases, *findings]
        return tuple(dict.fromkeys(name for pair in pairs for name in pair))


def _root(rows: dict[str, CaseRecord], row: CaseRecord) -> str:
    """The case that goes on."""
    for _ in range(_MOST_MERGES):
        following = rows.get(row.merged_into or "")
        if following is None:
            break
        row = following
    return row.pk
