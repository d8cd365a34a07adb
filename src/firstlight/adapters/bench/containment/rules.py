"""What the watcher takes for an alarm. It sees processes from outside and is told by the run.

Below a runner there may be: the runner, bubblewrap or the first process of an arena, and what is
in a sandbox. A sandbox has a network, a process namespace and users of its own, no route, and
nothing in it has tried to leave. Everything else is an alarm.

What may look odd for a moment (a process between fork and exec) is an alarm when it stays so for
`_GRACE`. Sandboxes of a proof try to leave on purpose; they are known by a nonce that was told for
this one proof and is nowhere else.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from firstlight.adapters.bench.containment import look
from firstlight.adapters.bench.containment.detectors import Detector
from firstlight.adapters.bench.containment.look import Seen
from firstlight.adapters.bench.containment.wire import Orders, Word
from firstlight.adapters.sandbox import arena
from firstlight.adapters.sandbox.departures import departures
from firstlight.core.measure.alarm import AlarmKind

SESSION = "BOX_SESSION"
"""variable in a sandbox that names its sample to the watcher"""
_GRACE = 0.25
"""seconds"""
_RUNNER = "firstlight.adapters.runner"
_RUNNER_GRACE = 3.0
"""seconds in which the run tells of a runner that died and was started again"""
_ENDING = 0.5
"""seconds in which everything of a sample must be gone after its end"""
_SIGNS_OF_LIFE = {"beat", "sample", "sample-end", "alarm"}
"""what the thread that leads the run says itself; proofs come from another"""
_PROOFS_LATE = 3
"""intervals without a proof"""
_BUBBLEWRAP = str(Path(shutil.which("bwrap") or "/usr/bin/bwrap").resolve())
_ARENA_INIT = str(Path(arena.__file__).with_name("arena_init.py"))


class Finding(NamedTuple):
    """An alarm to be sounded."""

    kind: AlarmKind
    seen: str
    sample: str = ""


@dataclass(kw_only=True)
class _Open:
    """A sample that goes on."""

    until: float


@dataclass(kw_only=True)
class Rules:
    """What is known of a run, and the rules over it."""

    orders: Orders
    own: int
    """the watcher's process"""
    roots: list[int] = field(default_factory=list)
    samples: dict[str, _Open] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    nonces: dict[str, float | None] = field(default_factory=dict)
    """of proofs, with the time of their end"""
    beat: float = 0.0
    proved: float = 0.0
    excused: set[int] = field(default_factory=set)
    """networks of proofs"""
    suspects: dict[tuple[int, float, AlarmKind], float] = field(default_factory=dict)
    listening: set[str] | None = None
    """sockets that the runner had from the start"""

    def __post_init__(self) -> None:
        """What the host's own namespaces are, and when it begins."""
        host = look.see(self.own)
        if host is None:
            raise ProcessLookupError(self.own)
        self.host = host
        self.beat = self.proved = time.monotonic()
        self.armed = frozenset(Detector(name) for name in self.orders.armed)

    def hear(self, word: Word) -> Iterator[Finding]:
        """Take in what the run says."""
        now = time.monotonic()
        if word.say in _SIGNS_OF_LIFE:
            self.beat = now
        match word.say:
            case "beat" | "roots":
                self.roots = word.roots
            case "sample":
                self.samples[word.name] = _Open(until=now + word.seconds)
            case "sample-end":
                self.samples.pop(word.name, None)
                self.ended[word.name] = now
            case "probing":
                self.nonces[word.name] = None
            case "probed":
                self.nonces[word.name] = now
            case "proof" if word.held:
                self.proved = now
            case "proof":
                yield Finding(AlarmKind.PROBE, word.text)
            case "alarm":
                yield Finding(AlarmKind(word.name), word.text, word.sample)
            case _:
                return

    def look(self) -> Iterator[Finding]:
        """Look around once."""
        now = time.monotonic()
        yield from self._time(now)
        seen = [one for root in self.roots for one in look.family(root)]
        seen = [one for one in seen if one.pid not in (self.own, self.orders.leader)]
        inside = [one for one in seen if self._in_sandbox(one)]
        self._excuse(seen, now)
        beside = [one for one in seen if one not in inside and not self._of_a_proof(one, now)]
        alive = {(one.pid, one.began) for one in seen}
        self.suspects = {key: at for key, at in self.suspects.items() if key[:2] in alive}
        if Detector.PROCESSES in self.armed:
            yield from self._processes(beside, now)
        if Detector.LISTENERS in self.armed:
            yield from self._listeners(beside)
        if Detector.WALLS in self.armed:
            yield from self._walls(seen, inside, now)
        if Detector.EGRESS in self.armed:
            yield from self._egress(inside)
        if Detector.OUTLIVED in self.armed:
            yield from self._outlived(seen, now)
        if Detector.GROWTH in self.armed:
            yield from self._growth(inside)
        if Detector.TIME in self.armed:
            yield from self._age(inside)

    def _time(self, now: float) -> Iterator[Finding]:
        if Detector.TIME in self.armed:
            for name, one in self.samples.items():
                if now > one.until:
                    seen = f"{now - one.until:.1f} seconds past its time"
                    yield Finding(AlarmKind.OVERRUN, seen, name)
        if Detector.SILENCE in self.armed:
            quiet = now - self.beat
            if quiet > self.orders.silence_seconds:
                yield Finding(AlarmKind.SILENCE, f"nothing was heard for {quiet:.1f} seconds")
            old = now - self.proved
            if old > self.orders.proof_seconds * _PROOFS_LATE:
                yield Finding(AlarmKind.PROOF_MISSING, f"the last one is {old:.0f} seconds old")

    def _in_sandbox(self, one: Seen) -> bool:
        return one.network is not None and one.network != self.host.network

    def _excuse(self, seen: Sequence[Seen], now: float) -> None:
        """Remember the networks of proofs for as long as something is in them."""
        self.excused &= {one.network for one in seen if one.network is not None}
        self.excused |= {
            one.network
            for one in seen
            if one.network not in (None, self.host.network) and self._of_a_proof(one, now)
        }
        self.nonces = {
            nonce: ended
            for nonce, ended in self.nonces.items()
            if ended is None or now - ended < _ENDING * 4
        }

    def _of_a_proof(self, one: Seen, now: float) -> bool:
        return any(
            any(nonce in word for word in one.words)
            for nonce, ended in self.nonces.items()
            if ended is None or now - ended < _ENDING
        )

    def _processes(self, beside: Sequence[Seen], now: float) -> Iterator[Finding]:
        for one in beside:
            if one.pid in self.roots or _of_the_sandbox(one):
                continue
            grace = _RUNNER_GRACE if _RUNNER in one.words[:6] else _GRACE
            if self._stays(one, AlarmKind.PROCESS, now, grace):
                said = " ".join(one.words)[:200] or one.program or "one that may not be read"
                yield Finding(AlarmKind.PROCESS, f"process {one.pid}: {said}", self._sample(one))

    def _listeners(self, beside: Sequence[Seen]) -> Iterator[Finding]:
        found = look.listening([one.pid for one in beside])
        if self.listening is None and beside:
            self.listening = set(found)
        known = self.listening or set()
        strange = {number: what for number, what in found.items() if number not in known}
        if strange:
            # A runner that was started again has its socket from the process that leads the run.
            strange = {
                number: what
                for number, what in strange.items()
                if number not in look.listening([self.orders.leader])
            }
        for what in strange.values():
            yield Finding(AlarmKind.LISTENER, what)

    def _walls(self, seen: Sequence[Seen], inside: Sequence[Seen], now: float) -> Iterator[Finding]:
        for one in seen:
            own_users = one.users not in (None, self.host.users)
            shared = [
                name
                for name, mine, hosts in (
                    ("network", one.network, self.host.network),
                    ("processes", one.processes, self.host.processes),
                )
                if mine == hosts
            ]
            first = _of_the_sandbox(one) and one.program != _BUBBLEWRAP
            if own_users and shared and not first and self._stays(one, AlarmKind.WALL, now):
                what = f"process {one.pid} shares the host's {' and '.join(shared)}"
                yield Finding(AlarmKind.WALL, what, self._sample(one))
        for one in _one_each(inside):
            found = look.routes(one.pid)
            if found:
                what = f"a sandbox has a route over {', '.join(found)[:100]}"
                yield Finding(AlarmKind.WALL, what, self._sample(one))

    def _egress(self, inside: Sequence[Seen]) -> Iterator[Finding]:
        for one in _one_each(inside):
            count = departures(one.pid)
            if count and one.network not in self.excused:
                yield Finding(AlarmKind.EGRESS, f"{count} attempts", self._sample(one))

    def _outlived(self, seen: Sequence[Seen], now: float) -> Iterator[Finding]:
        late = {name for name, at in self.ended.items() if now - at > _ENDING}
        for one in seen:
            sample = self._sample(one)
            if sample in late:
                yield Finding(AlarmKind.OUTLIVED, f"process {one.pid} goes on", sample)

    def _growth(self, inside: Sequence[Seen]) -> Iterator[Finding]:
        memory = sum(one.resident for one in inside)
        if len(inside) > self.orders.processes:
            yield Finding(AlarmKind.GROWTH, f"{len(inside)} processes")
        if memory > self.orders.memory_bytes:
            yield Finding(AlarmKind.GROWTH, f"{memory >> 20} MiB resident")

    def _age(self, inside: Sequence[Seen]) -> Iterator[Finding]:
        up = look.uptime()
        for one in inside:
            if up - one.began > self.orders.call_seconds:
                seen = f"a sandbox has lived for {up - one.began:.0f} seconds"
                yield Finding(AlarmKind.OVERRUN, seen, self._sample(one))

    def _stays(self, one: Seen, kind: AlarmKind, now: float, grace: float = _GRACE) -> bool:
        """Whether it has looked like this for longer than a moment."""
        return now - self.suspects.setdefault((one.pid, one.began, kind), now) >= grace

    def _sample(self, one: Seen) -> str:
        """The sample that a process belongs to, as its sandbox was told from outside."""
        for word in one.words:
            if word.startswith(f"{SESSION}="):
                return word.partition("=")[2][:80]
        return ""


def _one_each(inside: Sequence[Seen]) -> Sequence[Seen]:
    """One process of each network."""
    return list({one.network: one for one in inside}.values())


def _of_the_sandbox(one: Seen) -> bool:
    """Whether this is bubblewrap, or the first process of an arena."""
    return one.program == _BUBBLEWRAP or _ARENA_INIT in one.words[:4]
