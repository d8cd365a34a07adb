"""Take in reports: store each, open its case, tell what is missing, ask for validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.core.clearinghouse.case import Case, CaseState, Party, PartyRole
from firstlight.core.clearinghouse.finding import Finding, Report
from firstlight.core.clearinghouse.intake.checklist import Item, missing
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import CaseId, FindingId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.cases.grouping import regroup
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork

DEFAULT_MARKING = Marking.AMBER_STRICT
"""reports of unpublished flaws stay with the recipients' organisations"""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a finder gets back for one report."""

    finding: FindingId
    case_number: str
    title: str
    missing: Sequence[Item]
    """what would make it complete; the report goes on without"""
    known: bool
    """True when exactly this document had been received from the same organisation before"""


def submit(
    context: Context,
    actor: Actor,
    reports: Sequence[Report],
    raw: bytes,
    marking: Marking = DEFAULT_MARKING,
) -> Sequence[Receipt]:
    """Store what a document reports. Sending the same document twice changes nothing.

    Args:
        context: the ports
        actor: who reports; anonymous reports are possible
        reports: what the document says, in its order
        raw: the document as it arrived
        marking: how far the report may travel

    Raises:
        Refused: the token's scopes do not include submitting.
        Invalid: the document holds no report.
    """
    allow(actor, Action.FINDING_SUBMIT)
    if not reports:
        raise Invalid("the document holds no result to report", hint="Send a report with results.")
    now = context.clock.now()
    raw_digest = digest(raw)
    with context.storage.begin() as work:
        if actor.organisation:
            before = work.findings.by_raw_digest(raw_digest, actor.organisation)
            if before:
                return [_receipt(work, finding, known=True) for finding in before]
        return [
            _take_in(context, work, actor=actor, report=report, raw=raw, marking=marking, now=now)
            for report in reports
        ]


def _take_in(
    context: Context,
    work: UnitOfWork,
    *,
    actor: Actor,
    report: Report,
    raw: bytes,
    marking: Marking,
    now: Instant,
) -> Receipt:
    case = Case(
        id=context.mint.new(CaseId, now),
        number=work.cases.next_number(now.utc.year),
        title=report.title or report.description[:80] or "Untitled report",
        package=report.product.purl,
        state=CaseState.OPEN,
        marking=marking,
        opened_at=now,
    )
    work.cases.add(case)
    finding = Finding(
        id=context.mint.new(FindingId, now),
        report=report,
        marking=marking,
        received_at=now,
        reporter=actor.person,
        organisation=actor.organisation,
        raw_digest=digest(raw),
        home=case.id,
        case=case.id,
    )
    work.findings.add(finding, raw)
    if actor.organisation:
        party = Party(organisation=actor.organisation, role=PartyRole.FINDER)
        work.cases.add_party(case.id, party)
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.FINDING_SUBMIT,
        subject=str(finding.id),
        rule="every report is received, complete or not",
        facts={
            "case": str(case.id),
            "document": finding.raw_digest,
            "format": report.format.value,
            "missing": [item.name for item in missing(report)],
        },
    )
    regroup(context, work, finding, now)
    work.jobs.enqueue(
        jobs.VALIDATE_FINDING, {"finding": str(finding.id)}, key=f"validate {finding.id}"
    )
    return _receipt(work, work.findings.get(finding.id), known=False)


def _receipt(work: UnitOfWork, finding: Finding, *, known: bool) -> Receipt:
    return Receipt(
        finding=finding.id,
        case_number=work.cases.get(finding.home).number,
        title=finding.report.title,
        missing=missing(finding.report),
        known=known,
    )
