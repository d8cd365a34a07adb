"""Tables of work to do and of messages to send."""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from firstlight.adapters.storage.models.fields import CleanTextField, Record, identifier, label


class JobState(StrEnum):
    """Where a job stands; a job that is done has no row any more."""

    WAITING = "waiting"
    """to run when `run_at` has come"""
    RUNNING = "running"
    """a worker holds it"""
    FAILED = "failed"
    """tried too often; kept with its error until a person retries it"""


class JobRecord(Record):
    """A job, from the unit of work that asked for it until it is done."""

    id = identifier("JobId", primary_key=True)
    kind = label("the handler's name")
    key = CleanTextField(db_comment="at most one unfinished job has this key")
    payload = models.BinaryField(db_comment="identifiers: JSON, zstd")
    state = label("JobState")
    attempts = models.PositiveIntegerField(default=0, db_comment="tries that have begun")
    run_at = models.DateTimeField(db_comment="not before this moment")
    holder = label("the worker process that runs it (lease queue), else empty")
    leased_until = models.DateTimeField(
        null=True, db_comment="when another worker may take it over (lease queue)"
    )
    ticket = models.BigIntegerField(
        null=True, db_comment="Procrastinate's job that stands for it (PostgreSQL)"
    )
    error = CleanTextField(db_comment="what the last try said")
    failed_at = models.DateTimeField(null=True, db_comment="when it became poison")

    class Meta:
        """Table."""

        db_table = "firstlight_job"
        db_table_comment = "work that is not done yet, and poison with its error"
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=models.Q(state__in=[JobState.WAITING.value, JobState.RUNNING.value]),
                name="job_key_unfinished",
            )
        ]
        indexes = [
            models.Index(fields=["state", "run_at"], name="job_due"),
            models.Index(fields=["ticket"], name="job_ticket"),
        ]


class OutboxMessage(Record):
    """A message to deliver after the commit, at least once."""

    key = models.CharField(max_length=200, primary_key=True, db_comment="put once per key")
    kind = label("mail or webhook")
    to = CleanTextField(db_comment="address")
    subject = CleanTextField(db_comment="empty once delivered")
    body = CleanTextField(db_comment="empty once delivered: what was said is not kept twice")
    attempts = models.PositiveIntegerField(default=0, db_comment="deliveries that have begun")
    next_at = models.DateTimeField(
        null=True, db_comment="when to try next; NULL when delivered or given up"
    )
    delivered_at = models.DateTimeField(null=True, db_comment="when the other side took it")
    error = CleanTextField(db_comment="what the last try said")

    class Meta:
        """Table."""

        db_table = "firstlight_outbox"
        db_table_comment = "messages that leave when their unit of work has committed"
        indexes = [models.Index(fields=["next_at"], name="outbox_due")]
