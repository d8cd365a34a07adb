"""Tables of defensive tools, and of the register of participants."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from firstlight.adapters.storage.models.fields import (
    Record,
    identifier,
    label,
)
from firstlight.adapters.storage.models.reviews import GrantRecord
from firstlight.core.review.tools.asking import RequestState


class OfferRecord(Record):
    """An offer: columns to ask by, and the whole record."""

    id = identifier("OfferId", primary_key=True)
    offered_by = identifier("OrganisationId in identity")
    state = label("OfferState")
    published_at = models.DateTimeField(db_comment="when")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Offer: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_tool_offer"
        db_table_comment = "public but for `delivery` in the body"
        indexes = [models.Index(fields=["-published_at", "-id"], name="tool_offer_newest")]


class ToolRequestRecord(Record):
    """A request: columns to ask by, and the whole record."""

    id = identifier("ToolRequestId", primary_key=True)
    offer = models.ForeignKey(
        OfferRecord, on_delete=models.PROTECT, related_name="requests", db_comment="for what"
    )
    offered_by = identifier("OrganisationId of the offer")
    organisation = identifier("OrganisationId of the asker")
    person = identifier("PersonId of the asker")
    state = label("RequestState")
    asked_at = models.DateTimeField(db_comment="when")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole ToolRequest: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_tool_request"
        db_table_comment = "asked, answered, appealed; nothing is decided by silence"
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "person"],
                condition=Q(state__in=[RequestState.ASKED.value, RequestState.APPEALED.value]),
                name="tool_request_open_once",
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "-asked_at", "-id"], name="tool_request_mine"),
            models.Index(fields=["offered_by", "-asked_at", "-id"], name="tool_request_to_me"),
        ]


class ToolGrantRecord(Record):
    """A grant: columns to ask by, and the whole record."""

    id = identifier("ToolGrantId", primary_key=True)
    request = models.OneToOneField(
        ToolRequestRecord, on_delete=models.PROTECT, related_name="grant", db_comment="its cause"
    )
    offer = models.ForeignKey(
        OfferRecord, on_delete=models.PROTECT, related_name="grants", db_comment="of what"
    )
    person = identifier("PersonId in identity")
    through = models.OneToOneField(
        GrantRecord,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_comment="the engagement's grant of an offered model; NULL for a tool",
    )
    state = label("ToolGrantState")
    given_at = models.DateTimeField(db_comment="when")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole ToolGrant: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_tool_grant"
        db_table_comment = "person x offer x systems x time; time is compared at every use"
        indexes = [models.Index(fields=["person", "-given_at", "-id"], name="tool_grant_of_person")]


class ToolUseRecord(Record):
    """A use of a tool."""

    id = identifier("ToolUseId", primary_key=True)
    grant = models.ForeignKey(
        ToolGrantRecord, on_delete=models.PROTECT, related_name="uses", db_comment="under what"
    )
    at = models.DateTimeField(db_comment="when it was written down, before the tool was told")
    body = models.BinaryField(db_comment="the whole ToolUse: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_tool_use"
        db_table_comment = "only ever added to"
        indexes = [models.Index(fields=["grant", "-at", "-id"], name="tool_use_of_grant")]


class ParticipationRecord(Record):
    """An organisation's own entry in the register of participants."""

    organisation = identifier("OrganisationId in identity", primary_key=True)
    listed = models.BooleanField(db_comment="whether the register shows it")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Participation: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_participation"
        db_table_comment = "opt-in; an entry that is not listed is shown to nobody"
