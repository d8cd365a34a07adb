"""The table of the outbound guard's verdicts."""

from __future__ import annotations

from django.db import models

from firstlight.adapters.storage.models.fields import (
    DIGEST_LENGTH,
    CleanTextField,
    Record,
    identifier,
    label,
    optional_identifier,
    tlp,
)


class VerdictRecord(Record):
    """One verdict, and the text that it was about, sealed."""

    id = identifier("VerdictId", primary_key=True)
    at = models.DateTimeField(db_comment="when it was given")
    channel = label("Channel: mail, webhook, document")
    key = models.CharField(max_length=220, db_comment="names what was to leave")
    verdict = label("Verdict")
    rule = label("Rule that it cites; empty for pass")
    rules = CleanTextField(db_comment="all rules that were broken, by commas")
    state = label("KeptState")
    marking = tlp()
    fingerprint = models.CharField(
        max_length=DIGEST_LENGTH, db_comment="SHA-256 of text and recipient"
    )
    key_name = label("names the key that the text is sealed with")
    sealed = models.BinaryField(db_comment="recipient, original and rewritten text: an envelope")
    decided_by = optional_identifier("PersonId who released or refused it")
    decided_at = models.DateTimeField(null=True, db_comment="when; NULL before that")
    reason = CleanTextField(db_comment="why, in the person's words")
    version = models.PositiveIntegerField(db_comment="grows with every change")

    class Meta:
        """Table."""

        db_table = "firstlight_guard_verdict"
        db_table_comment = "what the outbound guard said about each thing that was to leave"
        indexes = [
            models.Index(fields=["-at", "-id"], name="verdict_newest"),
            models.Index(fields=["state", "-at"], name="verdict_waiting"),
            models.Index(fields=["key", "-at"], name="verdict_of_key"),
        ]
