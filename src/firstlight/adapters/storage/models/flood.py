"""Tables of the flood: batches, their bytes until they are read, packs of records, candidates."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    CleanTextField,
    Record,
    identifier,
    label,
    tlp,
)
from firstlight.adapters.storage.models.findings import FindingRecord


class BatchRecord(Record):
    """A file of many records."""

    id = identifier("BatchId", primary_key=True)
    owner = identifier("OrganisationId in identity: who sends it")
    name = CleanTextField(db_comment="the file's name, for people")
    marking = tlp()
    state = label("BatchState")
    opened_at = models.DateTimeField(db_comment="when sending began")
    ended_at = models.DateTimeField(null=True, db_comment="when it was read, broken or cancelled")
    size = models.PositiveBigIntegerField(db_comment="bytes received so far")
    digest = models.CharField(
        max_length=DIGEST_LENGTH, db_comment="SHA-256 (hex) of the file; empty until it is whole"
    )
    purl = CleanTextField(db_comment="package of records that name none")
    trouble = CleanTextField(db_comment="where and why it broke off; empty otherwise")
    fresh = models.PositiveIntegerField(db_comment="new candidates")
    changed = models.PositiveIntegerField(db_comment="known by identity, with other content")
    known = models.PositiveIntegerField(db_comment="there already, byte for byte")
    passed = models.PositiveIntegerField(db_comment="report no problem, or were suppressed")
    failed = models.PositiveIntegerField(db_comment="cannot be read")

    class Meta:
        """Table."""

        db_table = "firstlight_batch"
        db_table_comment = "files of many records, from the first byte to the last record"
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="batch_newest"),
            models.Index(fields=["owner", "-opened_at", "-id"], name="batch_own"),
        ]


class BatchBytes(Record):
    """A piece of a file that is not read yet."""

    batch = models.ForeignKey(
        BatchRecord, on_delete=models.PROTECT, related_name="pieces", db_comment="of which"
    )
    start = models.PositiveBigIntegerField(db_comment="byte of the file where it begins")
    size = models.PositiveIntegerField(db_comment="bytes before compression")
    data = models.BinaryField(db_comment="the bytes, zstd")
    at = models.DateTimeField(db_comment="when it was received")

    class Meta:
        """Table."""

        db_table = "firstlight_batch_bytes"
        db_table_comment = "gone when the batch has been read; the records are kept"
        constraints = [models.UniqueConstraint(fields=["batch", "start"], name="batch_bytes_once")]


class BatchPack(Record):
    """Records that were stored together."""

    batch = models.ForeignKey(
        BatchRecord, on_delete=models.PROTECT, related_name="packs", db_comment="of which"
    )
    start = models.PositiveIntegerField(db_comment="records of the batch before it")
    leaves = models.BinaryField(db_comment="Merkle leaves of all records in it, 32 bytes each")
    data = models.BinaryField(db_comment="documents of new and changed candidates, zstd")
    faults = models.BinaryField(db_comment="records that cannot be read: JSON, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_batch_pack"
        db_table_comment = "one transaction and one ledger entry each; never changed"
        constraints = [models.UniqueConstraint(fields=["batch", "start"], name="batch_pack_once")]


class CandidateRecord(Record):
    """A record of a batch, kept once."""

    key = models.BinaryField(
        max_length=16, unique=True, db_comment="made of owner and identity; CandidateId as bytes"
    )
    owner = identifier("OrganisationId in identity: who sent it")
    batch = models.ForeignKey(
        BatchRecord,
        on_delete=models.PROTECT,
        related_name="candidates",
        db_index=False,
        db_comment="which brought its present content",
    )
    marking = tlp()
    format = label("Format")
    position = CleanTextField(db_comment="its place in the file")
    package = CleanTextField(db_comment="purl without version; empty when unknown")
    rule = CleanTextField(db_comment="the tool's rule, or the weakness")
    title = CleanTextField(db_comment="for lists")
    path = CleanTextField(db_comment="file inside the source")
    line = models.PositiveIntegerField(null=True, db_comment="where it is now")
    function = CleanTextField(db_comment="as far as the record names it")
    level = label("the tool's own word")
    names = CleanTextField(db_comment="public names of the flaw in capitals, by blanks")
    content = models.BinaryField(max_length=32, db_comment="Merkle leaf of the document")
    pack = models.ForeignKey(
        BatchPack,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_comment="holds the document",
    )
    start = models.PositiveIntegerField(db_comment="byte of the unpacked pack where it begins")
    size = models.PositiveIntegerField(db_comment="bytes of the document")
    first_at = models.DateTimeField(db_comment="when it first came")
    changed_at = models.DateTimeField(db_comment="when its present content came")
    finding = models.ForeignKey(
        FindingRecord,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_comment="the report that was made of it; NULL for none",
    )

    class Meta:
        """Table."""

        db_table = "firstlight_candidate"
        db_table_comment = "what scanners say; no report until a person makes it one"
        indexes = [models.Index(fields=["owner", "-id"], name="candidate_own")]
