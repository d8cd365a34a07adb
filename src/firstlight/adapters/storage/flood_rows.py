"""Between rows and values of the flood."""

from __future__ import annotations

from typing import Any

from firstlight.adapters.storage.models import BatchRecord, CandidateRecord
from firstlight.core.clearinghouse.finding import Format
from firstlight.core.clearinghouse.intake.flood import (
    Batch,
    BatchId,
    BatchState,
    CandidateRow,
    Tally,
    candidate_id,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import FindingId, OrganisationId
from firstlight.core.kernel.marking import Marking


def changing(batch: Batch) -> dict[str, Any]:
    """Columns that change while a batch is sent and read."""
    tally = batch.tally
    return {
        "state": batch.state.value,
        "size": batch.size,
        "digest": batch.digest,
        "trouble": batch.trouble,
        "ended_at": batch.ended_at.utc if batch.ended_at else None,
        "fresh": tally.fresh,
        "changed": tally.changed,
        "known": tally.known,
        "passed": tally.passed,
        "failed": tally.failed,
    }


def batch(row: BatchRecord) -> Batch:
    """A row as a value."""
    return Batch(
        id=BatchId(row.id),
        owner=OrganisationId(row.owner),
        name=row.name,
        marking=Marking(row.marking),
        state=BatchState(row.state),
        opened_at=Instant(row.opened_at),
        size=row.size,
        digest=row.digest,
        tally=Tally(
            fresh=row.fresh,
            changed=row.changed,
            known=row.known,
            passed=row.passed,
            failed=row.failed,
        ),
        purl=row.purl,
        trouble=row.trouble,
        ended_at=Instant(row.ended_at) if row.ended_at else None,
    )


def candidate(row: CandidateRecord) -> CandidateRow:
    """A row as a value."""
    return CandidateRow(
        id=candidate_id(bytes(row.key)),
        batch=BatchId(row.batch_id),
        format=Format(row.format),
        marking=Marking(row.marking),
        position=row.position,
        package=row.package,
        rule=row.rule,
        title=row.title,
        path=row.path,
        line=row.line,
        function=row.function,
        level=row.level,
        names=tuple(row.names.split()),
        first_at=Instant(row.first_at),
        changed_at=Instant(row.changed_at),
        finding=FindingId(row.finding_id) if row.finding_id else None,
    )
