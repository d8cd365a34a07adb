"""A new sealed suite: fresh entropy, programs from it, their tasks, and no file in clear."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from firstlight.adapters.bench.planted.document import ASKED, documents
from firstlight.core.measure.planted.draws import SEED_BYTES
from firstlight.core.measure.planted.generate import programs

_LABEL_BYTES = 6


def fresh(count: int) -> tuple[bytes, list[dict[str, bytes]]]:
    """A seed and the tasks of `count` programs from it. Raises Invalid."""
    seed = secrets.token_bytes(SEED_BYTES)
    made = [one for program in programs(seed, count) for one in documents(program, _labels())]
    return seed, made


def _labels() -> Iterator[str]:
    """Drawn: a task's name says nothing of its program."""
    for _ in ASKED:
        yield f"sealed-{secrets.token_hex(_LABEL_BYTES)}"
