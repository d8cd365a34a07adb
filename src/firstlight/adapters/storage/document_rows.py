"""Rows of documents, copies and webhooks <-> core values. The only module that knows both."""

from __future__ import annotations

from datetime import datetime

from firstlight.adapters.storage.models import documents as models
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.documents import Document, Download
from firstlight.core.review.ids import (
    ArtefactId,
    DocumentId,
    DownloadId,
    EngagementId,
    GrantId,
    WebhookId,
)
from firstlight.core.review.webhooks import Webhook, WebhookState


def document_row(value: Document) -> models.DocumentRecord:
    """A new row."""
    return models.DocumentRecord(
        id=str(value.id),
        engagement_id=str(value.engagement),
        artefact=str(value.artefact),
        number=value.version,
        name=value.name,
        media_type=value.media_type,
        size=value.size,
        digest=value.digest,
        sealed_with=value.sealed_with,
        uploaded_by=str(value.uploaded_by),
        uploaded_at=value.uploaded_at.utc,
    )


def document(row: models.DocumentRecord) -> Document:
    """The document of a row."""
    return Document(
        id=DocumentId(row.id),
        engagement=EngagementId(row.engagement_id),
        artefact=ArtefactId(row.artefact),
        version=row.number,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        digest=row.digest,
        sealed_with=row.sealed_with,
        uploaded_by=PersonId(row.uploaded_by),
        uploaded_at=Instant(row.uploaded_at),
    )


def download_row(value: Download) -> models.DownloadRecord:
    """A new row."""
    return models.DownloadRecord(
        id=str(value.id),
        document_id=str(value.document),
        engagement_id=str(value.engagement),
        grant=str(value.grant) if value.grant else None,
        person=str(value.person),
        organisation=str(value.organisation),
        second=str(value.second) if value.second else None,
        reader=value.reader,
        at=value.at.utc,
    )


def download(row: models.DownloadRecord) -> Download:
    """The download of a row."""
    return Download(
        id=DownloadId(row.id),
        engagement=EngagementId(row.engagement_id),
        document=DocumentId(row.document_id),
        grant=GrantId(row.grant) if row.grant else None,
        person=PersonId(row.person),
        organisation=OrganisationId(row.organisation),
        second=PersonId(row.second) if row.second else None,
        reader=row.reader,
        at=Instant(row.at),
    )


def webhook_columns(value: Webhook) -> dict[str, object]:
    """What may change."""
    return {
        "sealed": value.sealed,
        "state": value.state.value,
        "tried_at": _utc(value.tried_at),
        "delivered_at": _utc(value.delivered_at),
        "error": value.error,
        "version": value.version,
    }


def webhook_row(value: Webhook) -> models.WebhookRecord:
    """A new row."""
    return models.WebhookRecord(
        id=str(value.id),
        organisation=str(value.organisation),
        role=value.role.value,
        name=value.name,
        url=value.url,
        added_by=str(value.added_by),
        added_at=value.added_at.utc,
        **webhook_columns(value),
    )


def webhook(row: models.WebhookRecord) -> Webhook:
    """The webhook of a row."""
    return Webhook(
        id=WebhookId(row.id),
        organisation=OrganisationId(row.organisation),
        role=Role(row.role),
        name=row.name,
        url=row.url,
        sealed=bytes(row.sealed),
        state=WebhookState(row.state),
        added_by=PersonId(row.added_by),
        added_at=Instant(row.added_at),
        tried_at=_instant(row.tried_at),
        delivered_at=_instant(row.delivered_at),
        error=row.error,
        version=row.version,
    )


def _utc(moment: Instant | None) -> datetime | None:
    return moment.utc if moment else None


def _instant(moment: datetime | None) -> Instant | None:
    return Instant(moment) if moment else None
