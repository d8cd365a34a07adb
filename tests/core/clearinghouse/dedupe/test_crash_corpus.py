"""Agreement with the crash types and states that ClusterFuzz's own tests expect."""

from __future__ import annotations

from benchmarks.dedupe.traces import compare
from tests.shared_data import shared_data

FLOOR = 0.98
"""Reached: 111 of 112."""


def test_labelled_traces_are_read_as_clusterfuzz_expects() -> None:
    """Type and state agree exactly on at least 98 % of the labelled traces."""
    compared = compare(shared_data("crash-traces.jsonl.gz"))
    disagreeing = [one.name for one in compared if not one.agrees]
    assert len(compared) >= 100
    assert 1 - len(disagreeing) / len(compared) >= FLOOR, disagreeing
