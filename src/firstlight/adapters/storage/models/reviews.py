"""Tables of the voluntary review."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    CleanTextField,
    Record,
    identifier,
    label,
    tlp,
)
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.partners import PartnerState


class ReviewModel(Record):
    """A model that was ever spoken of; its lock makes sure that it has one live engagement."""

    key = models.CharField(
        max_length=DIGEST_LENGTH,
        primary_key=True,
        db_comment="SHA-256 over developer, name and version, spelling set aside",
    )

    class Meta:
        """Table."""

        db_table = "firstlight_review_model"
        db_table_comment = "days of access are counted over all engagements of one row"


class ReviewRevision(Record):
    """A counter by which others notice that something about access has changed."""

    only = models.PositiveSmallIntegerField(primary_key=True, db_comment="always 1")
    number = models.PositiveBigIntegerField(db_comment="grows with every change")

    class Meta:
        """Table."""

        db_table = "firstlight_review_revision"
        db_table_comment = "one row; read by the gateway while uses are open"


class EngagementNumber(Record):
    """The counter behind the numbers for people."""

    year = models.PositiveIntegerField(primary_key=True, db_comment="calendar year (UTC)")
    last = models.PositiveIntegerField(db_comment="the number given last")

    class Meta:
        """Table."""

        db_table = "firstlight_engagement_number"
        db_table_comment = "one row per year; its lock makes sure no number is given twice"


class EngagementRecord(Record):
    """An engagement: columns to ask by, and the whole record."""

    id = identifier("EngagementId", primary_key=True)
    number = models.CharField(max_length=20, unique=True, db_comment="for people: FR-2026-0001")
    model = models.ForeignKey(
        ReviewModel, on_delete=models.PROTECT, related_name="engagements", db_comment="the model"
    )
    developer = identifier("OrganisationId in identity")
    state = label("EngagementState")
    marking = tlp()
    opened_at = models.DateTimeField(db_comment="when it was first asked for or opened")
    closed_at = models.DateTimeField(null=True, db_comment="when it was closed")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Engagement: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_engagement"
        db_table_comment = "a developer's review of one model"
        constraints = [
            models.UniqueConstraint(
                fields=["model"],
                condition=~Q(state=EngagementState.CLOSED.value),
                name="engagement_live_once",
            )
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="engagement_newest"),
            models.Index(fields=["developer", "-opened_at", "-id"], name="engagement_mine"),
        ]


class OfficeRecord(Record):
    """An office of the government in an engagement."""

    engagement = models.ForeignKey(
        EngagementRecord,
        on_delete=models.PROTECT,
        related_name="offices",
        db_comment="the engagement",
    )
    organisation = identifier("OrganisationId in identity")
    state = label("OfficeState")
    since = models.DateTimeField(db_comment="when this state began")
    words = CleanTextField(db_comment="what was written with the last step")

    class Meta:
        """Table."""

        db_table = "firstlight_review_office"
        db_table_comment = "several offices, one engagement"
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "organisation"], name="review_office_once"
            )
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="review_office_mine")]


class AcceptanceRecord(Record):
    """One person's word on exactly one version of the terms."""

    engagement = models.ForeignKey(
        EngagementRecord,
        on_delete=models.PROTECT,
        related_name="acceptances",
        db_comment="the engagement",
    )
    person = identifier("PersonId in identity")
    number = models.PositiveIntegerField(db_comment="version of the terms in the engagement")
    digest = models.CharField(
        max_length=DIGEST_LENGTH, db_comment="SHA-256 of exactly what was accepted"
    )
    at = models.DateTimeField(db_comment="when")

    class Meta:
        """Table."""

        db_table = "firstlight_review_acceptance"
        db_table_comment = "who accepted which terms; never changed"
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "person", "number"], name="review_acceptance_once"
            )
        ]


class GrantRecord(Record):
    """A grant: columns to ask by, and the whole record."""

    id = identifier("GrantId", primary_key=True)
    engagement = models.ForeignKey(
        EngagementRecord, on_delete=models.PROTECT, related_name="grants", db_comment="its home"
    )
    person = identifier("PersonId in identity")
    organisation = identifier("OrganisationId in identity")
    state = label("GrantState")
    given_at = models.DateTimeField(db_comment="when")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Grant: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_review_grant"
        db_table_comment = "person x artefact x purpose x time; time is compared at every use"
        indexes = [
            models.Index(fields=["engagement", "given_at", "id"], name="grant_of_engagement"),
            models.Index(fields=["person", "-given_at", "-id"], name="grant_of_person"),
        ]


class PartnerRecord(Record):
    """A partner: columns to ask by, and the whole record."""

    id = identifier("PartnerId", primary_key=True)
    engagement = models.ForeignKey(
        EngagementRecord, on_delete=models.PROTECT, related_name="partners", db_comment="its home"
    )
    organisation = identifier("OrganisationId in identity")
    state = label("PartnerState")
    proposed_at = models.DateTimeField(db_comment="when")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Partner: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_review_partner"
        db_table_comment = "selected together; refusals and appeals stay"
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "organisation"],
                condition=~Q(state__in=[PartnerState.REFUSED.value, PartnerState.ENDED.value]),
                name="review_partner_once",
            )
        ]
        indexes = [models.Index(fields=["organisation", "state"], name="review_partner_mine")]


class ObservationRecord(Record):
    """An observation: columns to ask by, and the whole record."""

    id = identifier("ObservationId", primary_key=True)
    engagement = models.ForeignKey(
        EngagementRecord,
        on_delete=models.PROTECT,
        related_name="observations",
        db_comment="its home",
    )
    organisation = identifier("OrganisationId of the author")
    made_at = models.DateTimeField(db_comment="when its first version was written")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Observation: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_review_observation"
        db_table_comment = "advice to the developer, and its responses"
        indexes = [
            models.Index(fields=["engagement", "made_at", "id"], name="observation_of_engagement")
        ]


class ReceiptRecord(Record):
    """A signed receipt."""

    engagement = models.ForeignKey(
        EngagementRecord, on_delete=models.PROTECT, related_name="receipts", db_comment="its home"
    )
    number = models.PositiveIntegerField(db_comment="1 at the close, 2 after later destruction")
    at = models.DateTimeField(db_comment="when")
    envelope = models.BinaryField(db_comment="DSSE as it was signed")
    destroyed = models.BooleanField(db_comment="speaks of destroyed keys")

    class Meta:
        """Table."""

        db_table = "firstlight_review_receipt"
        db_table_comment = "what the developer was given at the end; never changed"
        constraints = [
            models.UniqueConstraint(fields=["engagement", "number"], name="review_receipt_once")
        ]
