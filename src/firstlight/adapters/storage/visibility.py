"""The access table as filters. Each method gives the rows that `admits` would let the reader see.

What the table's words mean in these tables:
- *own*: the reader's organisation sent the finding, or is the developer of the engagement; an
  advisory, a case, a patch has no owner;
- *party*: the reader's organisation has a row in the case. A maintainer's row counts when a finding
  of the case was reproduced, or when the maintainer asked for the raw feed; of the findings of
  others, a party sees those that were reproduced, or by the raw feed all;
- *published*: an advisory that the world has seen. A case is never published, its advisory is.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from firstlight.adapters.storage.models import CaseParty, EngagementRecord, FindingRecord
from firstlight.core.clearinghouse.case import PartyRole
from firstlight.core.clearinghouse.finding import FindingState
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.rules import COMMUNITY, Action, Reach, Rule
from firstlight.usecases.access.table import rule

NOTHING = Q(pk__in=[])
ALL = ~NOTHING
"""not an empty Q: that one vanishes from `Q() | other` and would leave only the other"""
_REPRODUCED = FindingState.REPRODUCED.value


def _up_to(field: str, ceiling: Marking) -> Q:
    return Q(**{f"{field}__in": [each.value for each in Marking if each.at_most(ceiling)]})


class Visibility:
    """What one reader may see in one database."""

    def __init__(self, reader: Actor, using: str) -> None:
        """`using` is Django's alias of the database."""
        self._reader = reader
        self._organisation = str(reader.organisation) if reader.organisation else None
        self._findings = FindingRecord.objects.using(using)
        self._parties = CaseParty.objects.using(using)
        self._engagements = EngagementRecord.objects.using(using)

    def reach(self, action: Action) -> Reach:
        """How far the reader's row for this action reaches."""
        return rule(self._reader, action).reach

    def cases(self) -> Q:
        """Of `CaseRecord`."""
        row = rule(self._reader, Action.CASE_READ)
        return self._of_case(row, "pk") & _up_to("marking", row.ceiling)

    def patches(self) -> Q:
        """Of `PatchRecord`: a patch has its case's marking."""
        row = rule(self._reader, Action.PATCH_READ)
        return self._of_case(row, "case_id") & _up_to("case__marking", row.ceiling)

    def advisories(self) -> Q:
        """Of `AdvisoryRecord`."""
        row = rule(self._reader, Action.ADVISORY_READ)
        seen = self._of_case(row, "case_id")
        if row.reach >= Reach.PUBLISHED:
            seen |= Q(public=True) & _up_to("marking", COMMUNITY)
        return seen & _up_to("marking", row.ceiling)

    def findings(self) -> Q:
        """Of `FindingRecord`."""
        row = rule(self._reader, Action.FINDING_READ)
        return self._of_finding(row, "") & _up_to("marking", row.ceiling)

    def evidence(self) -> Q:
        """Of `EvidenceRecord`: as strict as the stricter of its case and its finding."""
        row = rule(self._reader, Action.EVIDENCE_READ)
        of_case = Q(finding=None) & self._of_case(row, "case_id")
        of_case &= _up_to("case__marking", row.ceiling)
        of_finding = Q(finding__isnull=False) & self._of_finding(row, "finding__")
        of_finding &= _up_to("finding__marking", row.ceiling)
        of_finding &= _up_to("finding__case__marking", row.ceiling)
        return of_case | of_finding

    def ledger(self) -> Q:
        """Of `LedgerEntry`: an entry may speak of anything, so it counts as RED."""
        row = rule(self._reader, Action.LEDGER_READ)
        if not Marking.RED.at_most(row.ceiling):
            return NOTHING
        if row.reach is Reach.EVERYTHING:
            return ALL
        if row.reach < Reach.OWN or self._organisation is None:
            return NOTHING
        own = self._findings.filter(pk=OuterRef("subject"), organisation=self._organisation)
        seen = Q(Exists(own))
        if rule(self._reader, Action.REVIEW_READ).reach is Reach.OWN:
            mine = self._engagements.filter(pk=OuterRef("subject"), developer=self._organisation)
            seen |= Q(Exists(mine))
        return seen

    def _of_case(self, row: Rule, case: str) -> Q:
        """By reach alone, `case` naming the column that holds the case."""
        if row.reach is Reach.EVERYTHING:
            return ALL
        if row.reach < Reach.PARTY or self._organisation is None:
            return NOTHING
        reproduced = self._findings.filter(case=OuterRef("case_id"), state=_REPRODUCED)
        counts = ~Q(role=PartyRole.MAINTAINER.value) | Q(raw_feed=True) | Q(Exists(reproduced))
        mine = self._parties.filter(case=OuterRef(case), organisation=self._organisation)
        return Q(Exists(mine.filter(counts)))

    def _of_finding(self, row: Rule, path: str) -> Q:
        """By reach alone, `path` leading from the row to its finding."""
        if row.reach is Reach.EVERYTHING:
            return ALL
        if row.reach < Reach.OWN or self._organisation is None:
            return NOTHING
        seen = Q(**{f"{path}organisation": self._organisation})
        if row.reach >= Reach.PARTY:
            case = OuterRef(f"{path}case_id")
            mine = self._parties.filter(case=case, organisation=self._organisation)
            seen |= Q(**{f"{path}state": _REPRODUCED}) & Q(Exists(mine))
            seen |= Q(Exists(mine.filter(raw_feed=True)))
        return seen
