"""A real bench: a real runner in a real sandbox, real releases, real arenas."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.loader import load_suite
from firstlight.adapters.registries import Fetcher
from firstlight.adapters.sandbox.arena import Arena
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.experiment import LocalRunner
from firstlight.adapters.targets import load_all
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.measure.task import Suite, Task

ROOT = Path(__file__).parents[3]
SUITE = ROOT / "suites" / "public-1"


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> LocalRunner:
    """Builds and runs here; its cache is fresh."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: apt-get install bubblewrap")
    return LocalRunner(BubblewrapSandbox(), tmp_path_factory.mktemp("builds"))


@pytest.fixture(scope="session")
def fetcher(tmp_path_factory: pytest.TempPathFactory) -> Fetcher:
    """Fetches pinned releases; FIRSTLIGHT_TEST_DOWNLOADS names a folder that is kept."""
    kept = os.environ.get("FIRSTLIGHT_TEST_DOWNLOADS")
    return Fetcher(Path(kept) if kept else tmp_path_factory.mktemp("downloads"))


@pytest.fixture(scope="session")
def targets() -> Mapping[str, Target]:
    """The shipped targets by identifier."""
    return {target.id: target for target in load_all(ROOT / "targets")}


@pytest.fixture(scope="session")
def suite(targets: Mapping[str, Target]) -> Suite:
    """The shipped suite."""
    return load_suite(SUITE, targets)


@pytest.fixture(scope="session")
def tasks(suite: Suite) -> Mapping[str, Task]:
    """Its tasks by identifier."""
    return {task.id: task for task in suite.tasks}


@pytest.fixture(scope="session")
def bench(targets: Mapping[str, Target], runner: LocalRunner, fetcher: Fetcher) -> LocalBench:
    """Opens and judges samples on this machine."""
    return LocalBench(tuple(targets.values()), runner, fetcher.fetch, Arena)


@pytest.fixture
def rooted() -> None:
    """For tests that make arenas."""
    if os.geteuid() != 0:
        pytest.skip("an arena needs root")
