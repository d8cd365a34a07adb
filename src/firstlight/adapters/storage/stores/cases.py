"""Cases with their parties and evidence, and proposed patches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import connections
from django.db.models import F, Q

from firstlight.adapters.storage import translate
from firstlight.adapters.storage.models import (
    CaseParty,
    CaseRecord,
    EvidenceRecord,
    PatchRecord,
)
from firstlight.core.clearinghouse.case import Case, Evidence, Party, PartyRole
from firstlight.core.clearinghouse.patches.model import Patch
from firstlight.core.kernel.errors import Conflict, Missing
from firstlight.core.kernel.ids import CaseId, EvidenceId, OrganisationId, PatchId

# The upsert locks the year's row until the commit, so two units of work never read the same number.
_NEXT_NUMBER = (
    "INSERT INTO firstlight_case_number (year, last) VALUES (%s, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = firstlight_case_number.last + 1 RETURNING last"
)


class Cases:
    """`CaseStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = CaseRecord.objects.using(using)
        self._parties = CaseParty.objects.using(using)
        self._evidence = EvidenceRecord.objects.using(using)

    def add(self, case: Case) -> None:
        """Keep a new case."""
        translate.case_row(case).save(using=self._using, force_insert=True)

    def get(self, identifier: CaseId) -> Case:
        """Raises Missing."""
        return self._one(identifier, lock=False)

    def lock(self, identifier: CaseId) -> Case:
        """A row lock on PostgreSQL; on SQLite the transaction already holds the only write lock."""
        return self._one(identifier, lock=True)

    def _one(self, identifier: CaseId, *, lock: bool) -> Case:
        rows = self._rows.select_for_update() if lock else self._rows
        row = rows.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no case {identifier}")
        return translate.case(row)

    def save(self, case: Case) -> Case:
        """Raises Conflict when `case.version` is not the stored one."""
        changed = self._rows.filter(pk=str(case.id), version=case.version).update(
            version=F("version") + 1, **translate.case_columns(case)
        )
        if not changed:
            stored = self.get(case.id)
            raise Conflict(
                f"{case.number} has changed since you looked",
                seen=case.version,
                stored=stored.version,
            )
        return replace(case, version=case.version + 1)

    def next_number(self, year: int) -> str:
        """FL-<year>-<at least four digits>."""
        with connections[self._using].cursor() as cursor:
            cursor.execute(_NEXT_NUMBER, [year])
            (number,) = cursor.fetchone()
        return f"FL-{year}-{number:04d}"

    def add_party(self, case: CaseId, party: Party) -> None:
        """Once per organisation and role; the last word on the raw feed counts."""
        self._parties.bulk_create(
            [
                CaseParty(
                    case_id=str(case),
                    organisation=str(party.organisation),
                    role=party.role.value,
                    raw_feed=party.raw_feed,
                )
            ],
            update_conflicts=True,
            unique_fields=["case", "organisation", "role"],
            update_fields=["raw_feed"],
        )

    def remove_party(self, case: CaseId, organisation: OrganisationId, role: PartyRole) -> None:
        """Idempotent."""
        self._parties.filter(
            case_id=str(case), organisation=str(organisation), role=role.value
        ).delete()

    def parties(self, case: CaseId) -> Sequence[Party]:
        """In the order in which they joined."""
        return tuple(
            translate.party(row) for row in self._parties.filter(case_id=str(case)).order_by("id")
        )

    def add_evidence(self, evidence: Evidence) -> None:
        """Idempotent by identifier."""
        self._evidence.bulk_create([translate.evidence_row(evidence)], ignore_conflicts=True)

    def evidence(self, case: CaseId) -> Sequence[Evidence]:
        """A finding takes its evidence along when it is grouped; oldest first."""
        of_case = Q(finding__case=str(case)) | Q(finding=None, case=str(case))
        rows = self._evidence.filter(of_case).order_by("at", "id")
        return tuple(translate.evidence(row) for row in rows)

    def get_evidence(self, identifier: EvidenceId) -> Evidence | None:
        """None when there is none of this identifier."""
        row = self._evidence.filter(pk=str(identifier)).first()
        return translate.evidence(row) if row else None


class Patches:
    """`PatchStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = PatchRecord.objects.using(using)

    def add(self, patch: Patch) -> None:
        """Keep a new patch."""
        translate.patch_row(patch).save(using=self._using, force_insert=True)

    def get(self, identifier: PatchId) -> Patch:
        """Raises Missing."""
        row = self._rows.filter(pk=str(identifier)).first()
        if row is None:
            raise Missing(f"there is no patch {identifier}")
        return translate.patch(row)

    def save(self, patch: Patch) -> None:
        """Store the verdict; the diff never changes. Raises Missing."""
        if not self._rows.filter(pk=str(patch.id)).update(state=patch.state.value):
            raise Missing(f"there is no patch {patch.id}")

    def of_case(self, case: CaseId) -> Sequence[Patch]:
        """Oldest first."""
        rows = self._rows.filter(case_id=str(case)).order_by("proposed_at", "id")
        return tuple(translate.patch(row) for row in rows)
