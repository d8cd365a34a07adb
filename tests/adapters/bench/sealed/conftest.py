"""A small sealed suite: a program in C and one in Python, eight tasks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from firstlight.adapters.bench.planted.document import documents
from firstlight.adapters.bench.sealed.folder import Named, SealedSuite, seal
from firstlight.adapters.vault.sealed import EngagementVault
from firstlight.core.kernel.clock import Instant
from firstlight.core.measure.planted.draws import Draws
from firstlight.core.measure.planted.generate import SHAPES

NOW = Instant(datetime(2026, 11, 26, 9, tzinfo=UTC))
SEED = bytes(range(32))


def small(seed: bytes = SEED) -> list[dict[str, bytes]]:
    """The tasks of two programs."""
    made: list[dict[str, bytes]] = []
    for shape in ("sign", "store"):
        program = SHAPES[shape](Draws(seed, shape))
        names = [f"sealed-{shape}{number}-{seed.hex()[:6]}" for number in range(4)]
        made += documents(program, names)
    return made


@pytest.fixture
def vault(tmp_path: Path) -> EngagementVault:
    """Keys of suites, in a folder of their own."""
    return EngagementVault(tmp_path / "keys")


@pytest.fixture
def sealed(tmp_path: Path, vault: EngagementVault) -> SealedSuite:
    """Sealed, not committed to."""
    seal(tmp_path / "suite", vault, Named(suite="small", version="1"), small(), now=NOW)
    return SealedSuite(tmp_path / "suite", vault)
