"""Real records for tests; they live beside the repository and are never copied into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """The shared file or folder `name`; skips the test, with the reason, where it is absent."""
    path = Path(os.environ.get("FIRSTLIGHT_SHARED_DATA", _BESIDE)) / name
    if not path.exists():
        pytest.skip(f"shared data {name} is not at {path}; set FIRSTLIGHT_SHARED_DATA")
    return path
