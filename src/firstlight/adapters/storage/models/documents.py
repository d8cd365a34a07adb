"""Tables of sealed documents, of the copies that were asked for, and of notices."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    CleanTextField,
    Record,
    identifier,
    label,
    optional_identifier,
)
from firstlight.adapters.storage.models.reviews import EngagementRecord
from firstlight.core.review.webhooks import WebhookState


class DocumentRecord(Record):
    """A version of a document; its content is in the pieces, sealed."""

    id = identifier("DocumentId", primary_key=True)
    engagement = models.ForeignKey(
        EngagementRecord, on_delete=models.PROTECT, related_name="documents", db_comment="its home"
    )
    artefact = identifier("ArtefactId in the engagement")
    number = models.PositiveIntegerField(db_comment="version within the artefact: 1, 2, 3, ...")
    name = CleanTextField(db_comment="of the file")
    media_type = label("what it is, and how it is marked")
    size = models.PositiveBigIntegerField(db_comment="of the content, in bytes")
    digest = models.CharField(max_length=DIGEST_LENGTH, db_comment="SHA-256 of the content")
    sealed_with = label("fingerprint of the engagement's key")
    uploaded_by = identifier("PersonId in identity")
    uploaded_at = models.DateTimeField(db_comment="when")

    class Meta:
        """Table."""

        db_table = "firstlight_document"
        db_table_comment = "versions of documents; never changed"
        constraints = [
            models.UniqueConstraint(fields=["artefact", "number"], name="document_version_once")
        ]
        indexes = [
            models.Index(fields=["engagement", "uploaded_at", "id"], name="document_of_engagement")
        ]


class DocumentPiece(Record):
    """A piece of an envelope: ciphertext, here and in every backup."""

    document = models.ForeignKey(
        DocumentRecord, on_delete=models.PROTECT, related_name="pieces", db_comment="of which"
    )
    number = models.PositiveIntegerField(db_comment="0, 1, 2, ... in the envelope")
    content = models.BinaryField(db_comment="sealed bytes, about a mebibyte")

    class Meta:
        """Table."""

        db_table = "firstlight_document_piece"
        db_table_comment = "opened only with a key that is not in the database; dropped with it"
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_piece_once")
        ]


class DownloadRecord(Record):
    """A copy, listed before it left."""

    id = identifier("DownloadId", primary_key=True)
    document = models.ForeignKey(
        DocumentRecord, on_delete=models.PROTECT, related_name="downloads", db_comment="of which"
    )
    engagement = models.ForeignKey(
        EngagementRecord, on_delete=models.PROTECT, related_name="downloads", db_comment="its home"
    )
    grant = optional_identifier("GrantId; NULL for the developer's own people")
    person = identifier("PersonId in identity")
    organisation = identifier("OrganisationId in identity")
    second = optional_identifier("PersonId who was present; NULL where nobody was needed")
    reader = CleanTextField(db_comment="person and organisation, as the mark names them")
    at = models.DateTimeField(db_comment="when")

    class Meta:
        """Table."""

        db_table = "firstlight_document_download"
        db_table_comment = "who had a copy of what; never changed"
        indexes = [
            models.Index(fields=["engagement", "at", "id"], name="download_of_engagement"),
            models.Index(fields=["grant"], name="download_of_grant"),
            models.Index(fields=["person", "-at"], name="download_of_person"),
        ]


class WebhookRecord(Record):
    """An address to which notices are sent."""

    id = identifier("WebhookId", primary_key=True)
    organisation = identifier("OrganisationId in identity")
    role = label("Role whose notices are sent")
    name = label("within organisation and role")
    url = CleanTextField(db_comment="https address")
    sealed = models.BinaryField(db_comment="the secret, sealed; empty once removed")
    state = label("WebhookState")
    added_by = identifier("PersonId in identity")
    added_at = models.DateTimeField(db_comment="when")
    tried_at = models.DateTimeField(null=True, db_comment="when something was last sent")
    delivered_at = models.DateTimeField(null=True, db_comment="when it last took something")
    error = CleanTextField(db_comment="what the last try said; empty for well")
    version = models.PositiveIntegerField(db_comment="grows with every change")

    class Meta:
        """Table."""

        db_table = "firstlight_webhook"
        db_table_comment = "where organisations have their notices sent"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "role", "name"],
                condition=~Q(state=WebhookState.REMOVED.value),
                name="webhook_name_once",
            )
        ]


class SilentPerson(Record):
    """Somebody who wants no mail about reviews."""

    person = identifier("PersonId in identity", primary_key=True)
    since = models.DateTimeField(db_comment="when they said so")

    class Meta:
        """Table."""

        db_table = "firstlight_notice_silent"
        db_table_comment = "no row: mail is wanted"
