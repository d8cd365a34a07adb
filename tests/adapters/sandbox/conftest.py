"""One real sandbox for the tests of this folder."""

from __future__ import annotations

import shutil

import pytest

from firstlight.adapters.sandbox.bubblewrap import BubblewrapSandbox


@pytest.fixture(scope="session")
def sandbox() -> BubblewrapSandbox:
    """The sandbox of this machine."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: apt-get install bubblewrap")
    return BubblewrapSandbox()
