"""The tables. What each column means stands in the database too (`db_comment`)."""

from firstlight.adapters.storage.models.advisories import AdvisoryRecord
from firstlight.adapters.storage.models.cases import (
    CaseNumber,
    CaseParty,
    CaseRecord,
    EvidenceRecord,
    PatchRecord,
)
from firstlight.adapters.storage.models.directives import DutyEntry
from firstlight.adapters.storage.models.findings import (
    DecisionRecord,
    FindingIdentifier,
    FindingRecord,
    RawDocument,
)
from firstlight.adapters.storage.models.ledger import Checkpoint, LedgerEntry, LedgerHead
from firstlight.adapters.storage.models.outside import (
    IdempotentAnswer,
    OrganisationName,
    SourceRecord,
    SourceRow,
)
from firstlight.adapters.storage.models.work import JobRecord, JobState, OutboxMessage

__all__ = [
    "AdvisoryRecord",
    "CaseNumber",
    "CaseParty",
    "CaseRecord",
    "Checkpoint",
    "DecisionRecord",
    "DutyEntry",
    "EvidenceRecord",
    "FindingIdentifier",
    "FindingRecord",
    "IdempotentAnswer",
    "JobRecord",
    "JobState",
    "LedgerEntry",
    "LedgerHead",
    "OrganisationName",
    "OutboxMessage",
    "PatchRecord",
    "RawDocument",
    "SourceRecord",
    "SourceRow",
]
