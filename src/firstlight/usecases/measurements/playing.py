"""Play the samples of a run, one after the other, and keep each as it ends.

What is promised here:

1. a sample is opened, played and judged under watch; an alarm leaves at once and keeps nothing of
   the sample in which it was sounded;
2. a sample whose player or environment was lost is indeterminate, never failed. When several in a
   row are lost, the fault is not in the samples: they are not kept, the run pauses, and they are
   played when it is taken up again;
3. a task whose environment cannot be had here is not measured, with the reason;
4. whoever interrupts loses at most the sample that is being played.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from firstlight.core.kernel.errors import FirstlightError, Unavailable
from firstlight.core.kernel.parties import Actor
from firstlight.core.measure.alarm import AlarmKind
from firstlight.core.measure.figures import COST, TOKENS, Unmeasured
from firstlight.core.measure.measurement import Item, Measurement, sample_of, to_play
from firstlight.core.measure.outcome import (
    Detection,
    Evidence,
    Indeterminate,
    Outcome,
    not_measured,
)
from firstlight.core.measure.outcome import Trick as TrickKind
from firstlight.core.measure.record import Ended
from firstlight.core.measure.task import Task
from firstlight.usecases.context import Context
from firstlight.usecases.measurements.agent import BYTES_PER_TOKEN
from firstlight.usecases.measurements.runs import keep, note_watch
from firstlight.usecases.ports.bench import Bench
from firstlight.usecases.ports.containment import Watch
from firstlight.usecases.ports.players import Allowance, End, Played, Player, Spent
from firstlight.usecases.ports.runs import KeptSample, Trick

LOST_IN_A_ROW = 3
"""samples after which the run pauses"""
JUDGING_SECONDS = 3000.0
"""for building and judging, beyond what the player may use"""
_PROOFS_EVERY = 20
"""samples between two writings of the proofs"""


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """An outcome of a sealed task: a part that may be kept anywhere, and the sealed rest."""

    outcome: Outcome
    """its kind, a digest, and no word of the task"""
    envelope: bytes
    """the evidence, sealed"""
    name: str
    """by which the envelope is opened"""


class Seal(Protocol):
    """Hides what an outcome tells of a sealed task."""

    def __call__(self, task: str, epoch: int, outcome: Outcome) -> Hidden:
        """The two parts of an outcome; `task` is its name in the run."""
        ...


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Everything that samples are played with."""

    bench: Bench
    watch: Watch
    player: Player
    tasks: Mapping[str, Task]
    """by the names of the run"""
    resolved: Callable[[Task], tuple[str, str] | None]
    """name and digest of a task's environment as it was resolved; None where there is none"""
    tick: Callable[[], float]
    """counts seconds"""
    seal: Seal | None = None
    """None for a public suite"""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a run is."""

    done: int
    """samples that are kept"""
    of: int
    """samples that the player tries"""
    ended: Mapping[str, int]
    """by how they ended, this part alone"""
    tokens: int
    cost: int
    task: str
    """that is being played, or was played last"""
    epoch: int
    seconds: float
    """since this part began"""
    played: int
    """samples of this part"""
    says: str = ""
    """what happened now, in a word; empty when a sample begins"""


@dataclass(frozen=True, kw_only=True)
class Leading:
    """A run that goes on, and who leads it."""

    context: Context
    actor: Actor
    measurement: Measurement
    allowance: Allowance
    """of each sample"""
    tell: Callable[[Progress], None]
    """hears when a sample begins and when it has ended"""
    interrupted: Callable[[], bool]
    """asked before each sample"""


def play(leading: Leading, stage: Stage) -> str:
    """Play what is still to be played. Returns why it paused; empty when nothing is left.

    Raises:
        ContainmentBroken: an alarm was sounded.
        Unavailable: the database, or a part that is needed, does not work.
    """
    measurement = leading.measurement
    with leading.context.storage.begin() as work:
        kept = work.measurements.places(measurement.id)
    left = to_play(measurement.fixed, kept)
    part = _Part(leading, stage, kept=len(kept), left=len(left))
    for item, epoch in left:
        if leading.interrupted():
            return "interrupted by the person who leads it"
        part.one(item, epoch)
        if len(part.lost) >= LOST_IN_A_ROW:
            return f"{LOST_IN_A_ROW} samples in a row were lost: {part.lost_by}"
    if part.lost:
        return f"what was played last was lost: {part.lost_by}"
    return ""


@dataclass(frozen=True, kw_only=True)
class _Tried:
    """One sample, before it is kept."""

    item: Item
    epoch: int
    played: Played | None
    """None when it could not be opened"""
    outcome: Outcome
    milliseconds: int


class _Part:
    """What goes on between a start or a resumption and the next interruption."""

    def __init__(self, leading: Leading, stage: Stage, *, kept: int, left: int) -> None:
        self._leading = leading
        self._run = leading.measurement
        self._stage = stage
        self._kept = kept
        self._of = kept + left
        self._begun = stage.tick()
        self._ended: Counter[str] = Counter()
        self._tokens = 0
        self._cost = 0
        self._gaps: set[Unmeasured] = set()
        self.lost: list[KeptSample] = []
        """in a row, up to now; kept when the row ends without a pause"""
        self.lost_by = ""
        """what the last of them was lost by, in words that may stand anywhere"""

    def one(self, item: Item, epoch: int) -> None:
        """Play one sample, and keep it unless it was lost."""
        self._say(item, epoch, "")
        task = self._stage.tasks[item.task]
        environment = None
        # The name by which the watcher knows it, and evidence shows it.
        name = f"{item.task}.{epoch}"
        seconds = self._leading.allowance.seconds + JUDGING_SECONDS
        with self._stage.watch.sample(name, seconds):
            played, outcome, milliseconds = self._attempt(task)
            tried = _Tried(
                item=item, epoch=epoch, played=played, outcome=outcome, milliseconds=milliseconds
            )
            if played is not None:
                environment = self._resolved(task)
        kept = self._kept_of(tried)
        if played is not None and played.end is End.LOST:
            self.lost.append(kept)
            self.lost_by = kept.summary
            if self._stage.seal is not None:
                # The error's code alone: its sentence may quote what was answered.
                self.lost_by = played.why.partition(":")[0] or kept.summary
            self._say(item, epoch, "lost")
            return
        if played is not None:
            self._gaps |= set(_gaps(played.spent))
        self._keep([*self.lost, kept], environment)
        self.lost = []
        self._say(item, epoch, kept.sample.ended.value)

    def _keep(self, every: Sequence[KeptSample], environment: tuple[str, str] | None) -> None:
        leading = self._leading
        keep(
            leading.context,
            leading.actor,
            self._run.id,
            every,
            environment=environment,
            version_seen=self._stage.player.described.version,
            unmeasured=sorted(self._gaps, key=lambda gap: gap.name),
        )
        for each in every:
            self._ended[each.sample.ended.value] += 1
            self._tokens += each.sample.tokens
            self._cost += each.sample.cost
        if self._ended.total() % _PROOFS_EVERY == 0:
            watch = self._stage.watch
            note_watch(leading.context, self._run.id, watch.proofs, watch.evidence_head)

    def _attempt(self, task: Task) -> tuple[Played | None, Outcome, int]:
        """Open, play, judge."""
        stage = self._stage
        try:
            sample = stage.bench.open(task)
        except Unavailable as error:
            return None, not_measured(f"its environment cannot be had here: {error.message}"), 0
        except FirstlightError as error:
            # Of the task, such as a release that was withdrawn; the player has no part in it.
            return None, not_measured(f"it cannot be opened: {error.message}"), 0
        begun = stage.tick()
        played = stage.player.play(task, sample, self._leading.allowance, stage.watch.check)
        milliseconds = round((stage.tick() - begun) * 1000)
        if played.end is End.LOST:
            return played, Indeterminate(evidence=Evidence(summary=played.why)), milliseconds
        stage.watch.check()
        outcome = stage.bench.verify(task, sample.transcript())
        self._alarm_on_tampering(outcome)
        if sample.transcript().broken:
            # Said once more, so that nothing but the environment decides whether it was lost.
            return replace(played, end=End.LOST), outcome, milliseconds
        return played, outcome, milliseconds

    def _alarm_on_tampering(self, outcome: Outcome) -> None:
        for one in outcome.evidence.detections:
            if one.trick is TrickKind.TAMPERING and one.voids and one.where.startswith("call "):
                seen = f"{one.where}: {one.why}"
                if self._stage.seal is not None:
                    seen = "in a sealed task, whose words are not kept"
                self._stage.watch.alarm(AlarmKind.TAMPERING, seen)

    def _resolved(self, task: Task) -> tuple[str, str] | None:
        try:
            return self._stage.resolved(task)
        except FirstlightError:
            # It was there a moment ago, for the sample; the record then does not name it.
            return None

    def _kept_of(self, tried: _Tried) -> KeptSample:
        item, epoch, played, outcome = tried.item, tried.epoch, tried.played, tried.outcome
        spent = played.spent if played else Spent()
        dialogue = played.dialogue if played else ()
        shown, envelope, name = outcome, b"", ""
        if self._stage.seal is not None:
            hidden = self._stage.seal(item.task, epoch, outcome)
            shown, envelope, name, dialogue = hidden.outcome, hidden.envelope, hidden.name, ()
        ended = Ended(outcome.kind)
        seen = shown.evidence
        facts = dict(seen.facts)
        if spent.cpu_seconds is not None and self._stage.seal is None:
            facts["cpu_milliseconds"] = round(spent.cpu_seconds * 1000)
        sample = sample_of(
            self._stage.tasks[item.task],
            item,
            self._run.fixed,
            epoch,
            ended=ended,
            tokens=spent.tokens or 0,
            cost=spent.cost or 0,
            milliseconds=tried.milliseconds,
            reason="" if ended.counts else seen.summary,
        )
        return KeptSample(
            sample=sample,
            at=self._leading.context.clock.now(),
            end=played.end.value if played else "",
            summary=seen.summary,
            tricks=tuple(_trick(one) for one in seen.detections),
            level=seen.level,
            notes=tuple(seen.notes),
            facts=facts,
            dialogue=dialogue,
            sealed=envelope,
            sealed_name=name,
        )

    def _say(self, item: Item, epoch: int, says: str) -> None:
        played = self._ended.total()
        self._leading.tell(
            Progress(
                done=self._kept + played,
                of=self._of,
                ended=dict(self._ended),
                tokens=self._tokens,
                cost=self._cost,
                task=item.task,
                epoch=epoch,
                seconds=self._stage.tick() - self._begun,
                played=played,
                says=says,
            )
        )


def _gaps(spent: Spent) -> Iterator[Unmeasured]:
    """What of the costs is not known."""
    if spent.tokens is None:
        yield Unmeasured(name=TOKENS, reason="what was measured does not use tokens")
    elif not spent.counted:
        yield Unmeasured(
            name="tokens as the endpoint counts them",
            reason=f"it does not say; {BYTES_PER_TOKEN} bytes sent or received are taken as one",
        )
    if spent.cost is None:
        yield Unmeasured(name=COST, reason="no price was given", needs="the price of tokens")


def _trick(one: Detection) -> Trick:
    return Trick(trick=one.trick.value, where=one.where, why=one.why, voids=one.voids)
