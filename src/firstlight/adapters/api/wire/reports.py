"""Reports: receipts, rows, and one report in full."""

from __future__ import annotations

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.core.clearinghouse.finding import (
    Attachment,
    Contact,
    Finding,
    FindingState,
    Format,
    Known,
    Proof,
    Report,
)
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.findings.submit import Receipt
from firstlight.usecases.queries.port import FindingRow


class MissingItem(Wire):
    """One of the six items of a complete report that is not there yet."""

    name: str = Field(examples=["proof"])
    ask: str = Field(description="what to send so that it is there")


class ReceiptShown(Wire):
    """What a finder gets back for one report."""

    finding: str = Field(description="identifier of the report", examples=["fnd_01kb..."])
    case: str = Field(description="number of its case, for people", examples=["FL-2026-0001"])
    title: str
    missing: list[MissingItem] = Field(description="a checklist, never a refusal")
    known: bool = Field(description="true when exactly this document had come before")
    links: dict[str, str] = Field(description="where the report and its case can be read")

    @classmethod
    def of(cls, receipt: Receipt, prefix: str) -> ReceiptShown:
        """From the use case's answer."""
        return cls(
            finding=str(receipt.finding),
            case=receipt.case_number,
            title=receipt.title,
            missing=[MissingItem(name=item.name, ask=item.ask) for item in receipt.missing],
            known=receipt.known,
            links={
                "report": f"{prefix}/reports/{receipt.finding}",
                "case": f"{prefix}/cases/{receipt.case_number}",
            },
        )


class Submitted(Wire):
    """One receipt for each report in the document."""

    format: Format = Field(description="as what the document was read")
    receipts: list[ReceiptShown]


class ReportRow(Wire):
    """A report in a list."""

    id: str
    title: str
    package: str = Field(description="purl without version; empty when unknown")
    format: Format
    state: FindingState
    state_reason: str
    marking: Marking
    received_at: Moment
    organisation: str = Field(description="empty for an anonymous report")
    case: str | None
    case_number: str

    @classmethod
    def of(cls, row: FindingRow) -> ReportRow:
        """From the query's row."""
        return cls(
            id=str(row.id),
            title=row.title,
            package=row.package,
            format=row.format,
            state=row.state,
            state_reason=row.state_reason,
            marking=row.marking,
            received_at=str(row.received_at),
            organisation=row.organisation,
            case=str(row.case) if row.case else None,
            case_number=row.case_number,
        )


class ReportPage(Page[ReportRow]):
    """Reports, newest first."""


class File(Wire):
    """A file that came with the report; its bytes are in the document."""

    name: str
    media_type: str
    size: int = Field(description="bytes")
    sha256: str
    target: str = Field(default="", description="the target that it is meant for")


class ProductShown(Wire):
    """What is affected, as the finder claims."""

    purl: str
    name: str
    versions: list[str]
    last_unaffected: str
    fixed: list[str]
    not_affected: str


class SeverityShown(Wire):
    """As the finder claims it."""

    vector: str
    label: str


class RootCause(Wire):
    """Where it lies."""

    path: str
    line: int | None
    function: str


class ContactShown(Wire):
    """Whom to ask. Null where the reader may not know."""

    name: str
    email: str
    share_with_maintainer: bool
    credit: bool
    credit_name: str


class ProvenanceShown(Wire):
    """How the report came here."""

    tool: str
    ai_used: Known
    ai_model: str
    ai_model_public: Known
    reporters: list[str]
    origin_references: list[str]


class CircumstancesShown(Wire):
    """What is known out in the world."""

    exploited: Known
    public: Known
    shared_with: list[str]
    work_around: str
    disclosure_plan: str


class ReportShown(Wire):
    """A report in full. The document as it arrived is at `/reports/{id}/document`."""

    id: str
    case: str
    format: Format
    state: FindingState
    state_reason: str
    marking: Marking
    received_at: Moment
    raw_digest: str = Field(description="SHA-256 of the document as it arrived")
    title: str
    description: str
    trigger: str
    impact: str
    exploit: str
    product: ProductShown
    severity: SeverityShown
    cwe: list[str]
    identifiers: list[str]
    root_cause: RootCause
    crash: str = Field(description="the finder's trace")
    observed_crash: str = Field(description="the trace of our own run")
    proofs: list[File]
    patches: list[File]
    tests: list[File]
    references: list[str]
    fingerprints: list[str]
    contact: ContactShown | None
    provenance: ProvenanceShown
    circumstances: CircumstancesShown

    @classmethod
    def of(cls, finding: Finding, *, with_contact: bool) -> ReportShown:
        """A stored report, with or without whom to ask."""
        report = finding.report
        return cls(
            id=str(finding.id),
            case=str(finding.case),
            format=report.format,
            state=finding.state,
            state_reason=finding.state_reason,
            marking=finding.marking,
            received_at=str(finding.received_at),
            raw_digest=finding.raw_digest,
            title=report.title,
            description=report.description,
            trigger=report.trigger,
            impact=report.impact,
            exploit=report.exploit,
            product=_product(report),
            severity=SeverityShown(vector=report.severity.vector, label=report.severity.label),
            cwe=list(report.cwe),
            identifiers=list(report.identifiers),
            root_cause=RootCause(
                path=report.root_cause.path,
                line=report.root_cause.line,
                function=report.root_cause.function,
            ),
            crash=report.crash,
            observed_crash=finding.observed_crash,
            proofs=[_proof(proof) for proof in report.proofs],
            patches=[_text(patch, "text/x-diff") for patch in report.patches],
            tests=[_text(test, "text/plain") for test in report.tests],
            references=list(report.references),
            fingerprints=list(report.fingerprints),
            contact=_contact(report.contact) if with_contact else None,
            provenance=_provenance(report),
            circumstances=_circumstances(report),
        )


def _product(report: Report) -> ProductShown:
    product = report.product
    return ProductShown(
        purl=product.purl,
        name=product.name,
        versions=list(product.versions),
        last_unaffected=product.last_unaffected,
        fixed=list(product.fixed),
        not_affected=product.not_affected,
    )


def _proof(proof: Proof) -> File:
    return File(
        name=proof.name,
        media_type=proof.media_type,
        size=len(proof.data),
        sha256=digest(proof.data),
        target=proof.target,
    )


def _text(attachment: Attachment, media_type: str) -> File:
    data = attachment.text.encode()
    return File(name=attachment.name, media_type=media_type, size=len(data), sha256=digest(data))


def _contact(contact: Contact) -> ContactShown:
    return ContactShown(
        name=contact.name,
        email=contact.email,
        share_with_maintainer=contact.share_with_maintainer,
        credit=contact.credit,
        credit_name=contact.credit_name,
    )


def _provenance(report: Report) -> ProvenanceShown:
    told = report.provenance
    return ProvenanceShown(
        tool=told.tool,
        ai_used=told.ai_used,
        ai_model=told.ai_model,
        ai_model_public=told.ai_model_public,
        reporters=list(told.reporters),
        origin_references=list(told.origin_references),
    )


def _circumstances(report: Report) -> CircumstancesShown:
    told = report.circumstances
    return CircumstancesShown(
        exploited=told.exploited,
        public=told.public,
        shared_with=list(told.shared_with),
        work_around=told.work_around,
        disclosure_plan=told.disclosure_plan,
    )
