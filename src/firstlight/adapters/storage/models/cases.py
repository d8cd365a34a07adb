"""Tables of cases, their parties and their evidence, and of proposed patches."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    CleanTextField,
    Record,
    identifier,
    label,
    optional_identifier,
    tlp,
)


class CaseRecord(Record):
    """A case: one flaw, whoever reported it."""

    id = identifier("CaseId", primary_key=True)
    number = models.CharField(max_length=20, unique=True, db_comment="for people: FL-2026-0001")
    title = CleanTextField(db_comment="for people")
    package = CleanTextField(db_comment="purl without version, empty when unknown")
    state = label("CaseState")
    marking = tlp()
    opened_at = models.DateTimeField(db_comment="when it was opened")
    merged_into = optional_identifier("the CaseId that goes on, when merged")
    version = models.PositiveIntegerField(db_comment="grows with every change")

    class Meta:
        """Table."""

        db_table = "firstlight_case"
        db_table_comment = "one row per flaw"
        indexes = [models.Index(fields=["-opened_at", "-id"], name="case_newest")]


class CaseNumber(Record):
    """The counter behind the numbers for people."""

    year = models.PositiveIntegerField(primary_key=True, db_comment="calendar year (UTC)")
    last = models.PositiveIntegerField(db_comment="the number given last")

    class Meta:
        """Table."""

        db_table = "firstlight_case_number"
        db_table_comment = "one row per year; its lock makes sure no number is given twice"


class CaseParty(Record):
    """An organisation in a case."""

    case = models.ForeignKey(
        CaseRecord, on_delete=models.PROTECT, related_name="parties", db_comment="the case"
    )
    organisation = identifier("OrganisationId in identity")
    role = label("PartyRole")
    raw_feed = models.BooleanField(db_comment="asked to see reports before validation")

    class Meta:
        """Table."""

        db_table = "firstlight_case_party"
        db_table_comment = "who may see a case, and why"
        constraints = [
            models.UniqueConstraint(fields=["case", "organisation", "role"], name="case_party_once")
        ]
        indexes = [models.Index(fields=["organisation", "case"], name="case_party_mine")]


class EvidenceRecord(Record):
    """What one validation or verification showed."""

    id = identifier("EvidenceId", primary_key=True)
    case = models.ForeignKey(
        CaseRecord, on_delete=models.PROTECT, related_name="evidence", db_comment="the case"
    )
    kind = label("EvidenceKind")
    finding = models.ForeignKey(
        "storage.FindingRecord",
        on_delete=models.PROTECT,
        null=True,
        related_name="evidence",
        db_comment="the finding that was validated",
    )
    patch = optional_identifier("the PatchId that was verified")
    target = CleanTextField(db_comment="identifier of the target, empty when none fits")
    outcome = label("kind of the outcome")
    summary = CleanTextField(db_comment="one sentence for a person")
    level = label("containment level of the runs")
    at = models.DateTimeField(db_comment="when it was recorded")
    body = models.BinaryField(db_comment="runs, logs, environment: JSON, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_evidence"
        db_table_comment = "never changed; a new try is new evidence"
        indexes = [models.Index(fields=["case", "at", "id"], name="evidence_of_case")]


class PatchRecord(Record):
    """A proposed patch."""

    id = identifier("PatchId", primary_key=True)
    case = models.ForeignKey(
        CaseRecord, on_delete=models.PROTECT, related_name="patches", db_comment="the case"
    )
    diff = models.BinaryField(db_comment="unified diff, UTF-8, zstd")
    author = label("who proposed it, as the ledger names people")
    proposed_at = models.DateTimeField(db_comment="when")
    state = label("PatchState")

    class Meta:
        """Table."""

        db_table = "firstlight_patch"
        db_table_comment = "proposed patches and the verdict on each"
        indexes = [models.Index(fields=["case", "proposed_at", "id"], name="patch_of_case")]
