"""The table of advisories."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.cases import CaseRecord
from firstlight.adapters.storage.models.fields import Record, identifier, label, tlp


class AdvisoryRecord(Record):
    """An advisory: columns to ask by, and the whole record."""

    id = identifier("AdvisoryId", primary_key=True)
    case = models.OneToOneField(
        CaseRecord, on_delete=models.PROTECT, related_name="advisory", db_comment="its case"
    )
    state = label("AdvisoryState")
    marking = tlp()
    public = models.BooleanField(
        db_comment="released to the public: published, or withdrawn after publication"
    )
    drafted_at = models.DateTimeField(db_comment="when it was drafted")
    go_live = models.DateTimeField(null=True, db_comment="not published before this moment")
    version = models.PositiveIntegerField(db_comment="grows with every change")
    body = models.BinaryField(db_comment="the whole Advisory: msgpack, zstd")

    class Meta:
        """Table."""

        db_table = "firstlight_advisory"
        db_table_comment = "what the world is told about a case"
        indexes = [
            models.Index(fields=["-drafted_at", "-id"], name="advisory_newest"),
            models.Index(fields=["state", "go_live"], name="advisory_due"),
        ]
