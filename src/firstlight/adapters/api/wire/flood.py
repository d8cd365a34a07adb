"""Batches and candidates."""

from __future__ import annotations

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.core.clearinghouse.intake.flood import Batch, CandidateRow, Fault


class RecordsShown(Wire):
    """What became of the records."""

    fresh: int = Field(description="new candidates")
    changed: int = Field(description="known, with other content: a moved line, a newer version")
    known: int = Field(description="there already, byte for byte")
    passed: int = Field(description="report no problem, or were suppressed")
    failed: int = Field(description="could not be read")


class BatchShown(Wire):
    """A file of many records."""

    id: str
    name: str
    state: str = Field(description="receiving, waiting, read, broken or cancelled")
    marking: str
    package: str = Field(description="of records that name none themselves")
    opened_at: Moment
    ended_at: Moment | None
    size: int = Field(description="bytes received; where sending goes on after a cut")
    digest: str = Field(description="SHA-256 (hex) of the file; empty until all of it is here")
    records: RecordsShown
    trouble: str = Field(description="where and why reading broke off")

    @classmethod
    def of(cls, batch: Batch) -> BatchShown:
        """As it stands."""
        tally = batch.tally
        return cls(
            id=str(batch.id),
            name=batch.name,
            state=batch.state.value,
            marking=batch.marking.value,
            package=batch.purl,
            opened_at=str(batch.opened_at),
            ended_at=str(batch.ended_at) if batch.ended_at else None,
            size=batch.size,
            digest=batch.digest,
            records=RecordsShown(
                fresh=tally.fresh,
                changed=tally.changed,
                known=tally.known,
                passed=tally.passed,
                failed=tally.failed,
            ),
            trouble=batch.trouble,
        )


class BatchPage(Page[BatchShown]):
    """Batches, newest first."""


class FaultShown(Wire):
    """A record that could not be read."""

    position: str = Field(description="its place in the file")
    code: str = Field(description="stable; see docs/reference/errors.md")
    reason: str

    @classmethod
    def of(cls, fault: Fault) -> FaultShown:
        """As it is kept."""
        return cls(position=fault.position, code=fault.code, reason=fault.reason)


class FaultList(Wire):
    """The first thousand; the batch counts them all."""

    items: list[FaultShown]


class CandidateShown(Wire):
    """What a scanner says, before anybody made it a report."""

    id: str
    batch: str = Field(description="which brought its present content")
    format: str
    marking: str
    position: str = Field(description="its place in that file")
    package: str
    rule: str
    title: str
    path: str
    line: int | None
    function: str
    level: str = Field(description="the tool's own word")
    names: list[str] = Field(description="CVE and other names of the flaw")
    first_at: Moment
    changed_at: Moment
    report: str | None = Field(description="the report that was made of it")

    @classmethod
    def of(cls, row: CandidateRow) -> CandidateShown:
        """From a row."""
        return cls(
            id=str(row.id),
            batch=str(row.batch),
            format=row.format.value,
            marking=row.marking.value,
            position=row.position,
            package=row.package,
            rule=row.rule,
            title=row.title,
            path=row.path,
            line=row.line,
            function=row.function,
            level=row.level,
            names=list(row.names),
            first_at=str(row.first_at),
            changed_at=str(row.changed_at),
            report=str(row.finding) if row.finding else None,
        )


class CandidatePage(Page[CandidateShown]):
    """Candidates, newest first."""
