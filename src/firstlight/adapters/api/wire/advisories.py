"""Advisories."""

from __future__ import annotations

from pydantic import Field

from firstlight.adapters.api.wire.cases import SENTENCE
from firstlight.adapters.api.wire.common import Body, Moment, Page, Wire
from firstlight.core.clearinghouse.advisory.model import Advisory, AdvisoryState, AffectedPackage
from firstlight.core.kernel.marking import Marking


class PackageShown(Wire):
    """What is affected and what fixes it."""

    purl: str
    ecosystem: str
    name: str
    introduced: str
    fixed: str
    affected_versions: list[str]
    unaffected_versions: list[str]

    @classmethod
    def of(cls, package: AffectedPackage) -> PackageShown:
        """From the advisory."""
        return cls(
            purl=package.purl,
            ecosystem=package.ecosystem,
            name=package.name,
            introduced=package.introduced,
            fixed=package.fixed,
            affected_versions=list(package.affected_versions),
            unaffected_versions=list(package.unaffected_versions),
        )


class CreditShown(Wire):
    """Someone who is named with their consent."""

    name: str
    kind: str


class RevisionShown(Wire):
    """One public version."""

    number: int
    at: Moment
    summary: str


class AdvisoryShown(Wire):
    """What the world is told about a case."""

    id: str
    case: str
    number: str
    state: AdvisoryState
    marking: Marking
    title: str
    summary: str
    details: str
    mitigation: str
    packages: list[PackageShown]
    cwe: list[str]
    identifiers: list[str]
    cvss: str
    references: list[str]
    credits: list[CreditShown]
    drafted_at: Moment
    go_live: Moment | None
    revisions: list[RevisionShown]
    version: int

    @classmethod
    def of(cls, advisory: Advisory) -> AdvisoryShown:
        """A stored advisory. Who approved it stands in the ledger, not here."""
        return cls(
            id=str(advisory.id),
            case=str(advisory.case),
            number=advisory.number,
            state=advisory.state,
            marking=advisory.marking,
            title=advisory.title,
            summary=advisory.summary,
            details=advisory.details,
            mitigation=advisory.mitigation,
            packages=[PackageShown.of(package) for package in advisory.packages],
            cwe=list(advisory.cwe),
            identifiers=list(advisory.identifiers),
            cvss=advisory.cvss,
            references=list(advisory.references),
            credits=[CreditShown(name=one.name, kind=one.kind) for one in advisory.credits],
            drafted_at=str(advisory.drafted_at),
            go_live=str(advisory.go_live) if advisory.go_live else None,
            revisions=[
                RevisionShown(number=one.number, at=str(one.at), summary=one.summary)
                for one in advisory.revisions
            ],
            version=advisory.version,
        )


class AdvisoryPage(Page[AdvisoryShown]):
    """Advisories, newest first."""


class AdvisoryText(Body):
    """New words; what is left out stays as it is."""

    title: str | None = Field(default=None, max_length=300)
    summary: str | None = Field(default=None, max_length=4000)
    details: str | None = Field(default=None, max_length=64_000)
    mitigation: str | None = Field(default=None, max_length=32_000)
    cvss: str | None = Field(default=None, max_length=300)


class Approval(Body):
    """The moment of release. One that has passed means at once."""

    go_live: str = Field(
        description="RFC 3339 with its zone",
        examples=["2026-12-01T09:00:00+01:00"],
        max_length=40,
        json_schema_extra={"format": "date-time"},
    )


class Withdrawal(Body):
    """Why it is taken back; for a published advisory the reason is public."""

    reason: str = Field(min_length=1, max_length=SENTENCE)
