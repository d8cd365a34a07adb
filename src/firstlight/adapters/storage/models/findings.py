"""Tables of findings and of the documents they arrived in."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.cases import CaseRecord
from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    ID_LENGTH,
    CleanTextField,
    Record,
    identifier,
    label,
    optional_identifier,
    tlp,
)


class RawDocument(Record):
    """A document as it arrived, once per digest."""

    digest = models.CharField(
        max_length=DIGEST_LENGTH, primary_key=True, db_comment="SHA-256 (hex) of the document"
    )
    size = models.PositiveBigIntegerField(db_comment="bytes before compression")
    data = models.BinaryField(db_comment="the document, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_raw_document"
        db_table_comment = "documents as they arrived, byte for byte; never changed"


class FindingRecord(Record):
    """A finding: columns to ask by, and the whole report."""

    id = identifier("FindingId", primary_key=True)
    received_at = models.DateTimeField(db_comment="when it arrived")
    state = label("FindingState")
    state_reason = CleanTextField(db_comment="why it is in this state, for a person")
    marking = tlp()
    reporter = optional_identifier("PersonId in identity; NULL when anonymous")
    organisation = optional_identifier("OrganisationId in identity; NULL when anonymous")
    case = models.ForeignKey(
        CaseRecord,
        on_delete=models.PROTECT,
        related_name="findings",
        db_comment="the case it belongs to now",
    )
    home = models.ForeignKey(
        CaseRecord,
        on_delete=models.PROTECT,
        related_name="+",
        db_comment="the case that was opened for it; where it returns when ungrouped",
    )
    observed_crash = models.BinaryField(
        db_comment="sanitizer report or stack trace of our own run: text, zstd"
    )
    title = CleanTextField(db_comment="copy of the report's title, for lists")
    package = CleanTextField(db_comment="copy of the claimed purl without version, to compare by")
    format = label("Format in which it arrived")
    shares_contact = models.BooleanField(
        db_comment="the finder agreed that the maintainer gets the contact"
    )
    raw = models.ForeignKey(
        RawDocument, on_delete=models.PROTECT, related_name="+", db_comment="the document"
    )
    report = models.BinaryField(db_comment="the whole Report: msgpack, zstd; never changed")

    class Meta:
        """Table."""

        db_table = "firstlight_finding"
        db_table_comment = "one row per report by one finder"
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="finding_newest"),
            models.Index(fields=["organisation", "-received_at", "-id"], name="finding_own"),
            models.Index(fields=["package"], name="finding_package"),
        ]


class FindingIdentifier(Record):
    """A public name (CVE, GHSA, ...) that a report gives its flaw."""

    finding = models.ForeignKey(
        FindingRecord, on_delete=models.CASCADE, related_name="+", db_comment="who names it so"
    )
    value = CleanTextField(db_comment="the name in capitals")

    class Meta:
        """Table."""

        db_table = "firstlight_finding_identifier"
        db_table_comment = "names of flaws, to find reports of the same one"
        constraints = [
            models.UniqueConstraint(fields=["value", "finding"], name="finding_identifier_once")
        ]


class FindingBand(Record):
    """A key under which texts that may be alike meet."""

    band = models.BigIntegerField(db_comment="made of four numbers of the text's sketch")
    finding = models.ForeignKey(
        FindingRecord,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_comment="whose text",
    )

    class Meta:
        """Table."""

        db_table = "firstlight_finding_band"
        db_table_comment = "sixteen for each finding with enough text; to find near-duplicates"
        constraints = [
            models.UniqueConstraint(fields=["band", "finding"], name="finding_band_once")
        ]


class DecisionRecord(Record):
    """A person's word on whether two findings are one flaw."""

    pair = models.CharField(
        max_length=2 * ID_LENGTH + 1,
        primary_key=True,
        db_comment="both FindingIds in order, joined by a colon: one word per pair",
    )
    left = identifier("FindingId")
    right = identifier("FindingId")
    same = models.BooleanField(db_comment="true confirms one flaw, false splits")
    by = label("who decided, as the ledger names people")
    at = models.DateTimeField(db_comment="when")
    reason = CleanTextField(db_comment="why, for a person")

    class Meta:
        """Table."""

        db_table = "firstlight_duplicate_decision"
        db_table_comment = "what people decided about duplicates; the latest word counts"
        indexes = [models.Index(fields=["left"], name="decision_left")]
