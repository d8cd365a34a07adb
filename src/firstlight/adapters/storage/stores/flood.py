"""Batches, their bytes, and candidates. Candidates go around the ORM: they come by the thousand."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO

import msgspec
from django.db import connections
from django.db.models import Sum

from firstlight.adapters.storage import codec, flood_rows
from firstlight.adapters.storage.models import (
    BatchBytes,
    BatchPack,
    BatchRecord,
    CandidateRecord,
)
from firstlight.core.clearinghouse.intake.flood import (
    Batch,
    BatchId,
    BatchState,
    Candidate,
    CandidateId,
    CandidateRow,
    Fault,
    Tally,
    candidate_key,
    key_of,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import FindingId, OrganisationId
from firstlight.usecases.ports.flood import Load, Pack

_LOOKUP = 500
"""keys per SELECT; SQLite bounds the variables of a statement"""
_COLUMNS = (
    *("key", "owner", "batch_id", "marking", "format", "position", "package", "rule", "title"),
    *("path", "line", "function", "level", "names", "content", "pack_id", "start", "size"),
    *("first_at", "changed_at"),
)
_MARKS = ", ".join(["%s"] * len(_COLUMNS))
# Another worker may have brought the same record meanwhile, on PostgreSQL; theirs stays.
_INSERT = (
    f"INSERT INTO firstlight_candidate ({', '.join(_COLUMNS)}) VALUES ({_MARKS})"  # noqa: S608
    " ON CONFLICT (key) DO NOTHING"
)
_CHANGING = (
    *("batch_id", "position", "package", "rule", "title", "path", "line", "function", "level"),
    *("names", "content", "pack_id", "start", "size", "changed_at"),
)
_UPDATE = (
    f"UPDATE firstlight_candidate SET {', '.join(f'{name} = %s' for name in _CHANGING)}"  # noqa: S608
    " WHERE key = %s"
)
_Key = bytes


class Batches:
    """`BatchStore` over one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._rows = BatchRecord.objects.using(using)
        self._pieces = BatchBytes.objects.using(using)
        self._packs = BatchPack.objects.using(using)
        self._candidates = CandidateRecord.objects.using(using)

    def add(self, batch: Batch) -> None:
        """Keep a new one."""
        row = BatchRecord(
            id=str(batch.id),
            owner=str(batch.owner),
            name=batch.name,
            marking=batch.marking.value,
            opened_at=batch.opened_at.utc,
            purl=batch.purl,
            **flood_rows.changing(batch),
        )
        row.save(using=self._using, force_insert=True)

    def get(self, identifier: BatchId) -> Batch:
        """Raises Missing."""
        return self._one(self._rows.filter(pk=str(identifier)).first(), identifier)

    def lock(self, identifier: BatchId) -> Batch:
        """Raises Missing."""
        found = self._rows.select_for_update().filter(pk=str(identifier)).first()
        return self._one(found, identifier)

    @staticmethod
    def _one(row: BatchRecord | None, identifier: BatchId) -> Batch:
        if row is None:
            raise Missing(f"there is no batch {identifier} for you")
        return flood_rows.batch(row)

    def save(self, batch: Batch) -> None:
        """What may change."""
        self._rows.filter(pk=str(batch.id)).update(**flood_rows.changing(batch))

    def load(self, owner: OrganisationId, since: Instant) -> Load:
        """By the batches' own sums; a batch counts from its opening."""
        mine = self._rows.filter(owner=str(owner))
        states = (BatchState.RECEIVING.value, BatchState.WAITING.value)
        return Load(
            bytes_since=_sum(mine.filter(opened_at__gt=since.utc)),
            bytes_waiting=_sum(mine.filter(state__in=states)),
            backlog=_sum(self._rows.filter(state__in=states)),
            open=mine.filter(state=BatchState.RECEIVING.value).count(),
        )

    def append(self, identifier: BatchId, offset: int, data: bytes, now: Instant) -> None:
        """Compressed; the table refuses a second piece at the same place."""
        BatchBytes(
            batch_id=str(identifier),
            start=offset,
            size=len(data),
            data=codec.squeeze(data),
            at=now.utc,
        ).save(using=self._using, force_insert=True)

    def open(self, identifier: BatchId) -> BinaryIO:
        """The bytes as a file."""
        return io.BufferedReader(_Pieces(self._using, str(identifier)), 1 << 20)

    def drop_bytes(self, identifier: BatchId) -> None:
        """Forget the bytes."""
        self._pieces.filter(batch_id=str(identifier)).delete()

    def keep(self, batch: Batch, pack: Pack, now: Instant) -> Tally:
        """Only what is new or changed goes into the pack; known bytes are stored once."""
        keyed = {candidate_key(batch.owner, identity): one for identity, one in pack.records}
        before = self._contents(keyed)
        fresh = [(key, one) for key, one in keyed.items() if key not in before]
        changed = [
            (key, one) for key, one in keyed.items() if key in before and before[key] != one.content
        ]
        stored = self._pack(batch, pack, [one for _, one in (*fresh, *changed)])
        moment = connections[self._using].ops.adapt_datetimefield_value(now.utc)
        inserted = self._write(batch, stored, fresh, changed, moment)
        return Tally(
            fresh=inserted,
            changed=len(changed),
            known=len(keyed) - inserted - len(changed),
        )

    def _contents(self, keyed: Mapping[_Key, Candidate]) -> Mapping[_Key, bytes]:
        found: dict[_Key, bytes] = {}
        keys = iter(keyed)
        with connections[self._using].cursor() as cursor:
            while batch := list(islice(keys, _LOOKUP)):
                marks = ", ".join(["%s"] * len(batch))
                cursor.execute(
                    f"SELECT key, content FROM firstlight_candidate WHERE key IN ({marks})",  # noqa: S608  # marks alone
                    batch,
                )
                found |= {bytes(key): bytes(content) for key, content in cursor.fetchall()}
        return found

    def _pack(self, batch: Batch, pack: Pack, kept: Sequence[Candidate]) -> int:
        faults = [{"position": f.position, "code": f.code, "reason": f.reason} for f in pack.faults]
        row = BatchPack(
            batch_id=str(batch.id),
            start=pack.start,
            leaves=pack.leaves,
            data=codec.squeeze(b"".join(one.document for one in kept)),
            faults=codec.pack_json(faults),
        )
        row.save(using=self._using, force_insert=True)
        return int(row.pk)

    def _write(
        self,
        batch: Batch,
        pack: int,
        fresh: Sequence[tuple[_Key, Candidate]],
        changed: Sequence[tuple[_Key, Candidate]],
        moment: Any,  # noqa: ANN401  # as the vendor keeps it
    ) -> int:
        places = _places((*fresh, *changed))
        owner, name, marking = str(batch.owner), str(batch.id), batch.marking.value
        with connections[self._using].cursor() as cursor:
            inserted = 0
            if fresh:
                cursor.executemany(
                    _INSERT,
                    [
                        (
                            *(key, owner, name, marking, one.format.value, one.position),
                            *(one.package, one.rule, one.title, one.path, one.line, one.function),
                            *(one.level, one.names, one.content, pack, start, len(one.document)),
                            *(moment, moment),
                        )
                        for (key, one), start in zip(fresh, places, strict=False)
                    ],
                )
                inserted = int(cursor.rowcount)
            if changed:
                cursor.executemany(
                    _UPDATE,
                    [
                        (
                            *(name, one.position, one.package, one.rule, one.title, one.path),
                            *(one.line, one.function, one.level, one.names, one.content, pack),
                            *(start, len(one.document), moment, key),
                        )
                        for (key, one), start in zip(changed, places, strict=True)
                    ],
                )
        return inserted

    def faults(self, identifier: BatchId) -> Sequence[Fault]:
        """In the order of the file."""
        rows = self._packs.filter(batch_id=str(identifier)).order_by("start")
        return tuple(
            msgspec.convert(fault, Fault)
            for packed in rows.values_list("faults", flat=True)
            for fault in codec.unpack_json(packed)
        )

    def candidate(self, identifier: CandidateId) -> tuple[CandidateRow, OrganisationId]:
        """Raises Missing."""
        row = self._candidates.filter(key=key_of(identifier)).first()
        if row is None:
            raise Missing(f"there is no {identifier} for you")
        return flood_rows.candidate(row), OrganisationId(row.owner)

    def document(self, identifier: CandidateId) -> bytes:
        """Raises Missing."""
        found = self._candidates.filter(key=key_of(identifier))
        row = found.values_list("pack__data", "start", "size").first()
        if row is None:
            raise Missing(f"there is no {identifier} for you")
        data, start, size = row
        return codec.unsqueeze(data)[start : start + size]

    def promoted(self, identifier: CandidateId, finding: FindingId) -> None:
        """Remember the report."""
        self._candidates.filter(key=key_of(identifier)).update(finding_id=str(finding))


def _places(kept: Sequence[tuple[_Key, Candidate]]) -> Iterator[int]:
    """Where each document begins in the pack."""
    at = 0
    for _, one in kept:
        yield at
        at += len(one.document)


def _sum(rows: Any) -> int:  # noqa: ANN401  # a query set
    return int(rows.aggregate(total=Sum("size"))["total"] or 0)


class _Pieces(io.RawIOBase):
    """Pieces of a file in their order, one of them in memory."""

    def __init__(self, using: str, batch: str) -> None:
        super().__init__()
        rows = BatchBytes.objects.using(using).filter(batch_id=batch).order_by("start")
        self._rows = BatchBytes.objects.using(using)
        self._index = list(rows.values_list("pk", "start", "size"))
        self._end = self._index[-1][1] + self._index[-1][2] if self._index else 0
        self._at = 0
        self._held: tuple[int, bytes] = (0, b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """From the start, from here, or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # a writable buffer
        """As much as the present piece holds."""
        start, data = self._held
        if not start <= self._at < start + len(data):
            found = [one for one in self._index if one[1] <= self._at < one[1] + one[2]]
            if not found:
                return 0
            stored = self._rows.values_list("data", flat=True).get(pk=found[0][0])
            start, data = self._held = (found[0][1], codec.unsqueeze(stored))
        part = data[self._at - start : self._at - start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)
