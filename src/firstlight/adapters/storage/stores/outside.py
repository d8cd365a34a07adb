"""Messages to send, catalogues of others, and answers already given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

import msgspec
from django.db import IntegrityError, connections, transaction

from firstlight.adapters.storage import codec, translate
from firstlight.adapters.storage.models import (
    IdempotentAnswer,
    OutboxMessage,
    SourceRecord,
    SourceRow,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict
from firstlight.usecases.ports import Message, SourceStatus

_BATCH = 2_000
"""rows per INSERT of a catalogue; EPSS has some 300,000"""
_LOOKUP = 500
"""keys per SELECT; SQLite bounds the variables of a statement"""


class Messages:
    """`Outbox` over one database."""

    def __init__(self, using: str) -> None:
        self._rows = OutboxMessage.objects.using(using)

    def put(self, message: Message, *, key: str) -> None:
        """Idempotent by key."""
        row = OutboxMessage(
            key=key,
            kind=message.kind,
            to=message.to,
            subject=message.subject,
            body=message.body,
            next_at=datetime.now(UTC),
        )
        self._rows.bulk_create([row], ignore_conflicts=True)


class Sources:
    """`SourceStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._records = SourceRecord.objects.using(using)
        self._rows = SourceRow.objects.using(using)

    def replace(self, status: SourceStatus, rows: Iterable[tuple[str, Mapping[str, Json]]]) -> None:
        """The rows before go, whatever the new ones are."""
        with connections[self._using].cursor() as cursor:
            # Plain SQL: the ORM's delete() would first read every row in order to cascade.
            cursor.execute("DELETE FROM firstlight_source_row WHERE source_id = %s", [status.name])
        SourceRecord(
            name=status.name,
            version=status.version,
            dated=status.dated,
            loaded_at=status.loaded_at.utc,
            origin=status.origin,
            count=status.count,
        ).save(using=self._using)
        for batch in _batches(rows):
            self._rows.bulk_create(
                SourceRow(source_id=status.name, key=key, facts=msgspec.json.encode(facts))
                for key, facts in batch
            )

    def status(self, name: str) -> SourceStatus | None:
        """None when it was never loaded."""
        row = self._records.filter(pk=name).first()
        return translate.source_status(row) if row else None

    def lookup(self, name: str, keys: Sequence[str]) -> Mapping[str, Mapping[str, Json]]:
        """The rows of these keys."""
        found: dict[str, Mapping[str, Json]] = {}
        for start in range(0, len(keys), _LOOKUP):
            rows = self._rows.filter(source_id=name, key__in=keys[start : start + _LOOKUP])
            found |= {
                key: msgspec.json.decode(bytes(facts))
                for key, facts in rows.values_list("key", "facts")
            }
        return found


def _batches(
    rows: Iterable[tuple[str, Mapping[str, Json]]],
) -> Iterator[list[tuple[str, Mapping[str, Json]]]]:
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        yield batch


class Answers:
    """`IdempotencyStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = IdempotentAnswer.objects.using(using)

    def get(self, scope: str, key: str) -> tuple[str, Json] | None:
        """The request's digest and the stored answer."""
        row = self._rows.filter(scope=scope, key=key).first()
        return (row.request_digest, codec.unpack_json(row.answer)) if row else None

    def put(self, scope: str, key: str, request_digest: str, answer: Json, now: Instant) -> None:
        """Raises Conflict when another request took the key first."""
        row = IdempotentAnswer(
            scope=scope,
            key=key,
            request_digest=request_digest,
            answer=codec.pack_json(answer),
            at=now.utc,
        )
        try:
            with transaction.atomic(using=self._using):
                row.save(using=self._using, force_insert=True)
        except IntegrityError as error:
            raise Conflict(
                "another request with this idempotency key was first",
                hint="Send it again to get the stored answer.",
            ) from error
