"""A real runner in a real sandbox, and a fetcher whose cache may be kept between runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from firstlight.adapters.registries import Fetcher
from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox
from firstlight.adapters.sandbox.experiment import LocalRunner

TARGETS = Path(__file__).parents[3] / "targets"


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
