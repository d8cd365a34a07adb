"""Containment of a run: proved live, watched from outside, stopped on an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NoReturn, Protocol

from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.measure.alarm import AlarmKind
from firstlight.core.measure.containment import Proof, When


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a watched run may use before an alarm is sounded."""

    processes: int = 600
    """in all sandboxes together"""
    memory_bytes: int = 6 << 30
    """resident, of all of them together"""
    call_seconds: float = 900.0
    """that one sandbox may live; beyond every limit of a call, and of a build"""
    silence_seconds: float = 900.0
    """without a sign of life of the process that leads the run; a model may think for long"""
    proof_seconds: float = 60.0
    """between two proofs during the run; without one in three times as long, an alarm"""
    leave_seconds: float = 10.0
    """after an alarm, until the process that leads the run is killed unless the watch was left"""


class Watch(Protocol):
    """A run that is being watched. Every method may be called from any thread."""

    @property
    def proofs(self) -> Sequence[Proof]:
        """Those made so far, in order."""
        ...

    @property
    def evidence_head(self) -> str:
        """Hash of the last entry of evidence; belongs in the run's record."""
        ...

    def check(self) -> None:
        """Go on, or not; also the sign of life. To be called before each call of a sample.

        Raises:
            ContainmentBroken: an alarm was sounded.
        """
        ...

    def alarm(self, kind: AlarmKind, seen: str, *, sample: str = "") -> NoReturn:
        """Sound one: what a detector in the run itself saw.

        Raises:
            ContainmentBroken: always, once everything is stopped.
        """
        ...

    def sample(self, name: str, seconds: float) -> AbstractContextManager[None]:
        """Around one sample: after `seconds`, or when a process of it goes on, an alarm.

        Raises:
            ContainmentBroken: at its beginning or end, when an alarm was sounded.
        """
        ...


class Containment(Protocol):
    """Proves and watches the sandboxes of one bench."""

    def level(self) -> ContainmentLevel:
        """What samples run in.

        Raises:
            Unavailable: nothing untrusted can be run here.
        """
        ...

    def prove(self, when: When) -> Proof:
        """Try everything from inside, now. A proof that does not hold is returned, not raised.

        Raises:
            Unavailable: the sandbox or its runner does not work.
        """
        ...

    def watch(self, run: str, bounds: Bounds | None = None) -> AbstractContextManager[Watch]:
        """Watch a run while the block lasts, with decoys of its own and proofs at its two ends.

        Everything that the bench opens meanwhile is guarded. An alarm ends the block with
        ContainmentBroken whatever else was raised in it, after all is stopped and an incident
        drafted; if the process that leads the run does not react, it is killed.

        Raises:
            ContainmentBroken: a proof did not hold, or an alarm was sounded.
            Conflict: another run is being watched.
            Unavailable: the sandbox, its runner or the watcher does not work.
        """
        ...
