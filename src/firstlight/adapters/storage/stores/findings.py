"""Findings, their documents, and what people decided about duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connections

from firstlight.adapters.storage import codec, translate
from firstlight.adapters.storage.models import (
    DecisionRecord,
    FindingBand,
    FindingIdentifier,
    FindingRecord,
    RawDocument,
)
from firstlight.core.clearinghouse.dedupe.facets import phrases_of
from firstlight.core.clearinghouse.dedupe.text import bands, sketch
from firstlight.core.clearinghouse.finding import Finding, Report
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.ids import CaseId, FindingId, OrganisationId
from firstlight.usecases.ports import DuplicateDecision

_MEETING = 50
"""findings of one band that are looked at"""
# By the index on (band, finding_id). The inner SELECT carries the LIMIT, which no part of a UNION
# may carry itself.
_MET = (
    "SELECT * FROM (SELECT finding_id FROM firstlight_finding_band WHERE band = %s"
    " ORDER BY finding_id LIMIT %s) one_band"
)


class Findings:
    """`FindingStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = FindingRecord.objects.using(using)

    def add(self, finding: Finding, raw: bytes) -> None:
        """Keep it, its document once per digest, and the names it gives its flaw.

        Raises:
            Invalid: the digest is not that of the document.
        """
        if digest(raw) != finding.raw_digest:
            raise Invalid("the digest is not that of the document", field="raw_digest")
        RawDocument.objects.using(self._using).bulk_create(
            [RawDocument(digest=finding.raw_digest, size=len(raw), data=codec.squeeze(raw))],
            ignore_conflicts=True,
        )
        translate.finding_row(finding).save(using=self._using, force_insert=True)
        names = {translate.canonical_name(name) for name in finding.report.identifiers} - {""}
        FindingIdentifier.objects.using(self._using).bulk_create(
            FindingIdentifier(finding_id=str(finding.id), value=name) for name in sorted(names)
        )

        FindingBand.objects.using(self._using).bulk_create(
            FindingBand(finding_id=str(finding.id), band=band)
            for band in sorted(set(bands(sketch(phrases_of(finding.report)))))
        )

    def get(self, identifier: FindingId) -> Finding:
        """Raises Missing."""
        row = self._rows.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no finding {identifier}")
        return translate.finding(row)

    def save(self, finding: Finding) -> None:
        """Store state, reason, what was observed, and case. Raises Missing."""
        changed = self._rows.filter(pk=str(finding.id)).update(
            state=finding.state.value,
            state_reason=translate.clean(finding.state_reason),
            observed_crash=codec.pack(finding.observed_crash),
            case_id=str(finding.case),
        )
        if not changed:
            raise Missing(f"there is no finding {finding.id}")

    def by_raw_digest(self, digest: str, organisation: OrganisationId | None) -> Sequence[Finding]:
        """Oldest first."""
        rows = self._rows.filter(
            raw_id=digest, organisation=str(organisation) if organisation else None
        )
        return tuple(translate.finding(row) for row in rows.order_by("received_at", "id"))

    def of_case(self, case: CaseId) -> Sequence[Finding]:
        """Oldest first."""
        rows = self._rows.filter(case_id=str(case)).order_by("received_at", "id")
        return tuple(translate.finding(row) for row in rows)

    def opened_with(self, case: CaseId) -> Sequence[Finding]:
        """Oldest first."""
        rows = self._rows.filter(home_id=str(case)).order_by("received_at", "id")
        return tuple(translate.finding(row) for row in rows)

    def raw(self, identifier: FindingId) -> bytes:
        """The document as it arrived. Raises Missing."""
        data = self._rows.filter(pk=str(identifier)).values_list("raw__data", flat=True).first()
        if data is None:
            raise Missing(f"there is no finding {identifier}")
        return codec.unsqueeze(data)

    def comparable(self, package: str, identifiers: Sequence[str], limit: int) -> Sequence[Finding]:
        """Each of the two ways uses its own index; together they are cut to the oldest `limit`."""
        oldest = self._rows.order_by("received_at", "id")
        found: dict[str, FindingRecord] = {}
        if package:
            found |= {row.id: row for row in oldest.filter(package=package)[:limit]}
        names = [name for name in map(translate.canonical_name, identifiers) if name]
        if names:
            same = FindingIdentifier.objects.using(self._using).filter(value__in=names)
            found |= {
                row.id: row for row in oldest.filter(id__in=same.values("finding_id"))[:limit]
            }
        rows = sorted(found.values(), key=lambda row: (row.received_at, row.id))
        return tuple(translate.finding(row) for row in rows[:limit])

    def alike(self, report: Report, limit: int) -> Sequence[Finding]:
        """By the number of common bands; a band that many share says little and is cut."""
        keys = bands(sketch(phrases_of(report)))
        if not keys:
            return ()
        met = " UNION ALL ".join([_MET] * len(keys))
        with connections[self._using].cursor() as cursor:
            cursor.execute(
                f"SELECT finding_id FROM ({met}) met"  # noqa: S608  # marks alone
                " GROUP BY finding_id ORDER BY count(*) DESC, finding_id LIMIT %s",
                [value for band in keys for value in (band, _MEETING)] + [limit],
            )
            best = [name for (name,) in cursor.fetchall()]
        found = {row.id: row for row in self._rows.filter(pk__in=best)}
        return tuple(translate.finding(found[name]) for name in best)


class Decisions:
    """`DecisionStore` over one database."""

    def __init__(self, using: str) -> None:
        self._rows = DecisionRecord.objects.using(using)

    def put(self, decision: DuplicateDecision) -> None:
        """The word before on the same pair is replaced; the ledger keeps both."""
        self._rows.bulk_create(
            [translate.decision_row(decision)],
            update_conflicts=True,
            unique_fields=["pair"],
            update_fields=["left", "right", "same", "by", "at", "reason"],
        )

    def remove(self, left: FindingId, right: FindingId) -> None:
        """Idempotent."""
        self._rows.filter(pair=translate.pair(left, right)).delete()

    def among(self, findings: Iterable[FindingId]) -> Sequence[DuplicateDecision]:
        """Oldest first."""
        ids = {str(finding) for finding in findings}
        rows = self._rows.filter(left__in=ids, right__in=ids).order_by("at", "pair")
        return tuple(translate.decision(row) for row in rows)
