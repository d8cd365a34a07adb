"""Tables of the gateway: endpoints, keys, presence, uses, budgets, kept content."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    CleanTextField,
    Record,
    identifier,
    label,
    optional_identifier,
)
from firstlight.adapters.storage.models.reviews import EngagementRecord, GrantRecord


class EndpointRecord(Record):
    """Where one artefact is reached."""

    artefact = identifier("ArtefactId", primary_key=True)
    engagement = models.ForeignKey(
        EngagementRecord, on_delete=models.PROTECT, related_name="+", db_comment="its home"
    )
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Endpoint: msgpack, zstd")
    sealed_key = models.BinaryField(
        db_comment="the developer's real key, sealed with the engagement's key by the vault"
    )

    class Meta:
        """Table."""

        db_table = "firstlight_review_endpoint"
        db_table_comment = "the key in it is unreadable without the vault, and after a close"


class GrantKeyRecord(Record):
    """A reviewer's key, as a digest."""

    grant = models.OneToOneField(
        GrantRecord,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="+",
        db_comment="whose it is",
    )
    number = models.PositiveIntegerField(db_comment="1 for the first, one more for each new one")
    digest = models.CharField(
        max_length=DIGEST_LENGTH, unique=True, db_comment="SHA-256 of the key; it has 256 bits"
    )
    made_at = models.DateTimeField(db_comment="when")

    class Meta:
        """Table."""

        db_table = "firstlight_grant_key"
        db_table_comment = "the key itself is shown once and kept nowhere"


class PresenceRecord(Record):
    """A second person's time."""

    id = identifier("PresenceId", primary_key=True)
    grant = models.ForeignKey(
        GrantRecord, on_delete=models.PROTECT, related_name="+", db_comment="for which grant"
    )
    person = identifier("PersonId in identity")
    began = models.DateTimeField(db_comment="when the person came")
    until = models.DateTimeField(db_comment="when it ends by itself")
    ended = models.DateTimeField(null=True, db_comment="when the person left before that")

    class Meta:
        """Table."""

        db_table = "firstlight_review_presence"
        db_table_comment = "two-person rule: who was there, from when to when"
        indexes = [models.Index(fields=["grant", "until"], name="presence_of_grant")]


class GrantSpending(Record):
    """What a grant's uses took and hold."""

    grant = models.OneToOneField(
        GrantRecord,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="+",
        db_comment="whose",
    )
    requests = models.PositiveBigIntegerField(db_comment="uses so far")
    tokens = models.PositiveBigIntegerField(db_comment="used, and reserved by open uses")
    money = models.PositiveBigIntegerField(db_comment="likewise, in millionths of a unit")

    class Meta:
        """Table."""

        db_table = "firstlight_grant_spending"
        db_table_comment = "one row for each grant that was used"


class UseRecord(Record):
    """One use: what was known at its beginning, and its end."""

    id = identifier("UseId", primary_key=True)
    engagement = models.ForeignKey(
        EngagementRecord, on_delete=models.PROTECT, related_name="+", db_comment="its home"
    )
    grant = models.ForeignKey(
        GrantRecord, on_delete=models.PROTECT, related_name="+", db_comment="by which grant"
    )
    person = identifier("PersonId in identity")
    organisation = identifier("OrganisationId in identity")
    artefact = identifier("ArtefactId")
    purpose = label("Purpose")
    second = optional_identifier("PersonId of the second person who was present")
    key_number = models.PositiveIntegerField(db_comment="which of the grant's keys opened it")
    dialect = label("Dialect")
    model = CleanTextField(db_comment="as the request named it")
    streamed = models.BooleanField(db_comment="an event stream was asked for")
    opened_at = models.DateTimeField(db_comment="before anything was forwarded")
    salt = models.BinaryField(db_comment="16 random bytes before the content in both digests")
    request_digest = models.BinaryField(db_comment="SHA-256(salt || request)")
    request_bytes = models.PositiveBigIntegerField(db_comment="size of the request")
    reserved_tokens = models.PositiveBigIntegerField(db_comment="held until the end")
    reserved_money = models.PositiveBigIntegerField(db_comment="held until the end")
    kept = models.BooleanField(db_comment="content is kept, sealed")
    closed_at = models.DateTimeField(null=True, db_comment="NULL: unfinished")
    outcome = models.CharField(max_length=20, db_comment="Outcome; empty while unfinished")
    reason = models.CharField(max_length=80, db_comment="code of the error that ended it")
    status = models.PositiveIntegerField(null=True, db_comment="HTTP status of the endpoint")
    response_digest = models.BinaryField(db_comment="SHA-256(salt || answer that was passed on)")
    response_bytes = models.PositiveBigIntegerField(db_comment="size of that answer")
    input_tokens = models.PositiveBigIntegerField(db_comment="caches included")
    output_tokens = models.PositiveBigIntegerField(db_comment="of the answer")
    counted = models.CharField(max_length=20, db_comment="Counted; empty while unfinished")
    cost = models.PositiveBigIntegerField(null=True, db_comment="millionths; NULL without prices")

    class Meta:
        """Table."""

        db_table = "firstlight_use"
        db_table_comment = "one request to a developer's endpoint and its answer, without content"
        indexes = [
            models.Index(fields=["engagement", "-opened_at", "-id"], name="use_of_engagement"),
            models.Index(fields=["grant", "-opened_at", "-id"], name="use_of_grant"),
        ]


class UsePiece(Record):
    """A piece of kept content."""

    use = models.ForeignKey(
        UseRecord, on_delete=models.PROTECT, related_name="+", db_comment="of which use"
    )
    part = models.CharField(max_length=10, db_comment="request or response")
    number = models.PositiveIntegerField(db_comment="0, 1, 2, ...")
    sealed = models.BinaryField(db_comment="sealed with the engagement's key by the vault")

    class Meta:
        """Table."""

        db_table = "firstlight_use_piece"
        db_table_comment = "only where the developer's plan keeps content; unreadable after a close"
        constraints = [
            models.UniqueConstraint(fields=["use", "part", "number"], name="use_piece_once")
        ]
