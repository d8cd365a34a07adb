"""Planted tasks for tests, and a bench over them."""

from __future__ import annotations

from collections.abc import Sequence

from firstlight.adapters.bench.bench import LocalBench
from firstlight.adapters.bench.planted.document import ASKED, documents
from firstlight.adapters.bench.planted.reading import Planted, read
from firstlight.adapters.sandbox.arena import Arena
from firstlight.core.clearinghouse.validation.target import PlantedFiles, Source
from firstlight.core.kernel.errors import Missing
from firstlight.core.measure.planted.draws import Draws
from firstlight.core.measure.planted.generate import SHAPES
from firstlight.usecases.ports import Runner


def planted(seed: bytes, shape: str) -> list[Planted]:
    """The tasks of one program."""
    program = SHAPES[shape](Draws(seed, "program 0"))
    labels = [f"{shape}-{number}" for number in range(len(ASKED))]
    return [read(files) for files in documents(program, labels)]


def bench_of(made: Sequence[Planted], runner: Runner) -> LocalBench:
    """A bench that has these programs and fetches nothing."""
    sources = {digest: data for one in made for digest, data in one.sources.items()}

    def fetch(source: Source) -> bytes:
        if not isinstance(source, PlantedFiles):
            raise Missing("only planted programs are here")
        return sources[source.sha256]

    return LocalBench([one.target for one in made], runner, fetch, Arena)
