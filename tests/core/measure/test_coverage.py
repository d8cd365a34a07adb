"""The coverage table is what the simulation gives, and the rule reads it as it stands."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from firstlight.core.measure import coverage_table, trust
from firstlight.core.measure.figures import Interval
from firstlight.core.measure.statistics.posterior import METHOD

FILE = Path(__file__).parents[3] / "benchmarks/coverage/rates.py"


@cache
def simulation() -> Any:  # noqa: ANN401  # a module that is no package's
    """benchmarks/coverage/rates.py, loaded from its file."""
    spec = importlib.util.spec_from_file_location("coverage_rates", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["coverage_rates"] = module
    spec.loader.exec_module(module)
    return module


def test_the_table_is_complete() -> None:
    """Every cell of the grid is there once, for the method that is used."""
    rates = simulation()
    kept = [c for c in coverage_table.cells() if c.rate <= 0.5]
    assert len(kept) == len(rates.grid())
    places = [(c.families, c.tasks, c.correlation, c.rate) for c in rates.grid()]
    assert [(c.families, c.tasks, c.correlation, c.rate) for c in kept] == places
    assert (coverage_table.METHOD, coverage_table.RATES) == (METHOD, rates.RATES)


@pytest.mark.parametrize("place", [0, 93, 200, 449])
def test_the_table_is_what_the_command_writes(place: int) -> None:
    """Cells that are simulated again give the very figures that stand in the table."""
    rates = simulation()
    cell = rates.grid()[place]
    found = rates.measure(cell, 2000)
    kept = [c for c in coverage_table.cells() if c.rate <= 0.5][place]
    again = (found.coverage, found.low_error, found.high_error)
    assert [round(x * 1000) for x in again] == [
        round(x * 1000) for x in (kept.coverage, kept.low_error, kept.high_error)
    ]


def test_a_coarse_grid_holds() -> None:
    """Simulated afresh under another seed: from 8 families on at least 92 %, naive far below."""
    rates = simulation()
    for families in (8, 20):
        for correlation in (0.0, 0.4, 0.8):
            for rate in (0.05, 0.2, 0.5):
                cell = rates.Cell(families=families, tasks=3, correlation=correlation, rate=rate)
                found = rates.measure(cell, 400, seed=1)
                assert found.coverage >= 0.92, cell
                if correlation:
                    assert found.naive < found.coverage - 0.2, cell


def test_rates_above_one_half_are_the_mirror() -> None:
    """Simulated above one half, the errors are those of below, exchanged."""
    rates = simulation()
    here = rates.measure(rates.Cell(families=12, tasks=3, correlation=0.4, rate=0.2), 1500)
    there = rates.measure(rates.Cell(families=12, tasks=3, correlation=0.4, rate=0.8), 1500)
    assert abs(here.coverage - there.coverage) < 0.02
    assert abs(here.low_error - there.high_error) < 0.025
    assert abs(here.high_error - there.low_error) < 0.025


def test_from_eight_families_on_no_interval_is_too_narrow() -> None:
    """What is said in the documents: nowhere below 93 %, and at most 99 %."""
    large = [c.coverage for c in coverage_table.cells() if c.families >= 8]
    assert min(large) >= 0.93
    assert max(large) <= 0.99


def test_the_rule_reads_downwards_and_takes_the_worst() -> None:
    """A design between two of the table is taken for the smaller one; below the table, none."""
    between = trust.Design(families=11, tasks=2.9)
    eight = trust.Design(families=8, tasks=1)
    for level in (0.02, 0.3, 0.7, 0.98):
        for side in (True, False):
            assert trust.forbids(between, level, claim_at_least=side) == trust.forbids(
                eight, level, claim_at_least=side
            )
    tiny = trust.Design(families=3, tasks=8)
    assert "no simulated design" in trust.forbids(tiny, 0.5, claim_at_least=True)
    assert "unproved" in trust.warnings(tiny, Interval(low=0.1, high=0.9))[0]
    assert trust.forbids(trust.Design(families=40, tasks=8), 0.001, claim_at_least=True)


def test_the_rule_forbids_what_the_table_shows_wrong() -> None:
    """Four families near one half are too narrow; a high bound that errs forbids only itself."""
    four = trust.Design(families=4, tasks=1)
    assert "95 % interval" in trust.forbids(four, 0.5, claim_at_least=True)
    assert "too narrow" in trust.warnings(four, Interval(low=0.3, high=0.7))[0]
    eight = trust.Design(families=8, tasks=8)
    assert "bound was wrong" in trust.forbids(eight, 0.02, claim_at_least=True)
    assert trust.forbids(eight, 0.02, claim_at_least=False) == ""
    assert trust.forbids(eight, 0.98, claim_at_least=True) == ""
    assert "bound was wrong" in trust.forbids(eight, 0.98, claim_at_least=False)
