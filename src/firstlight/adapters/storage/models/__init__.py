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
from firstlight.adapters.storage.models.documents import (
    DocumentPiece,
    DocumentRecord,
    DownloadRecord,
    SilentPerson,
    WebhookRecord,
)
from firstlight.adapters.storage.models.findings import (
    DecisionRecord,
    FindingBand,
    FindingIdentifier,
    FindingRecord,
    RawDocument,
)
from firstlight.adapters.storage.models.flood import (
    BatchBytes,
    BatchPack,
    BatchRecord,
    CandidateRecord,
)
from firstlight.adapters.storage.models.guard import VerdictRecord
from firstlight.adapters.storage.models.ledger import Checkpoint, LedgerEntry, LedgerHead
from firstlight.adapters.storage.models.measurements import (
    MeasurementRecord,
    MeasurementResult,
    MeasurementSample,
)
from firstlight.adapters.storage.models.outside import (
    IdempotentAnswer,
    OrganisationName,
    SourceRecord,
    SourceRow,
)
from firstlight.adapters.storage.models.reviews import (
    AcceptanceRecord,
    EngagementNumber,
    EngagementRecord,
    GrantRecord,
    ObservationRecord,
    OfficeRecord,
    PartnerRecord,
    ReceiptRecord,
    ReviewModel,
    ReviewRevision,
)
from firstlight.adapters.storage.models.tools import (
    OfferRecord,
    ParticipationRecord,
    ToolGrantRecord,
    ToolRequestRecord,
    ToolUseRecord,
)
from firstlight.adapters.storage.models.uses import (
    EndpointRecord,
    GrantKeyRecord,
    GrantSpending,
    PresenceRecord,
    UsePiece,
    UseRecord,
)
from firstlight.adapters.storage.models.work import JobRecord, JobState, OutboxMessage

__all__ = [
    "AcceptanceRecord",
    "AdvisoryRecord",
    "BatchBytes",
    "BatchPack",
    "BatchRecord",
    "CandidateRecord",
    "CaseNumber",
    "CaseParty",
    "CaseRecord",
    "Checkpoint",
    "DecisionRecord",
    "DocumentPiece",
    "DocumentRecord",
    "DownloadRecord",
    "DutyEntry",
    "EndpointRecord",
    "EngagementNumber",
    "EngagementRecord",
    "EvidenceRecord",
    "FindingBand",
    "FindingIdentifier",
    "FindingRecord",
    "GrantKeyRecord",
    "GrantRecord",
    "GrantSpending",
    "IdempotentAnswer",
    "JobRecord",
    "JobState",
    "LedgerEntry",
    "LedgerHead",
    "MeasurementRecord",
    "MeasurementResult",
    "MeasurementSample",
    "ObservationRecord",
    "OfferRecord",
    "OfficeRecord",
    "OrganisationName",
    "OutboxMessage",
    "ParticipationRecord",
    "PartnerRecord",
    "PatchRecord",
    "PresenceRecord",
    "RawDocument",
    "ReceiptRecord",
    "ReviewModel",
    "ReviewRevision",
    "SilentPerson",
    "SourceRecord",
    "SourceRow",
    "ToolGrantRecord",
    "ToolRequestRecord",
    "ToolUseRecord",
    "UsePiece",
    "UseRecord",
    "VerdictRecord",
    "WebhookRecord",
]
