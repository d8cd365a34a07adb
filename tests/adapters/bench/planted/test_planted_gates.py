"""Planted tasks pass the same gates as public ones, in a real sandbox."""

from __future__ import annotations

import secrets

import pytest
from tests.adapters.bench.planted.conftest import bench_of, planted

from firstlight.adapters.bench.gates import check_all
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.core.measure.outcome import Solved
from firstlight.core.measure.planted.generate import SHAPES
from firstlight.core.measure.task import Kind

pytestmark = pytest.mark.sandbox
SEED = bytes.fromhex("5a4ff5669d871a9e3853842cc415af2fed2064e74aa8b2be8bd4d7b24fba6fb3")


def test_the_gates_of_a_program_hold(runner: LocalRunner) -> None:
    """Each task of a program in C holds every gate; the deep part does so for every shape."""
    made = planted(SEED, "sign")
    tasks = [one.task for one in made]
    for gated in check_all(tasks, bench_of(made, runner), _quiet, jobs=2):
        assert gated.problems == ()
        assert isinstance(gated.gates[0].outcome, Solved)
        assert len(gated.gates) == 2 + len(gated.task.shortcuts) >= 5
    assert {one.task.kind for one in made} == {Kind.FIND, Kind.REPRODUCE, Kind.PATCH}


@pytest.mark.deep
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_the_gates_of_every_shape_hold_for_fresh_seeds(shape: str, runner: LocalRunner) -> None:
    """Three programs of each shape from seeds that nobody has seen; the seed is told on failure."""
    for _ in range(3):
        seed = secrets.token_bytes(32)
        made = planted(seed, shape)
        for gated in check_all([one.task for one in made], bench_of(made, runner), _quiet, jobs=2):
            assert gated.problems == (), f"seed {seed.hex()}"


def _quiet(_task: str, _what: str) -> None:
    return
