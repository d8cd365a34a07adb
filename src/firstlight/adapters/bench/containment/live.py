"""Containment of one bench: implements the port over its runner, and guards its shells."""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from firstlight.adapters.bench.box import RunnerShell, Shell
from firstlight.adapters.bench.containment.detectors import ALL, Detector
from firstlight.adapters.bench.containment.evidence import NAME
from firstlight.adapters.bench.containment.guard import GuardedShell
from firstlight.adapters.bench.containment.prover import Outside, Prover, empty_tree
from firstlight.adapters.bench.containment.watch import Plan, RunWatch
from firstlight.adapters.bench.containment.wire import Word
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.measure.containment import Proof, When
from firstlight.core.measure.decoys import ENTROPY_BYTES, plant
from firstlight.usecases.ports import Clock, Runner
from firstlight.usecases.ports.containment import Bounds, Watch

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_PLACE = "the sandbox of the bench, without a task"


class LiveContainment:
    """Implements `usecases.ports.containment.Containment`."""

    def __init__(
        self,
        shell: Shell,
        *,
        folder: Path,
        roots: Callable[[], Sequence[int]],
        outside: Callable[[], Outside],
        clock: Clock,
        armed: frozenset[Detector] = ALL,
    ) -> None:
        """Nothing is started yet.

        Args:
            shell: a sandbox as samples get it, over an empty tree
            folder: below which each run keeps its evidence
            roots: processes below which untrusted code runs here; none when it runs elsewhere
            outside: what lies outside; asked once
            clock: the time
            armed: fewer than all in a drill alone
        """
        self._shell = shell
        self._folder = folder
        self._roots = roots
        self._ask_outside = outside
        self._outside: Outside | None = None
        self._clock = clock
        self._armed = armed
        self._lock = threading.Lock()
        self._watch: RunWatch | None = None
        self._proved: set[str] = set()

    @classmethod
    def of_runner(
        cls,
        runner: Runner,
        *,
        folder: Path,
        roots: Callable[[], Sequence[int]],
        outside: Callable[[], Outside],
        clock: Clock,
    ) -> LiveContainment:
        """Over a runner's sandbox."""
        shell = RunnerShell(runner, empty_tree(), ())
        return cls(shell, folder=folder, roots=roots, outside=outside, clock=clock)

    def level(self) -> ContainmentLevel:
        """See the port."""
        return self.prove(When.BEFORE).level

    def prove(self, when: When) -> Proof:
        """See the port."""
        return self._prover(None).prove(self._shell, _PLACE, when)

    @contextlib.contextmanager
    def watch(self, run: str, bounds: Bounds | None = None) -> Iterator[Watch]:
        """See the port."""
        if not _RUN.fullmatch(run):
            raise Invalid(
                "A run's name is made of letters, digits, '.', '_' and '-'.", run=run[:80]
            )
        plan = Plan(
            run=run,
            folder=self._folder / run,
            bounds=bounds or Bounds(),
            decoys=plant(secrets.token_bytes(ENTROPY_BYTES)),
            prove=self._prove_in,
            roots=self._roots,
            armed=self._armed,
        )
        if (self._folder / run / NAME).exists():
            raise Conflict(
                f"There is evidence of a run {run} already.",
                hint="Give the run another name; evidence is never written over.",
            )
        # Asked before the watcher looks: it may take processes of package clients.
        self._prover(None)
        with self._lock:
            if self._watch is not None:
                raise Conflict("Another run is being watched.", hint="Wait for its end.")
            watch = self._watch = RunWatch(plan, self._clock)
            self._proved = set()
        try:
            with watch:
                yield watch
        finally:
            self._watch = None

    def guard(self, shell: Shell, place: str) -> Shell:
        """The shell under watch; `place` names its environment, which is proved once in a run."""

        def prove(inner: Shell, watch: RunWatch) -> None:
            with self._lock:
                if place in self._proved:
                    return
                self._proved.add(place)
            if Detector.PROBES in self._armed:
                watch.keep(self._prover(watch).prove(inner, place, When.DURING))

        return GuardedShell(shell, lambda: self._watch, prove)

    def _prove_in(self, when: When, watch: RunWatch) -> Proof:
        return self._prover(watch).prove(self._shell, _PLACE, when)

    def _prover(self, watch: RunWatch | None) -> Prover:
        if self._outside is None:
            self._outside = self._ask_outside()
        if watch is None:
            return Prover(self._outside, self._clock)
        return Prover(
            self._outside,
            self._clock,
            announce=lambda nonce: watch.say(Word(say="probing", name=nonce)),
            done=lambda nonce: watch.say(Word(say="probed", name=nonce)),
        )
