from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

import pytest
from tests.usecases.conftest import Bench

from firstlight.adapters.formats.bulk.read import read_records
from firstlight.adapters.formats.detect import read_any
from firstlight.adapters.storage.flood_queries import DjangoFloodQueries
from firstlight.core.clearinghouse.finding import Report
from firstlight.core.clearinghouse.intake.flood import (
    QUOTA,
    Batch,
    BatchState,
    CandidateRow,
    Read,
    Tally,
)
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, Refused, TooLarge, TooMany
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.merkle import Tree, leaf_hash
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.findings import flood
from firstlight.usecases.findings.flood import (
    WrongPlace,
    add_piece,
    cancel_batch,
    close_batch,
    give_up_reading,
    open_batch,
    promote,
    read_batch,
)

QUERIES = DjangoFloodQueries


def log(*lines: int, **more: object) -> bytes:
    """A SARIF log with a result at each of these lines."""
    results = [
        {
            "ruleId": "R1",
            "message": {"text": f"flaw {chr(65 + n)}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "src/a.c"},
                        "region": {"startLine": line},
                    }
                }
            ],
            **more,
        }
        for n, line in enumerate(lines)
    ]
    run = {"tool": {"driver": {"name": "analyser"}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def opened(bench: Bench, actor: Actor, marking: Marking = Marking.AMBER_STRICT) -> Batch:
    """An announced file."""
    return open_batch(bench.context, actor, name="scan.sarif", marking=marking)


def sent(bench: Bench, actor: Actor, data: bytes) -> Batch:
    """A file that was sent and read."""
    batch = opened(bench, actor)
    add_piece(bench.context, actor, batch.id, offset=0, data=data)
    close_batch(bench.context, actor, batch.id)
    return read_batch(bench.context, batch.id, read_records)


def candidates(reader: Actor) -> Sequence[CandidateRow]:
    """All that this reader sees."""
    return QUERIES().candidates(reader, batch=None, package=None, cursor=None, limit=200).rows


def read_one(raw: bytes) -> Sequence[Report]:
    """As the front doors read a report."""
    return read_any(raw)[1]


def test_the_same_file_twice_adds_nothing(bench: Bench) -> None:
    """Neither candidates nor bytes of documents."""
    finder = bench.actor(Role.FINDER)
    assert Tally(fresh=3) == sent(bench, finder, log(1, 2, 3)).tally
    before = candidates(finder)
    assert Tally(known=3) == sent(bench, finder, log(1, 2, 3)).tally
    assert before == candidates(finder)


def test_results_that_moved_are_the_same_candidates(bench: Bench) -> None:
    """Their place and content are the new ones, their names stay."""
    finder = bench.actor(Role.FINDER)
    sent(bench, finder, log(1, 2, 3))
    names = {row.id for row in candidates(finder)}
    assert Tally(changed=3) == sent(bench, finder, log(11, 12, 13)).tally
    found = candidates(finder)
    assert (names, {11, 12, 13}) == ({row.id for row in found}, {row.line for row in found})
    kept = QUERIES().document(finder, found[0].id)
    assert json.loads(kept)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]


def test_pieces_may_come_twice_and_not_out_of_order(bench: Bench) -> None:
    """After a cut, sending goes on where the last acknowledged piece ended."""
    finder, data = bench.actor(Role.FINDER), log(1, 2)
    batch = opened(bench, finder)
    for _ in range(2):
        grown = add_piece(bench.context, finder, batch.id, offset=0, data=data[:50])
        assert grown.size == 50
    with pytest.raises(WrongPlace) as caught:
        add_piece(bench.context, finder, batch.id, offset=60, data=data[60:])
    assert caught.value.details == {"expected": 50}
    add_piece(bench.context, finder, batch.id, offset=50, data=data[50:])
    close_batch(bench.context, finder, batch.id)
    assert close_batch(bench.context, finder, batch.id).state is BatchState.WAITING
    with pytest.raises(Conflict):
        add_piece(bench.context, finder, batch.id, offset=len(data), data=b"more")
    assert read_batch(bench.context, batch.id, read_records).tally.fresh == 2


def test_reading_goes_on_at_the_record_where_it_was_cut(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies in the middle loses no record, and its successor stores none twice."""
    monkeypatch.setattr(flood, "PACK_RECORDS", 2)
    finder = bench.actor(Role.FINDER)
    batch = opened(bench, finder)
    add_piece(bench.context, finder, batch.id, offset=0, data=log(*range(1, 8)))
    close_batch(bench.context, finder, batch.id)

    class Killed(BaseException):
        """As by a signal."""

    def dying(file: BinaryIO, purl: str) -> Iterator[Read]:
        for number, one in enumerate(read_records(file, purl)):
            if number == 5:
                raise Killed
            yield one

    with pytest.raises(Killed):
        read_batch(bench.context, batch.id, dying)
    assert QUERIES().batch(finder, batch.id).tally == Tally(fresh=4)
    assert read_batch(bench.context, batch.id, read_records).tally == Tally(fresh=7)
    assert len(candidates(finder)) == 7
    assert read_batch(bench.context, batch.id, read_records).state is BatchState.READ


def test_a_reader_who_was_overtaken_stores_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker whose lease ran out meets the one that took over, and stops."""
    monkeypatch.setattr(flood, "PACK_RECORDS", 2)
    finder = bench.actor(Role.FINDER)
    batch = opened(bench, finder)
    add_piece(bench.context, finder, batch.id, offset=0, data=log(1, 2, 3, 4, 5))
    close_batch(bench.context, finder, batch.id)

    def slow(file: BinaryIO, purl: str) -> Iterator[Read]:
        records = list(read_records(file, purl))
        yield from records[:3]
        read_batch(bench.context, batch.id, read_records)
        yield from records[3:]

    with pytest.raises(Conflict):
        read_batch(bench.context, batch.id, slow)
    assert QUERIES().batch(finder, batch.id).tally == Tally(fresh=5)
    assert len(candidates(finder)) == 5


def test_a_file_that_no_attempt_could_read_is_not_waited_for(bench: Bench) -> None:
    """Its sender is told to send it again, which then adds what was missing; once it is enough."""
    finder = bench.actor(Role.FINDER)
    batch = opened(bench, finder)
    add_piece(bench.context, finder, batch.id, offset=0, data=log(1))
    close_batch(bench.context, finder, batch.id)
    for _ in range(2):
        give_up_reading(bench.context, batch.id)
    told = QUERIES().batch(finder, batch.id)
    assert (told.state, "send it again" in told.trouble) == (BatchState.BROKEN, True)
    assert sent(bench, finder, log(1)).tally == Tally(fresh=1)
    give_up_reading(bench.context, batch.id)
    assert QUERIES().batch(finder, batch.id) == told


def test_every_pack_has_a_ledger_entry_with_its_root(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the documents anybody can compute the roots that the ledger holds."""
    monkeypatch.setattr(flood, "PACK_RECORDS", 2)
    finder = bench.actor(Role.FINDER)
    batch = sent(bench, finder, log(1, 2, 3))
    found = sorted(candidates(finder), key=lambda row: row.line or 0)
    leaves = [leaf_hash(QUERIES().document(finder, row.id)) for row in found]
    with bench.context.storage.look() as work:
        entries = work.ledger.entries(str(batch.id), 0, 50)
    roots = [one.entry.facts["root"] for one in entries if "root" in one.entry.facts]
    assert roots == [Tree(leaves[:2]).root().hex(), Tree(leaves[2:]).root().hex()]


def test_bad_records_are_named_and_the_rest_is_kept(bench: Bench) -> None:
    """With position, code and reason; the batch has been read all the same."""
    finder = bench.actor(Role.FINDER)
    batch = sent(bench, finder, b'{"title": "good"}\n{"title": 7}\n{"nothing": 1}\n')
    assert (BatchState.READ, Tally(fresh=1, failed=2)) == (batch.state, batch.tally)
    faults = QUERIES().faults(finder, batch.id)
    assert [fault.position for fault in faults] == ["[1]", "[2]"]
    assert [fault.code for fault in faults] == ["input.wrong_type", "input.unknown_format"]


def test_a_file_that_breaks_off_keeps_what_came_before(bench: Bench) -> None:
    """And says where it broke; sent again whole, it goes on from there."""
    finder, data = bench.actor(Role.FINDER), log(*range(1, 9))
    batch = sent(bench, finder, data[: len(data) // 2])
    assert batch.state is BatchState.BROKEN
    assert batch.trouble
    assert 0 < batch.tally.fresh < 8
    again = sent(bench, finder, data)
    assert again.tally == Tally(fresh=8 - batch.tally.fresh, known=batch.tally.fresh)


def test_finders_do_not_see_each_other(bench: Bench) -> None:
    """The same scan by two finders makes candidates of each; nobody learns of the other."""
    one, other = bench.actor(Role.FINDER), bench.actor(Role.FINDER)
    batch = sent(bench, one, log(1))
    assert sent(bench, other, log(1)).tally == Tally(fresh=1)
    assert {row.id for row in candidates(one)}.isdisjoint(row.id for row in candidates(other))
    with pytest.raises(Missing):
        QUERIES().batch(other, batch.id)
    with pytest.raises(Missing):
        add_piece(bench.context, other, batch.id, offset=0, data=b"x")
    with pytest.raises(Missing):
        promote(bench.context, other, candidates(one)[0].id, read_one)
    assert len(candidates(bench.actor(Role.COORDINATOR))) == 2
    for role in (Role.ANONYMOUS, Role.PENDING, Role.MAINTAINER, Role.OPERATOR, Role.AUDITOR):
        assert candidates(bench.actor(role)) == ()


def test_nobody_floods_without_an_organisation(bench: Bench) -> None:
    """Single reports may be anonymous, files of many records may not."""
    with pytest.raises(Refused):
        opened(bench, bench.actor(Role.ANONYMOUS))
    with pytest.raises(Refused):
        opened(bench, replace(bench.actor(Role.FINDER), organisation=None))


def test_a_finder_has_a_share(bench: Bench) -> None:
    """Beyond it the answer is when to come back; what was acknowledged is kept, others go on."""
    finder = bench.actor(Role.FINDER)
    small = replace(QUOTA, bytes=100)
    batch = opened(bench, finder)
    add_piece(bench.context, finder, batch.id, offset=0, data=b" " * 101, quota=small)
    with pytest.raises(TooMany) as caught:
        add_piece(bench.context, finder, batch.id, offset=101, data=b" ", quota=small)
    assert caught.value.details["retry_after"] == 3600
    other = bench.actor(Role.FINDER)
    assert add_piece(
        bench.context, other, opened(bench, other).id, offset=0, data=b" ", quota=small
    )
    bench.clock.turn(timedelta(days=1, seconds=1))
    assert add_piece(bench.context, finder, batch.id, offset=101, data=b" ", quota=small)


@pytest.mark.parametrize(
    "quota",
    [replace(QUOTA, open=1), replace(QUOTA, waiting=5), replace(QUOTA, backlog=5)],
    ids=["open at once", "not read yet", "of everybody"],
)
def test_what_cannot_be_read_yet_waits_with_its_sender(bench: Bench, quota: object) -> None:
    """Rather than filling the disk."""
    finder = bench.actor(Role.FINDER)
    batch = opened(bench, finder)
    add_piece(bench.context, finder, batch.id, offset=0, data=b" " * 10)
    with pytest.raises(TooMany):
        open_batch(
            bench.context,
            finder,
            name="more",
            marking=Marking.AMBER,
            quota=quota,  # type: ignore[arg-type]  # the parameter's type
        )


def test_sizes_are_bounded(bench: Bench) -> None:
    """Of a piece, of a file, of its records."""
    finder = bench.actor(Role.FINDER)
    small = replace(QUOTA, piece=10, file=15, records=2)
    batch = opened(bench, finder)
    with pytest.raises(TooLarge):
        add_piece(bench.context, finder, batch.id, offset=0, data=b"x" * 11, quota=small)
    add_piece(bench.context, finder, batch.id, offset=0, data=b" " * 10, quota=small)
    with pytest.raises(TooLarge):
        add_piece(bench.context, finder, batch.id, offset=10, data=b"x" * 6, quota=small)
    full = opened(bench, finder)
    add_piece(bench.context, finder, full.id, offset=0, data=log(1, 2, 3))
    close_batch(bench.context, finder, full.id)
    done = read_batch(bench.context, full.id, read_records, small)
    assert (done.state, done.tally.fresh) == (BatchState.BROKEN, 2)


def test_sending_can_be_stopped(bench: Bench) -> None:
    """The bytes go; a closed file goes its way."""
    finder = bench.actor(Role.FINDER)
    batch = opened(bench, finder)
    with pytest.raises(Invalid):
        close_batch(bench.context, finder, batch.id)
    add_piece(bench.context, finder, batch.id, offset=0, data=log(1))
    assert cancel_batch(bench.context, finder, batch.id).state is BatchState.CANCELLED
    with bench.context.storage.look() as work, work.batches.open(batch.id) as file:
        assert file.read() == b""
    with pytest.raises(Conflict):
        close_batch(bench.context, finder, batch.id)


def test_a_candidate_becomes_a_report_once(bench: Bench) -> None:
    """By its finder or a coordinator; it stays the finder's report."""
    finder = bench.actor(Role.FINDER)
    sent(bench, finder, log(7))
    row = candidates(finder)[0]
    made = promote(bench.context, finder, row.id, read_one)
    again = promote(bench.context, bench.actor(Role.COORDINATOR), row.id, read_one)
    assert (made.receipt.finding, True) == (again.receipt.finding, again.receipt.known)
    assert candidates(finder)[0].finding == made.receipt.finding
    with bench.context.storage.look() as work:
        finding = work.findings.get(made.receipt.finding)
    assert (finding.organisation, finding.report.root_cause.line) == (finder.organisation, 7)


def test_bytes_can_be_sought_over_pieces(bench: Bench) -> None:
    """Reading from anywhere gives what was sent there."""
    finder, data = bench.actor(Role.FINDER), bytes(range(256)) * 4
    batch = opened(bench, finder)
    for start in range(0, len(data), 100):
        add_piece(bench.context, finder, batch.id, offset=start, data=data[start : start + 100])
    with bench.context.storage.look() as work, work.batches.open(batch.id) as file:
        assert data == file.read()
        for place in (0, 99, 100, 555, 1023, 1024):
            file.seek(place)
            assert data[place : place + 150] == file.read(150)
        assert file.seek(0, io.SEEK_END) == len(data)
