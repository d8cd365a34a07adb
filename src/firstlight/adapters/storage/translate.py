"""Rows <-> core values. The only module that knows both."""

from __future__ import annotations

from datetime import datetime

from firstlight.adapters.storage import codec, models, statements
from firstlight.adapters.storage.models.fields import clean_text
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import (
    Case,
    CaseState,
    Evidence,
    EvidenceKind,
    Party,
    PartyRole,
)
from firstlight.core.clearinghouse.finding import Finding, FindingState, Report
from firstlight.core.clearinghouse.patches.model import Patch, PatchState
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import (
    CaseId,
    EntryId,
    EvidenceId,
    FindingId,
    OrganisationId,
    PatchId,
    PersonId,
)
from firstlight.core.kernel.ledger import Entry
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.ports import Committed, DuplicateDecision, SourceStatus

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def instant(moment: datetime) -> Instant:
    """A column's time."""
    return Instant(moment)


def clean(text: str) -> str:
    """A copy of a report's text for a column; the report itself keeps every byte."""
    return text.replace("\x00", _REPLACEMENT).encode(errors="replace").decode()


def canonical_name(identifier: str) -> str:
    """A public identifier as it is compared."""
    return clean(identifier.strip().upper())


def finding_row(finding: Finding) -> models.FindingRecord:
    """A new row; its raw document is stored apart."""
    report = finding.report
    return models.FindingRecord(
        id=str(finding.id),
        received_at=finding.received_at.utc,
        state=finding.state.value,
        state_reason=clean(finding.state_reason),
        marking=finding.marking.value,
        reporter=str(finding.reporter) if finding.reporter else None,
        organisation=str(finding.organisation) if finding.organisation else None,
        case_id=str(finding.case),
        home_id=str(finding.home),
        observed_crash=codec.pack(finding.observed_crash),
        title=clean(report.title),
        package=clean(report.product.purl),
        format=report.format.value,
        shares_contact=report.contact.share_with_maintainer,
        raw_id=finding.raw_digest,
        report=codec.pack(report),
    )


def finding(row: models.FindingRecord) -> Finding:
    """The finding of a row."""
    return Finding(
        id=FindingId(row.id),
        report=codec.unpack(row.report, Report),
        marking=Marking(row.marking),
        received_at=instant(row.received_at),
        reporter=PersonId(row.reporter) if row.reporter else None,
        organisation=OrganisationId(row.organisation) if row.organisation else None,
        raw_digest=row.raw_id,
        state=FindingState(row.state),
        state_reason=row.state_reason,
        observed_crash=codec.unpack(row.observed_crash, str),
        home=CaseId(row.home_id),
        case=CaseId(row.case_id),
    )


def case_columns(case: Case) -> dict[str, object]:
    """What may change of a case, the version apart."""
    return {
        "title": case.title,
        "package": case.package,
        "state": case.state.value,
        "marking": case.marking.value,
        "merged_into": str(case.merged_into) if case.merged_into else None,
    }


def case_row(case: Case) -> models.CaseRecord:
    """A new row."""
    return models.CaseRecord(
        id=str(case.id),
        number=case.number,
        opened_at=case.opened_at.utc,
        version=case.version,
        **case_columns(case),
    )


def case(row: models.CaseRecord) -> Case:
    """The case of a row."""
    return Case(
        id=CaseId(row.id),
        number=row.number,
        title=row.title,
        package=row.package,
        state=CaseState(row.state),
        marking=Marking(row.marking),
        opened_at=instant(row.opened_at),
        merged_into=CaseId(row.merged_into) if row.merged_into else None,
        version=row.version,
    )


def party(row: models.CaseParty) -> Party:
    """The party of a row."""
    return Party(
        organisation=OrganisationId(row.organisation),
        role=PartyRole(row.role),
        raw_feed=row.raw_feed,
    )


def evidence_row(evidence: Evidence) -> models.EvidenceRecord:
    """A new row."""
    return models.EvidenceRecord(
        id=str(evidence.id),
        case_id=str(evidence.case),
        kind=evidence.kind.value,
        finding_id=str(evidence.finding) if evidence.finding else None,
        patch=str(evidence.patch) if evidence.patch else None,
        target=evidence.target,
        outcome=evidence.outcome,
        summary=clean(evidence.summary),
        level=evidence.level,
        at=evidence.at.utc,
        body=codec.pack_json(evidence.body),
    )


def evidence(row: models.EvidenceRecord) -> Evidence:
    """The evidence of a row."""
    return Evidence(
        id=EvidenceId(row.id),
        case=CaseId(row.case_id),
        kind=EvidenceKind(row.kind),
        finding=FindingId(row.finding_id) if row.finding_id else None,
        patch=PatchId(row.patch) if row.patch else None,
        target=row.target,
        outcome=row.outcome,
        summary=row.summary,
        level=row.level,
        at=instant(row.at),
        body=codec.unpack_json(row.body),
    )


def pair(left: FindingId, right: FindingId) -> str:
    """The key of an unordered pair."""
    return ":".join(sorted((str(left), str(right))))


def decision_row(decision: DuplicateDecision) -> models.DecisionRecord:
    """A row that replaces the word before."""
    return models.DecisionRecord(
        pair=pair(decision.left, decision.right),
        left=str(decision.left),
        right=str(decision.right),
        same=decision.same,
        by=decision.by,
        at=decision.at.utc,
        reason=decision.reason,
    )


def decision(row: models.DecisionRecord) -> DuplicateDecision:
    """The decision of a row."""
    return DuplicateDecision(
        left=FindingId(row.left),
        right=FindingId(row.right),
        same=row.same,
        by=row.by,
        at=instant(row.at),
        reason=row.reason,
    )


def patch_row(patch: Patch) -> models.PatchRecord:
    """A new row."""
    return models.PatchRecord(
        id=str(patch.id),
        case_id=str(patch.case),
        diff=codec.pack(patch.diff),
        author=patch.author,
        proposed_at=patch.proposed_at.utc,
        state=patch.state.value,
    )


def patch(row: models.PatchRecord) -> Patch:
    """The patch of a row."""
    return Patch(
        id=PatchId(row.id),
        case=CaseId(row.case_id),
        diff=codec.unpack(row.diff, str),
        author=row.author,
        proposed_at=instant(row.proposed_at),
        state=PatchState(row.state),
    )


def is_public(advisory: Advisory) -> bool:
    """Whether the world has seen it: published, or withdrawn after it was."""
    return advisory.state is AdvisoryState.PUBLISHED or (
        advisory.state is AdvisoryState.WITHDRAWN and bool(advisory.revisions)
    )


def advisory_columns(advisory: Advisory) -> dict[str, object]:
    """Every column but the identifiers; `advisory.version` is the one to store."""
    return {
        "state": advisory.state.value,
        "marking": advisory.marking.value,
        "public": is_public(advisory),
        "drafted_at": advisory.drafted_at.utc,
        "go_live": advisory.go_live.utc if advisory.go_live else None,
        "version": advisory.version,
        "body": codec.pack(advisory),
    }


def advisory_row(advisory: Advisory) -> models.AdvisoryRecord:
    """A new row."""
    return models.AdvisoryRecord(
        id=str(advisory.id), case_id=str(advisory.case), **advisory_columns(advisory)
    )


def advisory_of(body: codec.Stored) -> Advisory:
    """The advisory that a row's body holds."""
    return codec.unpack(body, Advisory)


def advisory(row: models.AdvisoryRecord) -> Advisory:
    """The advisory of a row."""
    return advisory_of(row.body)


def entry_columns(
    index: int, entry: Entry, salt: bytes, commitment: bytes
) -> dict[str, statements.Value]:
    """The columns of a new row at the end of the ledger."""
    return {
        "index": index,
        "id": str(entry.id),
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "rule": clean_text(entry.rule, "rule"),
        "facts": codec.pack_json(entry.facts),
        "sequence": entry.sequence,
        "previous": entry.previous,
        "salt": salt,
        "commitment": commitment,
    }


def committed_values(row: statements.Row) -> Committed:
    """The ledger entry of a row that was read by hand: every column, in the table's order."""
    index, identifier, at, actor, action, subject, rule, facts, sequence, previous, *proof = row
    return Committed(
        index=index,
        entry=Entry(
            id=EntryId(identifier),
            at=statements.moment(at),
            actor=actor,
            action=action,
            subject=subject,
            rule=rule,
            facts=codec.unpack_json(facts),
            sequence=sequence,
            previous=previous,
        ),
        salt=bytes(proof[0]),
        commitment=bytes(proof[1]),
    )


def committed(row: models.LedgerEntry) -> Committed:
    """The ledger entry of a row."""
    return Committed(
        index=row.index,
        entry=Entry(
            id=EntryId(row.id),
            at=instant(row.at),
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            rule=row.rule,
            facts=codec.unpack_json(row.facts),
            sequence=row.sequence,
            previous=row.previous,
        ),
        salt=bytes(row.salt),
        commitment=bytes(row.commitment),
    )


def source_status(row: models.SourceRecord) -> SourceStatus:
    """The status of a loaded catalogue."""
    return SourceStatus(
        name=row.name,
        version=row.version,
        dated=row.dated,
        loaded_at=instant(row.loaded_at),
        origin=row.origin,
        count=row.count,
    )
