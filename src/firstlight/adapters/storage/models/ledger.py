"""Tables of the ledger. Triggers refuse every change and removal of an entry."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    CleanTextField,
    Record,
    identifier,
    label,
)


class LedgerHead(Record):
    """One row whose lock puts appends in order."""

    only = models.PositiveSmallIntegerField(primary_key=True, db_comment="always 1")
    size = models.PositiveBigIntegerField(db_comment="entries so far: the next index")

    class Meta:
        """Table."""

        db_table = "firstlight_ledger_head"
        db_table_comment = "locked by whoever appends, until the commit"


class LedgerEntry(Record):
    """Who did what to what, when, under which rule."""

    index = models.PositiveBigIntegerField(primary_key=True, db_comment="0, 1, 2, ... without gap")
    id = models.CharField(max_length=30, unique=True, db_comment="EntryId")
    at = models.DateTimeField(db_comment="when, to the microsecond: part of what is hashed")
    actor = label("PersonId, or the role of who has none")
    action = label("name of the action in the access table")
    subject = identifier("identifier of what it was done to")
    rule = CleanTextField(db_comment="the rule under which it was done")
    facts = models.BinaryField(db_comment="what happened: JSON, zstd")
    sequence = models.PositiveIntegerField(db_comment="1, 2, 3, ... within the subject")
    previous = models.CharField(
        max_length=DIGEST_LENGTH, db_comment="commitment (hex) of the subject's entry before"
    )
    salt = models.BinaryField(db_comment="16 random bytes; secret until the entry is opened")
    commitment = models.BinaryField(db_comment="SHA-256(salt || RFC 8785 bytes): the leaf")

    class Meta:
        """Table."""

        db_table = "firstlight_ledger_entry"
        db_table_comment = "append-only; a trigger refuses UPDATE, DELETE and TRUNCATE"
        constraints = [
            models.UniqueConstraint(fields=["subject", "sequence"], name="ledger_sequence_once")
        ]


class Checkpoint(Record):
    """A signed statement of the ledger's root at one size."""

    size = models.PositiveBigIntegerField(primary_key=True, db_comment="entries it speaks of")
    note = CleanTextField(db_comment="the signed note as it was published")

    class Meta:
        """Table."""

        db_table = "firstlight_ledger_checkpoint"
        db_table_comment = "kept so that later checkpoints can be proved consistent with them"
