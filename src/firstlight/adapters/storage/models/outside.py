"""Tables of what others told us: catalogues, requests already answered, names of organisations."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    CleanTextField,
    Record,
    identifier,
)


class SourceRecord(Record):
    """An outside catalogue as it was loaded last."""

    name = models.CharField(max_length=40, primary_key=True, db_comment="kev, epss, ...")
    version = CleanTextField(db_comment="as the source calls it")
    dated = models.DateField(db_comment="the date that the source gives itself")
    loaded_at = models.DateTimeField(db_comment="when it was loaded here")
    origin = CleanTextField(db_comment="file name or address")
    count = models.PositiveIntegerField(db_comment="rows")

    class Meta:
        """Table."""

        db_table = "firstlight_source"
        db_table_comment = "catalogues of others; absence means never loaded"


class SourceRow(Record):
    """One row of a catalogue."""

    source = models.ForeignKey(
        SourceRecord, on_delete=models.CASCADE, related_name="rows", db_comment="the catalogue"
    )
    key = CleanTextField(db_comment="a CVE")
    facts = models.BinaryField(db_comment="what the catalogue says of it: JSON")

    class Meta:
        """Table."""

        db_table = "firstlight_source_row"
        db_table_comment = "replaced as a whole by each load"
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="source_row_once")]


class IdempotentAnswer(Record):
    """The answer to a request that may be sent twice."""

    scope = CleanTextField(db_comment="who sent it, and to which door")
    key = CleanTextField(db_comment="the sender's idempotency key")
    request_digest = models.CharField(
        max_length=DIGEST_LENGTH, db_comment="SHA-256 (hex) of the request"
    )
    answer = models.BinaryField(db_comment="JSON, zstd")
    at = models.DateTimeField(db_comment="when it was answered")

    class Meta:
        """Table."""

        db_table = "firstlight_idempotent_answer"
        db_table_comment = "a request sent twice is answered once"
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotent_answer_once")
        ]


class OrganisationName(Record):
    """How readers call an organisation; identity owns the rest."""

    id = identifier("OrganisationId in identity", primary_key=True)
    name = CleanTextField(db_comment="for people")

    class Meta:
        """Table."""

        db_table = "firstlight_organisation_name"
        db_table_comment = "a copy, so that lists need not ask identity"
