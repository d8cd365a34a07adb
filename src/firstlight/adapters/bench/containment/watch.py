"""The run's side of a watch: starts the watcher, speaks to it, proves, and stops when it says so.

The watcher decides; this side only tells and obeys. When the watcher itself is lost, this side
takes that for an alarm and stops everything below the runner on its own.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import msgspec

from firstlight.adapters.bench.containment.detectors import ALL, Detector
from firstlight.adapters.bench.containment.stopping import stop
from firstlight.adapters.bench.containment.wire import Lines, Orders, Word, alarm, line
from firstlight.adapters.runner.child import environment
from firstlight.adapters.sandbox.orphans import adopt
from firstlight.core.kernel.errors import Unavailable
from firstlight.core.measure.alarm import START, Alarm, AlarmKind, ContainmentBroken
from firstlight.core.measure.containment import Proof, When
from firstlight.core.measure.decoys import Decoys
from firstlight.usecases.ports import Clock
from firstlight.usecases.ports.containment import Bounds

_START_SECONDS = 15.0
_STOP_SECONDS = 5.0
"""in which the watcher must have stopped everything after a word of ours"""
_END_SECONDS = 10.0
_ROOTS_SECONDS = 0.1
"""between two looks at which processes untrusted code runs below"""
current_sample: ContextVar[str] = ContextVar("current_sample", default="")
"""the sample that this thread works on"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is watched, and how."""

    run: str
    folder: Path
    """for evidence and the draft of an incident"""
    bounds: Bounds
    decoys: Decoys
    prove: Callable[[When, RunWatch], Proof]
    """makes one proof"""
    roots: Callable[[], Sequence[int]]
    """processes below which untrusted code runs now; none when they are on another machine"""
    armed: frozenset[Detector] = ALL
    """fewer than all in a drill alone"""
    leader: int | None = None
    """the process that leads the run; None for this one"""


class WatcherUnavailable(Unavailable):
    """The watcher cannot be started, so nothing is run."""

    code = "measure.watcher_unavailable"
    next_step = "Run `firstlight measure drill`; it shows what does not work."


class RunWatch:
    """Implements `usecases.ports.containment.Watch`; a context manager."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        """Nothing is started yet."""
        self._plan = plan
        self._clock = clock
        self._proofs: list[Proof] = []
        self._head = START
        self._lock = threading.Lock()
        self._alarm: Alarm | None = None
        self._stopped = threading.Event()
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._adopts = False

    @property
    def proofs(self) -> Sequence[Proof]:
        """See the port."""
        return tuple(self._proofs)

    @property
    def evidence_head(self) -> str:
        """See the port."""
        return self._head

    @property
    def decoys(self) -> Decoys:
        """Those of this run."""
        return self._plan.decoys

    @property
    def armed(self) -> frozenset[Detector]:
        """Which detectors are on."""
        return self._plan.armed

    @property
    def watcher(self) -> int:
        """The watcher's process."""
        return self._process.pid if self._process else 0

    def check(self) -> None:
        """See the port."""
        if self._alarm is not None:
            self._broken()
        self.say(Word(say="beat", roots=list(self._plan.roots())))

    def alarm(self, kind: AlarmKind, seen: str, *, sample: str = "") -> NoReturn:
        """See the port."""
        sample = sample or current_sample.get()
        self.say(alarm(kind, seen, sample))
        if not self._stopped.wait(_STOP_SECONDS):
            self._lost("it did not stop the run when told to")
        self._broken()

    @contextlib.contextmanager
    def sample(self, name: str, seconds: float) -> Iterator[None]:
        """See the port."""
        self.check()
        self.say(Word(say="sample", name=name, seconds=seconds))
        before = current_sample.set(name)
        try:
            yield
        finally:
            current_sample.reset(before)
            self.say(Word(say="sample-end", name=name))
        self.check()

    def settle(self, seconds: float) -> None:
        """Wait for an alarm that may be about to arrive. Raises ContainmentBroken."""
        if self._stopped.wait(seconds):
            self._broken()

    def prove(self, when: When) -> Proof:
        """Make a proof and tell of it. Raises ContainmentBroken when it does not hold."""
        proof = self._plan.prove(when, self)
        self.keep(proof)
        return proof

    def keep(self, proof: Proof) -> None:
        """Take a proof into the record. Raises ContainmentBroken when it does not hold."""
        with self._lock:
            self._proofs.append(proof)
        held = proof.held
        seen = "; ".join(proof.failures())[:2000]
        word = Word(say="proof", name=proof.digest, text=seen, held=held, facts=dict(proof.facts()))
        self.say(word)
        if not held:
            if not self._stopped.wait(_STOP_SECONDS):
                self._lost("it did not stop the run after a proof that failed")
            self._broken()

    def say(self, word: Word) -> None:
        """Tell the watcher. A watcher that does not listen is lost."""
        process = self._process
        if process is None or process.stdin is None or self._alarm is not None:
            return
        try:
            with self._lock:
                process.stdin.write(line(word))
                process.stdin.flush()
        except (BrokenPipeError, ValueError):
            # The reading thread tells what became of it.
            return

    def __enter__(self) -> Self:
        """Start the watcher and make the first proof."""
        roots = list(self._plan.roots())
        self._adopts = self._plan.leader is None and os.getpid() in roots
        if self._adopts:
            adopt()
        orders = self._orders()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "firstlight.adapters.bench.containment.watcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(os.environ),
            start_new_session=True,
        )
        assert self._process.stdin is not None  # noqa: S101  (asked for above)
        self._process.stdin.write(line(orders))
        self._process.stdin.flush()
        self.say(Word(say="beat", roots=roots))
        self._start(self._listen)
        try:
            self._wait_for_watcher()
            self._start(self._keep_proving)
            if Detector.PROBES in self.armed:
                self._prove_first()
        except BaseException:
            self._close()
            raise
        return self

    def _prove_first(self) -> None:
        try:
            self.prove(When.BEFORE)
        except Unavailable:
            # An alarm kills what the proof is made in.
            self.settle(1.0)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Make the last proof and end the watcher. Raises ContainmentBroken after an alarm."""
        del kind, trace
        try:
            self._closing.set()
            for thread in self._threads[1:]:
                thread.join(_END_SECONDS)
            if isinstance(error, Unavailable):
                self.settle(1.0)
            if self._alarm is None:
                self.check()
                if Detector.PROBES in self.armed:
                    self.prove(When.AFTER)
        finally:
            self._close()
        if self._alarm is not None and not isinstance(error, ContainmentBroken):
            self._broken()

    def _orders(self) -> Orders:
        bounds = self._plan.bounds
        return Orders(
            run=self._plan.run,
            leader=self._plan.leader or os.getpid(),
            folder=str(self._plan.folder),
            armed=sorted(self.armed),
            detectors_off=sorted(ALL - self.armed),
            processes=bounds.processes,
            memory_bytes=bounds.memory_bytes,
            call_seconds=bounds.call_seconds,
            silence_seconds=bounds.silence_seconds,
            proof_seconds=bounds.proof_seconds,
            leave_seconds=bounds.leave_seconds,
        )

    def _wait_for_watcher(self) -> None:
        if not self._ready.wait(_START_SECONDS) or self._ended.is_set():
            raise WatcherUnavailable(folder=str(self._plan.folder))

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="containment", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        """Hear what the watcher says, until it ends."""
        process = self._process
        assert process is not None and process.stdout is not None  # noqa: S101, PT018
        lines = Lines(process.stdout.fileno())
        while not lines.ended:
            try:
                words = lines.read()
            except (OSError, msgspec.MsgspecError):
                break
            for word in words:
                self._hear(word)
        if not self._ended.is_set() and self._alarm is None:
            self._take(AlarmKind.WATCHER, "it ended before the run did", "")
            stop(self._plan.roots(), [os.getpid()])
        if self._alarm is not None:
            self._stopped.set()
        self._ended.set()
        self._ready.set()

    def _hear(self, word: Word) -> None:
        match word.say:
            case "watching":
                self._head = word.text
                self._ready.set()
            case "kept" | "drafted":
                self._head = word.text
            case "alarm":
                self.say(Word(say="heard"))
                self._take(AlarmKind(word.name), word.text, word.sample)
            case "ended":
                self._head = word.text
                self._ended.set()
            case _:
                return
        if word.say == "drafted":
            self._stopped.set()

    def _take(self, kind: AlarmKind, seen: str, sample: str) -> None:
        self._alarm = Alarm(kind=kind, at=self._clock.now(), sample=sample, seen=seen)

    def _keep_proving(self) -> None:
        """A proof now and then; a failed one is sounded, and whoever checks is told."""
        due = time.monotonic() + self._plan.bounds.proof_seconds
        known: Sequence[int] = ()
        while not self._closing.wait(_ROOTS_SECONDS) and self._alarm is None:
            # A runner that died and was started again is another process.
            roots = list(self._plan.roots())
            if roots != known:
                self.say(Word(say="roots", roots=roots))
                known = roots
            if time.monotonic() < due or Detector.PROBES not in self.armed:
                continue
            due = time.monotonic() + self._plan.bounds.proof_seconds
            with contextlib.suppress(ContainmentBroken, Unavailable):
                # A runner that is busy or lost gives no proof; too long without one is an alarm.
                self.prove(When.DURING)

    def _lost(self, why: str) -> None:
        self._take(AlarmKind.WATCHER, why, current_sample.get())
        stop(self._plan.roots(), [os.getpid()])

    def _broken(self) -> NoReturn:
        found = self._alarm
        if found is None:
            found = Alarm(kind=AlarmKind.WATCHER, at=self._clock.now(), sample="", seen="")
        self._stopped.wait(_STOP_SECONDS)
        raise ContainmentBroken.of(found, str(self._plan.folder))

    def _close(self) -> None:
        """Let the watcher end, and see that it does."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return
        self._closing.set()
        if self._adopts:
            adopt(orphans=False)
        with contextlib.suppress(BrokenPipeError, ValueError), self._lock:
            process.stdin.write(line(Word(say="end")))
            process.stdin.flush()
        for thread in self._threads[1:]:
            thread.join(_END_SECONDS)
        self._ended.wait(_END_SECONDS)
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._threads[0].join(_END_SECONDS)
        process.stdout.close()
