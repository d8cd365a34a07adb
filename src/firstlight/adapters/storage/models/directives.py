"""The table of what was recorded about duties. Triggers refuse every change and removal."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    CleanTextField,
    Record,
    identifier,
    label,
    optional_identifier,
)


class DutyEntry(Record):
    """One line of a duty's history."""

    id = identifier("HistoryId", primary_key=True)
    duty = label("key of the duty in the register")
    kind = label("EntryKind")
    on = models.DateField(db_comment="the day on which what is shown took place")
    text = CleanTextField(db_comment="what the evidence shows, or the reason")
    source = CleanTextField(db_comment="who published the evidence; empty for none")
    link = CleanTextField(db_comment="https address of the evidence; empty for none")
    withdraws = optional_identifier("HistoryId of the entry that was wrong; NULL otherwise")
    recorded_by = label("as the ledger names people; shown to those who read the ledger")
    recorded_as = label("Role in which it was recorded; shown to everyone")
    recorded_at = models.DateTimeField(db_comment="when")

    class Meta:
        """Table."""

        db_table = "firstlight_duty_entry"
        db_table_comment = "append-only; a trigger refuses UPDATE, DELETE and TRUNCATE"
        indexes = [models.Index(fields=["duty", "recorded_at"], name="duty_entry_in_order")]
        constraints = [models.UniqueConstraint(fields=["withdraws"], name="duty_withdrawn_once")]
