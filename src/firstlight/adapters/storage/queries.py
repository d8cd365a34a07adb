"""Reads for people: every one is filtered by what its reader may see, in the query itself.

Lists read columns, not rows, and a page costs the same number of statements however long it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from firstlight.adapters.storage import cursors, translate
from firstlight.adapters.storage.border import border
from firstlight.adapters.storage.models import (
    AdvisoryRecord,
    CaseParty,
    CaseRecord,
    DutyEntry,
    EvidenceRecord,
    FindingRecord,
    LedgerEntry,
    OrganisationName,
    PatchRecord,
)
from firstlight.adapters.storage.stores.directives import history_entry
from firstlight.adapters.storage.visibility import Visibility
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import Case, CaseState, Evidence, PartyRole
from firstlight.core.clearinghouse.finding import Contact, Finding, FindingState, Format
from firstlight.core.clearinghouse.patches.model import Patch
from firstlight.core.directives.history import HistoryEntry
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import AdvisoryId, CaseId, FindingId, OrganisationId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.rules import Action, Reach
from firstlight.usecases.ports import Committed
from firstlight.usecases.queries.port import CaseRow, FindingRow, Page, PartyRow

_LONGEST_PAGE = 200
Row = TypeVar("Row")


class DjangoQueries:
    """`Queries` on SQLite or PostgreSQL."""

    def __init__(self, using: str = "default") -> None:
        """`using` is Django's alias of the database."""
        self._using = using
        self._cases = CaseRecord.objects.using(using)
        self._findings = FindingRecord.objects.using(using)
        self._evidence = EvidenceRecord.objects.using(using)
        self._patches = PatchRecord.objects.using(using)
        self._advisories = AdvisoryRecord.objects.using(using)
        self._parties = CaseParty.objects.using(using)
        self._ledger = LedgerEntry.objects.using(using)
        self._names = OrganisationName.objects.using(using)
        self._duties = DutyEntry.objects.using(using)

    @border()
    def cases(
        self, reader: Actor, *, state: CaseState | None, cursor: str | None, limit: int
    ) -> Page[CaseRow]:
        """Newest first."""
        sight = Visibility(reader, self._using)
        counted = self._findings
        if sight.reach(Action.FINDING_READ) is Reach.PARTY:
            # What is not validated does not reach a maintainer, not even as a number.
            counted = counted.filter(sight.findings())
        reproduced = counted.filter(state=FindingState.REPRODUCED.value)
        rows = self._cases.filter(sight.cases()).annotate(
            all_findings=_count_of(counted),
            reproduced=_count_of(reproduced),
            advisory_state=F("advisory__state"),
        )
        if state is not None:
            rows = rows.filter(state=state.value)
        fields = ("id", "number", "title", "package", "state", "marking", "opened_at")
        values = rows.values(*fields, "all_findings", "reproduced", "advisory_state")
        return _page(values, "opened_at", cursor, limit, _case_row)

    @border()
    def case(self, reader: Actor, identifier: CaseId) -> Case:
        """Raises Missing."""
        return self._one_case(reader, Q(pk=str(identifier)), str(identifier))

    @border()
    def case_by_number(self, reader: Actor, number: str) -> Case:
        """Raises Missing."""
        return self._one_case(reader, Q(number=number.replace("\x00", "")), number[:40])

    def _one_case(self, reader: Actor, which: Q, name: str) -> Case:
        sight = Visibility(reader, self._using)
        row = self._cases.filter(which).filter(sight.cases()).first()
        if row is None:
            raise Missing(f"there is no case {name} for you")
        return translate.case(row)

    @border()
    def parties(self, reader: Actor, case: CaseId) -> Sequence[PartyRow]:
        """Of a case that the reader may see; in the order in which they joined."""
        sight = Visibility(reader, self._using)
        visible = self._cases.filter(pk=str(case)).filter(sight.cases())
        rows = self._parties.filter(case__in=visible).annotate(name=self._name_of("organisation"))
        return tuple(
            PartyRow(
                organisation=OrganisationId(row["organisation"]),
                name=row["name"] or "",
                role=PartyRole(row["role"]),
            )
            for row in rows.order_by("id").values("organisation", "name", "role")
        )

    @border()
    def findings(
        self, reader: Actor, *, case: CaseId | None, cursor: str | None, limit: int
    ) -> Page[FindingRow]:
        """Newest first."""
        sight = Visibility(reader, self._using)
        rows = self._findings.filter(sight.findings()).annotate(
            organisation_name=self._name_of("organisation"), number=F("case__number")
        )
        if case is not None:
            rows = rows.filter(case=str(case))
        fields = ("id", "title", "package", "format", "state", "state_reason", "marking", "case")
        values = rows.values(*fields, "received_at", "organisation_name", "number")
        return _page(values, "received_at", cursor, limit, _finding_row)

    @border()
    def finding(self, reader: Actor, identifier: FindingId) -> Finding:
        """Without the contact, unless the finder agreed that the reader gets it. Raises Missing."""
        sight = Visibility(reader, self._using)
        row = self._findings.filter(pk=str(identifier)).filter(sight.findings()).first()
        if row is None:
            raise Missing(f"there is no finding {identifier} for you")
        finding = translate.finding(row)
        own = reader.organisation is not None and reader.organisation == finding.organisation
        if own or row.shares_contact or sight.reach(Action.FINDING_READ) is Reach.EVERYTHING:
            return finding
        return replace(finding, reporter=None, report=replace(finding.report, contact=Contact()))

    @border()
    def evidence(self, reader: Actor, case: CaseId) -> Sequence[Evidence]:
        """Of the findings that belong to the case now, and of the case itself; oldest first."""
        sight = Visibility(reader, self._using)
        of_case = Q(finding__case=str(case)) | Q(finding=None, case=str(case))
        rows = self._evidence.filter(of_case).filter(sight.evidence()).order_by("at", "id")
        return tuple(translate.evidence(row) for row in rows)

    @border()
    def patches(self, reader: Actor, case: CaseId) -> Sequence[Patch]:
        """Oldest first."""
        sight = Visibility(reader, self._using)
        rows = self._patches.filter(case=str(case)).filter(sight.patches())
        return tuple(translate.patch(row) for row in rows.order_by("proposed_at", "id"))

    @border()
    def advisories(self, reader: Actor, *, cursor: str | None, limit: int) -> Page[Advisory]:
        """Newest first."""
        sight = Visibility(reader, self._using)
        rows = self._advisories.filter(sight.advisories()).values("id", "drafted_at", "body")
        return _page(
            rows, "drafted_at", cursor, limit, lambda row: translate.advisory_of(row["body"])
        )

    @border()
    def advisory(self, reader: Actor, identifier: AdvisoryId) -> Advisory:
        """Raises Missing."""
        found = self._one_advisory(reader, Q(pk=str(identifier)))
        if found is None:
            raise Missing(f"there is no advisory {identifier} for you")
        return found

    @border()
    def advisory_of(self, reader: Actor, case: CaseId) -> Advisory | None:
        """None when there is none, or none for this reader."""
        return self._one_advisory(reader, Q(case=str(case)))

    def _one_advisory(self, reader: Actor, which: Q) -> Advisory | None:
        sight = Visibility(reader, self._using)
        row = self._advisories.filter(which).filter(sight.advisories()).first()
        return translate.advisory(row) if row else None

    @border()
    def ledger(
        self, reader: Actor, *, subjects: Sequence[str] | None, cursor: str | None, limit: int
    ) -> Page[Committed]:
        """Newest first."""
        rows = self._ledger.filter(Visibility(reader, self._using).ledger())
        if subjects is not None:
            rows = rows.filter(subject__in=[each for each in subjects if "\x00" not in each])
        if cursor is not None:
            rows = rows.filter(index__lt=cursors.read_index(cursor))
        size = _page_size(limit)
        found = list(rows.order_by("-index")[: size + 1])
        more = len(found) > size
        return Page(
            rows=tuple(translate.committed(row) for row in found[:size]),
            next_cursor=cursors.write(cursors.Index(found[size - 1].index)) if more else None,
        )

    @border()
    def duty_history(self, reader: Actor, duty: str | None) -> Sequence[HistoryEntry]:
        """Oldest first. The register is public; who recorded what is for readers of the ledger."""
        sight = Visibility(reader, self._using)
        if sight.reach(Action.DIRECTIVE_READ) is Reach.NOTHING:
            return ()
        rows = self._duties.order_by("recorded_at", "id")
        if duty is not None:
            rows = rows.filter(duty=duty)
        name_people = sight.reach(Action.LEDGER_READ) is Reach.EVERYTHING
        return tuple(history_entry(row, name_people=name_people) for row in rows)

    def _name_of(self, column: str) -> Subquery:
        return Subquery(self._names.filter(pk=OuterRef(column)).values("name")[:1])


def _count_of(findings: QuerySet[FindingRecord]) -> Coalesce:
    per_case = findings.filter(case=OuterRef("pk")).order_by().values("case")
    counted = per_case.annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _page_size(limit: int) -> int:
    return min(max(limit, 1), _LONGEST_PAGE)


def _page(
    values: QuerySet[Any, Any],
    at: str,
    cursor: str | None,
    limit: int,
    row_of: Callable[[dict[str, Any]], Row],
) -> Page[Row]:
    """The rows after the cursor, newest first; one row more tells whether there is a next page."""
    if cursor is not None:
        place = cursors.read_place(cursor)
        earlier = Q(**{f"{at}__lt": place.at}) | Q(**{at: place.at}, pk__lt=place.id)
        # The first condition follows from the second; it lets the index start at the place.
        values = values.filter(**{f"{at}__lte": place.at}).filter(earlier)
    size = _page_size(limit)
    found = list(values.order_by(f"-{at}", "-pk")[: size + 1])
    more = len(found) > size
    return Page(
        rows=tuple(row_of(row) for row in found[:size]),
        next_cursor=_cursor_after(found[size - 1], at) if more else None,
    )


def _cursor_after(row: dict[str, Any], at: str) -> str:
    moment: datetime = row[at]
    return cursors.write(cursors.Place(moment, row["id"]))


def _case_row(row: dict[str, Any]) -> CaseRow:
    state = row["advisory_state"]
    return CaseRow(
        id=CaseId(row["id"]),
        number=row["number"],
        title=row["title"],
        package=row["package"],
        state=CaseState(row["state"]),
        marking=Marking(row["marking"]),
        opened_at=translate.instant(row["opened_at"]),
        findings=row["all_findings"],
        reproduced=row["reproduced"],
        advisory=AdvisoryState(state) if state else None,
    )


def _finding_row(row: dict[str, Any]) -> FindingRow:
    return FindingRow(
        id=FindingId(row["id"]),
        title=row["title"],
        package=row["package"],
        format=Format(row["format"]),
        state=FindingState(row["state"]),
        state_reason=row["state_reason"],
        marking=Marking(row["marking"]),
        received_at=translate.instant(row["received_at"]),
        organisation=row["organisation_name"] or "",
        case=CaseId(row["case"]),
        case_number=row["number"],
    )
