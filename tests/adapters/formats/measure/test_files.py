"""Records, plans, thresholds and commitments as files: strict both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.measure.measure_samples import plan, run, samples, threshold, usual

from firstlight.adapters.formats.measure_plan import PlanUnusable, read_plan, write_plan
from firstlight.adapters.formats.measure_record import read_record, record_digest, write_record
from firstlight.adapters.formats.measure_suite import (
    read_commitment,
    read_opening,
    read_secrets,
    write_commitment,
    write_opening,
    write_secrets,
)
from firstlight.adapters.vault.thresholds import (
    OpenThresholdFile,
    SealedThresholdFile,
    read_opened,
    read_threshold,
    sealed_form,
)
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.commitment import CommitmentBroken, TaskSecret, commit, open_task
from firstlight.core.measure.designation import Answer, designate
from firstlight.core.measure.record import RecordUnusable
from firstlight.core.measure.task import Kind
from firstlight.core.measure.threshold import ThresholdUnusable, commitment


def test_a_record_comes_back_as_it_was() -> None:
    """Written and read, and written with other blanks, it is the same run of the same digest."""
    whole = usual()
    again = read_record(write_record(whole))
    assert again == whole
    loose = json.dumps(json.loads(write_record(whole)), indent=3).encode()
    assert record_digest(read_record(loose)) == record_digest(whole)


RECORD: dict[str, Callable[[Any], object]] = {
    "another format": lambda r: r.update(format="firstlight-run-2"),
    "an unknown field": lambda r: r.update(note="x"),
    "an unknown field of a sample": lambda r: r["samples"][0].update(score=1),
    "a missing field": lambda r: r.pop("limits"),
    "a rate in place of an end": lambda r: r["samples"][0].update(ended="0.5"),
    "negative tokens": lambda r: r["samples"][0].update(tokens=-1),
    "a fraction of a cost": lambda r: r["samples"][0].update(cost=0.5),
    "a time without a zone": lambda r: r.update(started_at="2026-11-02T09:00:00"),
    "an end before the start": lambda r: r.update(ended_at="2026-11-01T09:00:00Z"),
    "a digest that is none": lambda r: r["model"].update(endpoint_digest="abc"),
    "a plan without a time": lambda r: r.update(planned_at=None),
    "a sample twice": lambda r: r["samples"].append(r["samples"][0]),
    "a wish where none is": lambda r: r["samples"][0].update(wanted="serve"),
}


@pytest.mark.parametrize("what", RECORD)
def test_a_wrong_record_is_refused(what: str) -> None:
    """Wrong in exactly one way, it is no record, and the message says what to do."""
    body = json.loads(write_record(run(samples(Kind.FIND, [0.5] * 4))))
    RECORD[what](body)
    with pytest.raises(Invalid) as refused:
        read_record(json.dumps(body).encode())
    assert refused.value.hint


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=8))
def test_a_damaged_record_is_refused_or_another_run(place: int, put: bytes) -> None:
    """Bytes put anywhere give an error of ours, or a record with another digest."""
    true = write_record(run(samples(Kind.FIND, [0.5], tasks=1, epochs=2)))
    place %= len(true)
    altered = true[:place] + put + true[place + len(put) :]
    try:
        found = read_record(altered)
    except Invalid:
        return
    # White space means nothing, and RFC 3339 lets a blank stand for the T of a time.
    assert write_record(found) != true or altered.split() == true.split() or b" " in put


def test_a_record_that_is_cut_off_is_refused() -> None:
    """A log that ends in the middle is no record, at any length."""
    true = write_record(run(samples(Kind.FIND, [0.5], tasks=1, epochs=1)))
    for end in range(len(true) - 2):
        with pytest.raises(Invalid):
            read_record(true[:end])


def test_plan_and_threshold_come_back() -> None:
    """Written and read they are the same, and have the same digest."""
    assert read_plan(write_plan(plan())) == plan()
    assert read_threshold(canonical(threshold().to_json())) == threshold()
    opened = read_opened(sealed_form(threshold(), b"s" * 32))
    assert opened.known_by == commitment(threshold(), b"s" * 32)


def test_a_plan_by_another_rule_is_refused() -> None:
    """A plan that was fixed under a rule of another version is not applied."""
    body = json.loads(write_plan(plan())) | {"rule": "0" * 64}
    with pytest.raises(PlanUnusable, match="another rule"):
        read_plan(json.dumps(body).encode())
    with pytest.raises(PlanUnusable):
        read_plan(b"{}")


@pytest.mark.parametrize(
    "change",
    [{"level": "0.3"}, {"level": True}, {"kinds": "patch"}, {"kinds": ["x"]}, {"name": 1},
     {"fewest_families": 8.5}, {"extra": 1}, {"format": "other"}],
    ids=str,
)  # fmt: skip
def test_a_wrong_threshold_is_refused(change: dict[str, object]) -> None:
    """Text for a number, a truth for a number, unknown kinds and fields."""
    body = threshold().to_json() | change
    with pytest.raises(ThresholdUnusable):
        read_threshold(json.dumps(body).encode())


def test_keepers_give_one_answer(tmp_path: Path) -> None:
    """An open and a sealed keeper of one threshold prepare what the rule prepares."""
    rates = [0.9, 0.8, 0.7, 0.6, 0.5, 0.8, 0.9, 0.7, 0.6, 0.8, 0.7, 0.9]
    (tmp_path / "open").write_bytes(canonical(threshold().to_json()))
    (tmp_path / "sealed").write_bytes(sealed_form(threshold(), b"s" * 32))
    for keeper in (OpenThresholdFile(tmp_path / "open"), SealedThresholdFile(tmp_path / "sealed")):
        fixed = plan(keeper.known_by())
        of = run(samples(Kind.PATCH, rates), kept=fixed)
        found = keeper.designate(of, fixed)
        assert found.answer is Answer.COVERED
        shown = designate(of, threshold(), fixed, known_by=keeper.known_by())
        assert replace(found, sealed=False) == shown
    with pytest.raises(Invalid):
        OpenThresholdFile(tmp_path / "none").known_by()
    with pytest.raises(ThresholdUnusable):
        SealedThresholdFile(tmp_path / "open").known_by()


def test_suite_files_come_back() -> None:
    """Commitment, secrets and opening are read as they were written, and not for each other."""
    kept = [TaskSecret(task=f"t{n}", digest=f"{n:064x}", salt=bytes([n]) * 32) for n in range(5)]
    committed = commit("s", "1", kept)
    opening = open_task("s", "1", kept, "t3")
    assert read_commitment(write_commitment(committed)) == committed
    assert read_secrets(write_secrets("s", "1", kept)) == ("s", "1", kept)
    assert read_opening(write_opening(opening)) == opening
    with pytest.raises(CommitmentBroken, match="is needed"):
        read_opening(write_commitment(committed))
    upper = write_opening(opening).replace(opening.salt.hex().encode(), b"0G" * 32)
    with pytest.raises(CommitmentBroken, match="hex"):
        read_opening(upper)


def test_a_record_without_samples_is_a_record() -> None:
    """Nothing ran: it can be read, and RecordUnusable is not what it deserves."""
    empty = run([])
    assert read_record(write_record(empty)) == empty
    assert RecordUnusable.code == "measure.record_unusable"
