"""Take in a flood: receive a file in pieces, read it in the background, make reports of candidates.

A file is acknowledged piece by piece and read by a worker afterwards, so that a flood fills a queue
and not the portal. Every pack of records is one transaction with one ledger entry, which holds the
Merkle root over the pack. After a cut, sending goes on at the byte and reading at the record that
was stored last; a record that comes again adds nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from firstlight.core.clearinghouse.finding import Report
from firstlight.core.clearinghouse.intake.flood import (
    BATCH_MOVES,
    QUOTA,
    Batch,
    BatchId,
    BatchState,
    Broken,
    Candidate,
    CandidateId,
    Fault,
    Passed,
    Quota,
    Read,
    Tally,
    Turns,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, Refused, TooLarge, TooMany
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.merkle import Tree
from firstlight.core.kernel.parties import SYSTEM, Actor
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action, Thing, admits, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.findings.submit import Receipt, submit
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.flood import Pack, RecordReader

PACK_RECORDS = 5_000
PACK_BYTES = 8 << 20
_RETRY_SECONDS = 60
_AT_ONCE = 1 << 20
_NAME = 200


class WrongPlace(Conflict):
    """The piece does not start where the last one ended."""

    code = "batch.wrong_place"
    next_step = "Go on at the byte that `expected` names."


class NoOrganisation(Refused):
    """A flood needs somebody who answers for it."""

    code = "batch.no_organisation"
    next_step = "Send it with the token of an organisation; single reports may be anonymous."


@dataclass(frozen=True, kw_only=True)
class Promoted:
    """What became of a candidate."""

    candidate: CandidateId
    receipt: Receipt


def open_batch(
    context: Context,
    actor: Actor,
    *,
    name: str,
    marking: Marking,
    purl: str = "",
    quota: Quota = QUOTA,
) -> Batch:
    """Begin to send a file.

    Raises:
        Refused: the actor may not, or speaks for no organisation.
        TooMany: the organisation's share is used up; `retry_after` says for how long.
    """
    allow(actor, Action.FINDING_IMPORT)
    if actor.organisation is None:
        raise NoOrganisation
    now = context.clock.now()
    batch = Batch(
        id=context.mint.new(BatchId, now),
        owner=actor.organisation,
        name=" ".join(name.split())[:_NAME],
        marking=marking,
        state=BatchState.RECEIVING,
        opened_at=now,
        purl=purl,
    )
    with context.storage.begin() as work:
        _within(work, batch, now, quota, opening=True)
        work.batches.add(batch)
        _tell(
            context, work, batch, actor=actor, now=now, rule="a file of many records is announced"
        )
    return batch


def add_piece(
    context: Context,
    actor: Actor,
    identifier: BatchId,
    *,
    offset: int,
    data: bytes,
    quota: Quota = QUOTA,
) -> Batch:
    """Receive the bytes from `offset` on; the same piece twice changes nothing.

    Raises:
        Missing: no such batch of the actor's organisation.
        WrongPlace: bytes before this piece are missing, or it overlaps.
        MoveNotAllowed: the batch takes no more.
        TooLarge: of the piece, or of the whole file.
        TooMany: the organisation's share is used up; `retry_after` says for how long.
    """
    if not 0 < len(data) <= quota.piece:
        raise TooLarge(f"a piece has 1 to {quota.piece} bytes", limit=quota.piece)
    now = context.clock.now()
    with context.storage.begin() as work:
        batch = _mine(work, actor, identifier)
        if offset + len(data) == batch.size:
            return batch
        if batch.state is not BatchState.RECEIVING:
            raise Conflict(f"{identifier} takes no more bytes", state=batch.state.value)
        if offset != batch.size:
            raise WrongPlace(f"{batch.size} bytes are here", expected=batch.size)
        if batch.size + len(data) > quota.file:
            raise TooLarge(f"a file has at most {quota.file} bytes", limit=quota.file)
        _within(work, batch, now, quota, opening=False)
        work.batches.append(identifier, offset, data, now)
        grown = replace(batch, size=batch.size + len(data))
        work.batches.save(grown)
        _tell(
            context,
            work,
            grown,
            actor=actor,
            now=now,
            rule="a piece is acknowledged when it is kept",
            offset=offset,
            bytes=len(data),
        )
    return grown


def close_batch(context: Context, actor: Actor, identifier: BatchId) -> Batch:
    """Say that all bytes are here; a worker reads them. Closing twice changes nothing.

    Raises:
        Missing: no such batch of the actor's organisation.
        Invalid: it has no bytes.
        MoveNotAllowed: it was cancelled.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        batch = _mine(work, actor, identifier)
        if batch.state in {BatchState.WAITING, BatchState.READ, BatchState.BROKEN}:
            return batch
        move = BATCH_MOVES.apply("close", batch.state, actor.role)
        if not batch.size:
            raise Invalid("the file is empty", hint="Send its bytes first.")
        with work.batches.open(identifier) as file:
            whole = _digest(file)
        closed = replace(batch, state=move.target, digest=whole)
        work.batches.save(closed)
        _tell(
            context,
            work,
            closed,
            actor=actor,
            now=now,
            rule=move.rule,
            bytes=closed.size,
            document=whole,
        )
        work.jobs.enqueue(jobs.READ_BATCH, {"batch": str(identifier)}, key=f"read {identifier}")
    return closed


def cancel_batch(context: Context, actor: Actor, identifier: BatchId) -> Batch:
    """Stop sending; the bytes go, and nothing was read.

    Raises:
        Missing: no such batch of the actor's organisation.
        MoveNotAllowed: all of it is here already.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        batch = _mine(work, actor, identifier)
        move = BATCH_MOVES.apply("cancel", batch.state, actor.role)
        work.batches.drop_bytes(identifier)
        gone = replace(batch, state=move.target, ended_at=now)
        work.batches.save(gone)
        _tell(context, work, gone, actor=actor, now=now, rule=move.rule)
    return gone


def read_batch(
    context: Context, identifier: BatchId, read: RecordReader, quota: Quota = QUOTA
) -> Batch:
    """Do the job: read the file from the record where reading was cut off."""
    with context.storage.look() as work:
        batch = work.batches.get(identifier)
        if batch.state is not BatchState.WAITING:
            return batch
        with work.batches.open(identifier) as file:
            batch = take_in(context, batch, file, read, quota)
    return batch


def give_up_reading(context: Context, identifier: BatchId) -> None:
    """Say that nothing came of the tries, so that nobody waits for a file that is never read."""
    now = context.clock.now()
    with context.storage.begin() as work:
        batch = work.batches.lock(identifier)
        if batch.state is not BatchState.WAITING:
            return
        move = BATCH_MOVES.apply("break off", batch.state, SYSTEM.role)
        work.batches.drop_bytes(identifier)
        trouble = f"record {batch.tally.looked_at}: every attempt broke off; please send it again"
        gone = replace(batch, state=move.target, trouble=trouble, ended_at=now)
        work.batches.save(gone)
        _tell(context, work, gone, actor=SYSTEM, now=now, rule=move.rule)


def take_in(
    context: Context, batch: Batch, file: BinaryIO, read: RecordReader, quota: Quota = QUOTA
) -> Batch:
    """Store the records of a file, pack by pack."""
    skip = batch.tally.looked_at
    turns = Turns()
    for gathered in _packs(read(file, batch.purl), turns, skip, quota):
        batch = _keep(context, batch, gathered, quota)
    return batch


@dataclass
class _Gathered:
    """Records on their way into one pack."""

    start: int
    candidates: dict[bytes, Candidate] = field(default_factory=dict)
    leaves: list[bytes] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    passed: int = 0
    size: int = 0
    end: Broken | None = None
    last: bool = False

    @property
    def looked_at(self) -> int:
        """Records in it."""
        return len(self.leaves) + len(self.faults) + self.passed

    @property
    def full(self) -> bool:
        """Whether the next record belongs into the next pack."""
        return self.looked_at >= PACK_RECORDS or self.size >= PACK_BYTES

    def add(self, one: Read, turns: Turns, quota: Quota) -> None:
        """Sort a record in."""
        if isinstance(one, Candidate):
            self.candidates[turns.identity(one)] = one
            self.leaves.append(one.content)
            self.size += len(one.document)
        elif isinstance(one, Fault):
            self.faults.append(one)
        elif isinstance(one, Passed):
            self.passed += 1
        else:
            self.end = one
        if self.start + self.looked_at >= quota.records and self.end is None:
            error = TooLarge(f"a file has at most {quota.records} records", limit=quota.records)
            self.end = Broken(one.position, error)


def _packs(records: Iterator[Read], turns: Turns, skip: int, quota: Quota) -> Iterator[_Gathered]:
    """Packs of the records beyond the first `skip`, whose turns are counted all the same."""
    for _ in range(skip):
        one = next(records, None)
        if isinstance(one, Candidate):
            turns.identity(one)
    pack = _Gathered(start=skip)
    for one in records:
        pack.add(one, turns, quota)
        if pack.end:
            break
        if pack.full:
            yield pack
            pack = _Gathered(start=pack.start + pack.looked_at)
    pack.last = True
    yield pack


def _keep(context: Context, batch: Batch, gathered: _Gathered, quota: Quota) -> Batch:
    """Store a pack with its ledger entry; who was overtaken by another worker stores nothing."""
    now = context.clock.now()
    with context.storage.begin() as work:
        stored = work.batches.lock(batch.id)
        if stored.state is not BatchState.WAITING or stored.tally.looked_at != gathered.start:
            raise Conflict(f"another worker reads {batch.id}")
        room = max(quota.faults - stored.tally.failed, 0)
        pack = Pack(
            start=gathered.start,
            records=tuple(gathered.candidates.items()),
            leaves=b"".join(gathered.leaves),
            faults=tuple(gathered.faults[:room]),
        )
        kept = work.batches.keep(stored, pack, now)
        repeated = len(gathered.leaves) - len(gathered.candidates)
        part = kept + Tally(known=repeated, passed=gathered.passed, failed=len(gathered.faults))
        changed = replace(stored, tally=stored.tally + part)
        if gathered.last:
            changed = _ended(work, changed, gathered.end, now)
        work.batches.save(changed)
        _tell(
            context,
            work,
            changed,
            actor=SYSTEM,
            now=now,
            rule="records are kept once each",
            start=gathered.start,
            root=Tree(gathered.leaves).root().hex(),
            leaves=len(gathered.leaves),
            fresh=part.fresh,
            changed=part.changed,
            known=part.known,
            failed=part.failed,
            state=changed.state.value,
        )
    return changed


def _ended(work: UnitOfWork, batch: Batch, end: Broken | None, now: Instant) -> Batch:
    move = BATCH_MOVES.apply("break off" if end else "finish", batch.state, SYSTEM.role)
    trouble = f"{end.position}: {end.error.message}" if end else ""
    work.batches.drop_bytes(batch.id)
    return replace(batch, state=move.target, trouble=trouble, ended_at=now)


def promote(
    context: Context,
    actor: Actor,
    identifier: CandidateId,
    read_one: Callable[[bytes], Sequence[Report]],
) -> Promoted:
    """Make a report of a candidate; doing it twice gives the same report.

    Raises:
        Missing: no such candidate that the actor may see.
        Refused: the actor may not submit.
        Invalid: the strict reader of reports refuses the record.
    """
    allow(actor, Action.FINDING_IMPORT)
    with context.storage.look() as work:
        row, owner = work.batches.candidate(identifier)
        thing = Thing(marking=row.marking, owner=owner)
        if not admits(actor, Action.FINDING_READ, thing):
            raise Missing(f"there is no {identifier} for you")
        allow(actor, Action.FINDING_SUBMIT, thing)
        raw = work.batches.document(identifier)
    # A coordinator acts for the finder: the report is the finder's, with its credit.
    finder = replace(actor, organisation=owner)
    receipts = submit(context, finder, read_one(raw), raw, row.marking)
    with context.storage.begin() as work:
        work.batches.promoted(identifier, receipts[0].finding)
        record(
            context,
            work,
            now=context.clock.now(),
            actor=actor,
            action=Action.FINDING_SUBMIT,
            subject=str(identifier),
            rule="a candidate becomes a report when a person asks for it",
            facts={"finding": str(receipts[0].finding)},
        )
    return Promoted(candidate=identifier, receipt=receipts[0])


def _digest(file: BinaryIO) -> str:
    """SHA-256 (hex), a piece at a time."""
    whole = hashlib.sha256()
    while data := file.read(_AT_ONCE):
        whole.update(data)
    return whole.hexdigest()


def _mine(work: UnitOfWork, actor: Actor, identifier: BatchId) -> Batch:
    allow(actor, Action.FINDING_IMPORT)
    batch = work.batches.lock(identifier)
    # Sending into the batch of another is nobody's business, whatever may be read.
    if batch.owner != actor.organisation:
        raise Missing(f"there is no batch {identifier} for you")
    return batch


def _within(work: UnitOfWork, batch: Batch, now: Instant, quota: Quota, *, opening: bool) -> None:
    """Raises TooMany."""
    load = work.batches.load(batch.owner, Instant(now.utc - quota.window))
    if opening and load.open >= quota.open:
        raise TooMany(
            f"{load.open} files are being sent at once",
            hint="Close or cancel one of them first.",
            retry_after=_RETRY_SECONDS,
        )
    if load.backlog > quota.backlog:
        raise TooMany(
            "more has been received than can be read at the moment",
            hint="Go on in a minute; what was acknowledged is safe.",
            retry_after=_RETRY_SECONDS,
        )
    if load.bytes_waiting > quota.waiting:
        raise TooMany(
            "much of what you sent is still to be read",
            hint="Go on when it has been read; what was acknowledged is safe.",
            retry_after=_RETRY_SECONDS,
        )
    if load.bytes_since > quota.bytes:
        raise TooMany(
            f"your organisation has sent {load.bytes_since} bytes in a day",
            hint="Go on tomorrow, or ask the operator for a larger share.",
            limit=quota.bytes,
            retry_after=int(quota.window.total_seconds()) // 24,
        )


def _tell(
    context: Context,
    work: UnitOfWork,
    batch: Batch,
    *,
    actor: Actor,
    now: Instant,
    rule: str,
    **facts: str | int,
) -> None:
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.FINDING_IMPORT,
        subject=str(batch.id),
        rule=rule,
        facts=facts,
    )
