"""Sealed documents, copies, keeping, and where notices go."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from firstlight.adapters.api.wire.common import Body, Moment, Page, Wire
from firstlight.core.kernel.clock import Instant
from firstlight.core.review.documents import FETCHED_WITHIN, Document, Download
from firstlight.core.review.engagement import Engagement, keys_due
from firstlight.core.review.webhooks import Webhook, WebhookState
from firstlight.usecases.queries.documents import CopyRow, DocumentShelf, OwnDocument


class DocumentShown(Wire):
    """One version of a document. Its content is sealed."""

    id: str
    artefact: str
    version: int
    name: str
    media_type: str
    size: int = Field(description="of the content, in bytes")
    digest: str = Field(description="SHA-256 (hex) of the content as it was uploaded")
    sealed_with: str = Field(description="fingerprint of the key; the receipt names the same")
    uploaded_at: Moment

    @classmethod
    def of(cls, document: Document) -> DocumentShown:
        """From a document."""
        return cls(
            id=str(document.id),
            artefact=str(document.artefact),
            version=document.version,
            name=document.name,
            media_type=document.media_type,
            size=document.size,
            digest=document.digest,
            sealed_with=document.sealed_with,
            uploaded_at=str(document.uploaded_at),
        )


class ShelfRow(Wire):
    """A document as its developer sees it."""

    document: DocumentShown
    kept: bool = Field(description="false once its key was destroyed")
    copies: int = Field(description="how many were listed")

    @classmethod
    def of(cls, row: DocumentShelf) -> ShelfRow:
        """From a row."""
        return cls(document=DocumentShown.of(row.document), kept=row.kept, copies=row.copies)


class KeepingShown(Wire):
    """How long keys are kept after the close."""

    retention_days: int | None = Field(description="null before the review was opened")
    legal_hold: str = Field(description="why the law forbids destruction; empty for no hold")
    closed_at: Moment | None
    keys_due: Moment | None = Field(
        description="when keys may be destroyed; null before the close, or under a hold"
    )
    destroyed_at: Moment | None

    @classmethod
    def of(cls, engagement: Engagement) -> KeepingShown:
        """From an engagement."""
        plan, gone = engagement.plan, engagement.destroyed
        return cls(
            retention_days=plan.retention_days if plan else None,
            legal_hold=plan.legal_hold if plan else "",
            closed_at=_moment(engagement.closed_at),
            keys_due=_moment(keys_due(engagement)),
            destroyed_at=_moment(gone.at if gone else None),
        )


class ShelfShown(Wire):
    """All documents of a review, and for how long they are kept."""

    items: list[ShelfRow]
    keeping: KeepingShown


class OwnDocumentShown(Wire):
    """A document that you were given access to."""

    document: DocumentShown
    review: str = Field(description="its number")
    developer: str
    artefact_name: str
    newest: bool = Field(description="whether no later version is there")

    @classmethod
    def of(cls, row: OwnDocument) -> OwnDocumentShown:
        """From a row."""
        return cls(
            document=DocumentShown.of(row.document),
            review=row.number,
            developer=row.developer_name,
            artefact_name=row.artefact_name,
            newest=row.newest,
        )


class OwnDocuments(Wire):
    """All of them, newest first."""

    items: list[OwnDocumentShown]


class CopyAsked(Wire):
    """A copy that is listed; fetch it with GET at `content`."""

    id: str
    document: str
    marked: bool = Field(description="false for the developer's own people alone")
    at: Moment
    until: Moment = Field(description="after that, ask for a new one")
    content: str = Field(description="path of the bytes")

    @classmethod
    def of(cls, download: Download, prefix: str) -> CopyAsked:
        """From a download."""
        return cls(
            id=str(download.id),
            document=str(download.document),
            marked=download.marked,
            at=str(download.at),
            until=str(download.at.plus(FETCHED_WITHIN)),
            content=f"{prefix}/copies/{download.id}/content",
        )


class CopyShown(Wire):
    """Who had what, when."""

    id: str
    document: str
    version: int
    name: str
    person: str
    reader: str = Field(description="person and organisation, as the mark names them")
    organisation: str
    grant: str | None = Field(description="null for the developer's own people")
    second_person: str | None
    marked: bool
    at: Moment

    @classmethod
    def of(cls, row: CopyRow) -> CopyShown:
        """From a row."""
        download = row.download
        return cls(
            id=str(download.id),
            document=str(download.document),
            version=row.document.version,
            name=row.document.name,
            person=str(download.person),
            reader=download.reader,
            organisation=row.organisation_name,
            grant=str(download.grant) if download.grant else None,
            second_person=str(download.second) if download.second else None,
            marked=download.marked,
            at=str(download.at),
        )


class CopyPage(Page[CopyShown]):
    """Copies, newest first."""


class Traced(Wire):
    """The one download whose copy carries a code."""

    copy_id: str = Field(description="identifier (dld_...), as in the list of copies")
    document: str
    person: str
    reader: str
    at: Moment

    @classmethod
    def of(cls, download: Download) -> Traced:
        """From a download."""
        return cls(
            copy_id=str(download.id),
            document=str(download.document),
            person=str(download.person),
            reader=download.reader,
            at=str(download.at),
        )


class WebhookShown(Wire):
    """An address to which notices are sent."""

    name: str
    url: str
    state: WebhookState
    added_at: Moment
    tried_at: Moment | None = Field(description="when something was last sent there")
    delivered_at: Moment | None = Field(description="when it last took something")
    error: str = Field(description="what the last try said; empty when it went well")

    @classmethod
    def of(cls, webhook: Webhook) -> WebhookShown:
        """From a webhook."""
        return cls(
            name=webhook.name,
            url=webhook.url,
            state=webhook.state,
            added_at=str(webhook.added_at),
            tried_at=_moment(webhook.tried_at),
            delivered_at=_moment(webhook.delivered_at),
            error=webhook.error,
        )


class NoticesShown(Wire):
    """Where your notices go."""

    mail: bool = Field(description="whether you get mail about reviews")
    webhooks: list[WebhookShown] = Field(description="of your organisation, by name")


class WebhookGiven(Body):
    """Where to send."""

    url: str = Field(min_length=1, max_length=500, description="https address")


class WebhookMade(Wire):
    """A webhook, and its secret: shown now and never again."""

    webhook: WebhookShown
    secret: str = Field(description="`whsec_...`, for a Standard Webhooks library")


class WebhookMoveName(StrEnum):
    """What is done to a webhook."""

    PAUSE = "pause"
    RESUME = "resume"


class WebhookMove(Body):
    """Pause or resume it."""

    move: WebhookMoveName


class MailWish(Body):
    """Whether you want mail."""

    mail: bool


def _moment(value: Instant | None) -> str | None:
    return str(value) if value else None
