"""Drills, and proofs of containment, for the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from firstlight.adapters.bench.containment.drill import Played, drill
from firstlight.adapters.bench.containment.escapes import ESCAPES
from firstlight.adapters.cli.host import EscapePlayed, ProbeShown, ProofShown
from firstlight.adapters.machine import SystemClock
from firstlight.bootstrap import open_contained
from firstlight.core.kernel.errors import Missing
from firstlight.core.measure.containment import When
from firstlight.settings import Settings


def play(only: Sequence[str], progress: Callable[[EscapePlayed], None]) -> Sequence[EscapePlayed]:
    """Play planted escapes, all when `only` is empty. Raises Missing."""
    names = [escape.name for escape in ESCAPES]
    unknown = [name for name in only if name not in names]
    if unknown:
        raise Missing(
            f"There is no escape {unknown[0][:80]!r}.", hint=f"There are: {', '.join(names)}."
        )
    done = drill(SystemClock(), only=only, progress=lambda one: progress(_shown(one)))
    return [_shown(one) for one in done]


def prove(settings: Settings) -> ProofShown:
    """Make one proof, without a run."""
    with open_contained(settings) as contained:
        proof = contained.containment.prove(When.BEFORE)
    return ProofShown(
        level=proof.level.value,
        held=proof.held,
        seconds=proof.milliseconds / 1000,
        digest=proof.digest,
        probes=[
            ProbeShown(way=one.way.value, tried=one.tried, held=one.held, seen=one.seen)
            for one in proof.probes
        ],
    )


def _shown(one: Played) -> EscapePlayed:
    result = "not played" if one.skipped else "caught" if one.caught else "missed"
    return EscapePlayed(
        name=one.escape.name,
        what=one.escape.what,
        detector=one.escape.detector.value,
        result=result,
        seen=one.skipped or one.seen,
        seconds=one.seconds,
    )
