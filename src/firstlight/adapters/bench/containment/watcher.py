"""The watcher: a process of its own, outside every sandbox, that stops a run within a second.

It is told by the run what goes on, and looks for itself ten times a second. On an alarm it
freezes everything below the runner, keeps what it looks like, kills it, writes the draft of an
incident, and tells the run. A run that does not hear, or does not end, is killed as well. When the
run is gone without a word, what is left below it is killed too.

It holds the file of evidence, so that evidence is written also when the run hangs.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from firstlight.adapters.bench.containment.evidence import NAME, EvidenceFile
from firstlight.adapters.bench.containment.rules import Finding, Rules
from firstlight.adapters.bench.containment.stopping import Stop, stop
from firstlight.adapters.bench.containment.wire import Lines, Orders, Word, line, orders_of
from firstlight.adapters.machine import SystemClock
from firstlight.core.kernel.canonical import canonical
from firstlight.core.measure.alarm import Alarm, AlarmKind
from firstlight.core.measure.incident import Incident, Stopped

INTERVAL = 0.1
"""seconds between two looks"""
_HEARD_SECONDS = 0.5
"""in which a run that is alive says that it has heard of an alarm"""
_BLIND = "Processes on a runner elsewhere could not be seen; only its results and proofs could."
_KEPT_WORDS = {"sample", "sample-end", "proof", "probing", "note"}
"""what is kept as evidence; signs of life are not"""


class Watcher:
    """Watches one run, to its end or to an alarm."""

    def __init__(self, orders: Orders, lines: Lines, out: int) -> None:
        """`lines` come from the run, `out` leads to it."""
        self._orders = orders
        self._lines = lines
        self._out = out
        self._clock = SystemClock()
        self._rules = Rules(orders=orders, own=os.getpid())
        self._began = self._clock.now()
        self._last_proof = ""
        self._over = False
        self._due = 0.0
        self._said: set[str] = set()
        """what the run said after an alarm"""

    def run(self) -> None:
        """Until the end."""
        with EvidenceFile(Path(self._orders.folder), self._clock) as evidence:
            self._evidence = evidence
            evidence.add("began", msgspec.to_builtins(self._orders))
            self._say(Word(say="watching", text=evidence.head))
            while not self._over:
                for finding in self._findings():
                    self._sound(finding)
                    return
        self._say(Word(say="ended", text=evidence.head))

    def _findings(self) -> Iterator[Finding]:
        if select.select([sys.stdin], [], [], max(0.0, self._due - time.monotonic()))[0]:
            for word in self._lines.read():
                if word.say in _KEPT_WORDS:
                    self._keep(word)
                yield from self._rules.hear(word)
                self._over = self._over or word.say == "end"
            if self._lines.ended and not self._over:
                yield Finding(AlarmKind.SILENCE, "the process that led the run is gone")
        if not self._over and time.monotonic() >= self._due:
            self._due = time.monotonic() + INTERVAL
            yield from self._rules.look()

    def _keep(self, word: Word) -> None:
        self._evidence.add(
            word.say,
            {"name": word.name, "text": word.text, "held": word.held, "facts": word.facts},
            sync=word.say == "proof",
        )
        if word.say == "proof":
            if word.held:
                self._last_proof = f"{self._clock.now()} {word.name}"
            self._say(Word(say="kept", text=self._evidence.head))

    def _sound(self, finding: Finding) -> None:
        """Stop everything, keep what was seen, say so, and see that the run ends."""
        alarm = Alarm(
            kind=finding.kind,
            at=self._clock.now(),
            sample=finding.sample,
            seen=finding.seen[:2000],
        )
        leader = self._orders.leader
        roots = self._rules.roots
        # Said first, so that nothing more is begun; the run goes on raising it when all is dead.
        self._say(Word(say="alarm", name=alarm.kind.value, text=alarm.seen, sample=alarm.sample))
        done = stop(roots, [os.getpid(), leader])
        self._evidence.add(
            "alarm",
            {
                "kind": alarm.kind.value,
                "at": str(alarm.at),
                "sample": alarm.sample,
                "seen": alarm.seen,
            },
        )
        self._evidence.add("frozen", done.snapshot)
        heard = self._wait("heard", _HEARD_SECONDS)
        fate = "it heard of the alarm" if heard else self._kill(leader, "it did not answer")
        if not heard:
            stop(roots, [os.getpid(), leader])
        self._draft(alarm, done, fate)
        self._say(Word(say="drafted", text=self._evidence.head))
        if heard and not self._wait("end", self._orders.leave_seconds):
            self._evidence.add("leader", {"fate": self._kill(leader, "it did not end the run")})

    def _draft(self, alarm: Alarm, done: Stop, fate: str) -> None:
        stopped = Stopped(
            frozen_after=int(done.frozen_after * 1000),
            dead_after=int(done.dead_after * 1000),
            killed=done.killed,
            survivors=len(done.survivors),
            leader=fate,
        )
        self._evidence.add(
            "stopped",
            {
                "frozen_after_ms": stopped.frozen_after,
                "dead_after_ms": stopped.dead_after,
                "killed": stopped.killed,
                "survivors": list(done.survivors),
                "leader": fate,
            },
        )
        incident = Incident(
            run=self._orders.run,
            alarm=alarm,
            began_at=self._began,
            stopped=stopped,
            last_proof=self._last_proof,
            samples=sorted(self._rules.samples),
            blind=() if self._rules.roots else (_BLIND,),
            evidence=NAME,
            head=self._evidence.head,
        )
        folder = Path(self._orders.folder)
        for name, content in (
            ("incident.json", canonical(incident.facts())),
            ("incident.md", incident.markdown().encode()),
        ):
            file = folder / name
            file.write_bytes(content)
            file.chmod(0o600)

    def _kill(self, leader: int, why: str) -> str:
        if self._lines.ended:
            return "it was gone already"
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, signal.SIGKILL)
        return f"killed, because {why}"

    def _wait(self, word: str, seconds: float) -> bool:
        """Whether the run says this in time."""
        until = time.monotonic() + seconds
        while word not in self._said and not self._lines.ended:
            left = until - time.monotonic()
            if left <= 0 or not select.select([sys.stdin], [], [], left)[0]:
                return False
            self._said |= {one.say for one in self._lines.read()}
        return word in self._said or (word == "end" and self._lines.ended)

    def _say(self, word: Word) -> None:
        # A run that is gone hears nothing; what matters is done without it.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._out, line(word))


def main() -> None:
    """Take orders from standard input, and watch."""
    # Whoever ends the run by a key ends it; the watcher sees to what is left.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    first = bytearray()
    while not first.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            return
        first += byte
    Watcher(orders_of(bytes(first)), Lines(sys.stdin.fileno()), sys.stdout.fileno()).run()


if __name__ == "__main__":
    main()
