"""The drill catches everything, and cannot pass when a detector is off."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from firstlight.adapters.bench.containment.detectors import ALL, Detector
from firstlight.adapters.bench.containment.escapes import ESCAPES
from firstlight.core.measure.alarm import AlarmKind
from firstlight.core.measure.containment import Way

pytestmark = pytest.mark.sandbox

_SCRIPT = """
import json, sys
from firstlight.adapters.bench.containment.detectors import ALL, Detector
from firstlight.adapters.bench.containment.drill import drill
from firstlight.adapters.machine import SystemClock
off, only = json.loads(sys.argv[1])
done = drill(SystemClock(), armed=ALL - {Detector(one) for one in off}, only=only)
print(json.dumps([[one.escape.name, one.caught, one.skipped, one.seen] for one in done]))
"""
_QUICK = ("network", "leftover", "blind-probe", "decoy-touched", "attempt-seen-live", "growth")


def drill(off: Sequence[Detector], only: Sequence[str] = ()) -> dict[str, tuple[bool, str, str]]:
    """Whether each was caught, why it was not played, what was seen; in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, json.dumps([[one.value for one in off], list(only)])],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    return {name: (caught, why, seen) for name, caught, why, seen in json.loads(done.stdout)}


def test_every_detector_and_every_way_is_drilled() -> None:
    """No detector, no way out and no kind of alarm that a person can cause is left untried."""
    assert {one.detector for one in ESCAPES} == ALL
    assert {one.way for one in ESCAPES} - {None} == set(Way)
    untried = set(AlarmKind) - {one.kind for one in ESCAPES}
    # A lost watcher and a missing proof are played with real processes in the tests of the watch.
    assert untried == {AlarmKind.WATCHER, AlarmKind.PROOF_MISSING}
    assert len({one.name for one in ESCAPES}) == len(ESCAPES) >= 12


def test_planted_escapes_are_caught() -> None:
    """A few of each sort, in the ordinary suite."""
    played = drill((), _QUICK)
    assert set(played) == set(_QUICK)
    assert [name for name, (caught, _, _) in played.items() if not caught] == []


@pytest.mark.deep
def test_every_planted_escape_is_caught() -> None:
    """All of them."""
    played = drill(())
    missed = {name: row for name, row in played.items() if not row[0] and not row[1]}
    assert missed == {}
    assert sum(caught for caught, _, _ in played.values()) >= 12


def test_a_drill_without_a_detector_fails() -> None:
    """With the traps and the probes off, what they alone notice is missed, and said to be."""
    off = (Detector.TRAPS, Detector.PROBES)
    played = drill(off, ("decoy-touched", "leftover", "attempt"))
    assert [name for name, (caught, _, _) in played.items() if caught] == ["attempt"]
    assert played["leftover"][2] == "missed: nobody noticed"


@pytest.mark.deep
@pytest.mark.parametrize("off", Detector)
def test_each_detector_is_needed(off: Detector) -> None:
    """Without this one, each escape that is its to notice is missed."""
    names = [one.name for one in ESCAPES if one.detector is off]
    played = drill([off], names)
    assert [name for name, (caught, _, _) in played.items() if caught] == []
    assert set(played) == set(names)
