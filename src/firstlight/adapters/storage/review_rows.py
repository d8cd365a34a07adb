"""Rows of the review <-> core values. The only module that knows both."""

from __future__ import annotations

from firstlight.adapters.storage import codec
from firstlight.adapters.storage.models import reviews as models
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.observations import Observation
from firstlight.core.review.offices import Office, OfficeState
from firstlight.core.review.partners import Partner
from firstlight.core.review.terms import Acceptance
from firstlight.usecases.ports.reviews import StoredReceipt


def engagement_columns(value: Engagement) -> dict[str, object]:
    """What may change."""
    return {
        "state": value.state.value,
        "marking": value.marking.value,
        "closed_at": value.closed_at.utc if value.closed_at else None,
        "version": value.version,
        "body": codec.pack(value),
    }


def engagement_row(value: Engagement) -> models.EngagementRecord:
    """A new row."""
    return models.EngagementRecord(
        id=str(value.id),
        number=value.number,
        model_id=value.model.key,
        developer=str(value.model.developer),
        opened_at=value.opened_at.utc,
        **engagement_columns(value),
    )


def engagement(row: models.EngagementRecord) -> Engagement:
    """The engagement of a row."""
    return codec.unpack(row.body, Engagement)


def grant_columns(value: Grant) -> dict[str, object]:
    """What may change."""
    return {
        "state": value.state.value,
        "version": value.version,
        "body": codec.pack(value),
    }


def grant_row(value: Grant) -> models.GrantRecord:
    """A new row."""
    return models.GrantRecord(
        id=str(value.id),
        engagement_id=str(value.engagement),
        person=str(value.person),
        organisation=str(value.organisation),
        given_at=value.given_at.utc,
        **grant_columns(value),
    )


def grant(row: models.GrantRecord) -> Grant:
    """The grant of a row."""
    return codec.unpack(row.body, Grant)


def partner_columns(value: Partner) -> dict[str, object]:
    """What may change."""
    return {
        "state": value.state.value,
        "version": value.version,
        "body": codec.pack(value),
    }


def partner_row(value: Partner) -> models.PartnerRecord:
    """A new row."""
    return models.PartnerRecord(
        id=str(value.id),
        engagement_id=str(value.engagement),
        organisation=str(value.organisation),
        proposed_at=value.proposed_at.utc,
        **partner_columns(value),
    )


def partner(row: models.PartnerRecord) -> Partner:
    """The partner of a row."""
    return codec.unpack(row.body, Partner)


def observation_columns(value: Observation) -> dict[str, object]:
    """What may change."""
    return {"version": value.version, "body": codec.pack(value)}


def observation_row(value: Observation) -> models.ObservationRecord:
    """A new row."""
    return models.ObservationRecord(
        id=str(value.id),
        engagement_id=str(value.engagement),
        organisation=str(value.organisation),
        made_at=value.wordings[0].at.utc,
        **observation_columns(value),
    )


def observation(row: models.ObservationRecord) -> Observation:
    """The observation of a row."""
    return codec.unpack(row.body, Observation)


def office(row: models.OfficeRecord) -> Office:
    """The office of a row."""
    return Office(
        organisation=OrganisationId(row.organisation),
        state=OfficeState(row.state),
        since=Instant(row.since),
        words=row.words,
    )


def acceptance(row: models.AcceptanceRecord) -> Acceptance:
    """The acceptance of a row."""
    return Acceptance(
        person=PersonId(row.person), number=row.number, digest=row.digest, at=Instant(row.at)
    )


def receipt_row(identifier: EngagementId, value: StoredReceipt) -> models.ReceiptRecord:
    """A new row."""
    return models.ReceiptRecord(
        engagement_id=str(identifier),
        number=value.number,
        at=value.at.utc,
        envelope=value.envelope,
        destroyed=value.destroyed,
    )


def receipt(row: models.ReceiptRecord) -> StoredReceipt:
    """The receipt of a row."""
    return StoredReceipt(
        number=row.number,
        at=Instant(row.at),
        envelope=bytes(row.envelope),
        destroyed=row.destroyed,
    )
