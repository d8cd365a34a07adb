"""A tool in the place of a model: the same sample, the same calls, the same verifier.

What holds for every tool:

1. it reaches a sample by its tool calls alone, so it has the sandbox, the limits of a call and the
   one answer that a model has;
2. its budget is CPU seconds of searching; building its own copy of the target is not counted, as
   the build that a model finds there is not;
3. a task of a kind, or over a target, that it cannot try is declined beforehand with the reason.
   It is *not measured*; it is never a failure;
4. a search that ends without an answer is a failure like a model's: it had its budget;
5. when its own build fails, nothing can be said of it: the sample is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from firstlight.adapters.bench.baselines import analysis, fuzzing
from firstlight.adapters.bench.baselines.builds import BUILDS
from firstlight.adapters.bench.baselines.kits import PREFIX, Kit
from firstlight.core.clearinghouse.validation.target import Target
from firstlight.core.measure.containment import Driver
from firstlight.core.measure.task import Kind, TargetEnvironment, Task
from firstlight.core.measure.tools import Call, Reply, Run, Submit, Write
from firstlight.usecases.ports.bench import Sample
from firstlight.usecases.ports.players import (
    Allowance,
    Check,
    Described,
    End,
    Played,
    Said,
    Spent,
)

SLICE = 20
"""seconds of one search; a call may take 60, and a machine may be busy"""
_SHORTEST = 1
_STARTED = 0.02
"""CPU seconds below which a search has not begun at all"""
_NEXT_SEED = 1000
"""from one slice to the next, so that two epochs share no seed"""
_KEPT_TEXT = 4000
"""characters of a reply that are kept as evidence"""


@dataclass(kw_only=True)
class Turn:
    """One sample as it is played."""

    sample: Sample
    allowance: Allowance
    check: Check
    tick: Callable[[], float]
    until: float
    """by the clock of `tick`"""
    seed: int
    """another one for each epoch, the same in every run"""
    cpu: float = 0.0
    """seconds of searching so far"""
    calls: int = 0
    said: list[Said] = field(default_factory=list)

    def call(self, call: Call) -> Reply:
        """Carry out a call, and keep what it gave."""
        self.check()
        self.calls += 1
        reply = self.sample.call(call)
        self.said.append(Said(by="tool", text=reply.text[:_KEPT_TEXT]))
        return reply

    def left(self) -> int:
        """Whole seconds of the next search; 0 when the budget or the time is used up."""
        left = min(self.allowance.cpu_seconds - self.cpu, self.until - self.tick(), SLICE)
        return max(int(left + 0.5), 0) if left >= _SHORTEST / 2 else 0

    def ended(self, end: End, why: str = "") -> Played:
        """The result."""
        spent = Spent(turns=self.calls, cpu_seconds=self.cpu)
        return Played(end=end, spent=spent, why=why, dialogue=tuple(self.said))


class ToolPlayer:
    """Implements `Player` and `NotApplicable` over a tool of the system."""

    def __init__(
        self,
        kit: Kit,
        version: str,
        *,
        cpu_seconds: float,
        target: Callable[[Task], Target],
        tick: Callable[[], float],
    ) -> None:
        """Nothing is started; `target` gives the target of a task."""
        self._kit = kit
        self._version = version
        self._cpu = cpu_seconds
        self._target = target
        self._tick = tick
        self._played: Counter[str] = Counter()

    @property
    def described(self) -> Described:
        """See the port."""
        kit = self._kit
        return Described(
            name=f"{PREFIX}{kit.name}",
            version=self._version,
            driver=Driver.TOOL,
            endpoint={"tool": kit.name, "version": self._version, "cpu_seconds": str(self._cpu)},
            elicitation=("A tool without any model. " + kit.how,),
        )

    def declines(self, task: Task) -> str:
        """See the port."""
        kit = self._kit
        if task.kind is not kit.kind:
            return f"not applicable: {kit.name} cannot try to {task.kind}"
        if kit.kind is Kind.FIND:
            target = self._target(task)
            written_in_c = any(place.file.endswith((".c", ".cc")) for place in target.places)
            return "" if written_in_c else f"not applicable: {kit.name} reads C and C++ alone"
        if _target_of(task) not in BUILDS:
            return f"not applicable: {kit.name} fuzzes programs in C, and this target is none"
        return ""

    def play(self, task: Task, sample: Sample, allowance: Allowance, check: Check) -> Played:
        """See the port."""
        self._played[task.id] += 1
        turn = Turn(
            sample=sample,
            allowance=allowance,
            check=check,
            tick=self._tick,
            until=self._tick() + allowance.seconds,
            seed=self._played[task.id],
        )
        if self._kit.kind is Kind.FIND:
            return _read(turn)
        return _fuzz(self._kit.name, task, turn)


def _target_of(task: Task) -> str:
    """Identifier of its target; empty without one."""
    environment = task.environment
    return environment.target if isinstance(environment, TargetEnvironment) else ""


def _fuzz(name: str, task: Task, turn: Turn) -> Played:
    fuzzer, build = fuzzing.FUZZERS[name], BUILDS[_target_of(task)]
    turn.call(Write(path=fuzzing.DRIVER, data=fuzzing.driver()))
    built = turn.call(Run(command=fuzzing.build_command(fuzzer, build)))
    if not built.ok:
        return turn.ended(End.LOST, f"{name} could not build the target: {built.text[-300:]}")
    while seconds := turn.left():
        command = fuzzing.search_command(fuzzer, build, seconds, turn.seed)
        begun = turn.tick()
        found = fuzzing.read_slice(turn.call(Run(command=command)).text)
        # A slice that cannot say what it took is taken to have used all of its time.
        turn.cpu += turn.tick() - begun if found.cpu_seconds is None else found.cpu_seconds
        if found.candidates:
            turn.call(Submit(answer=None, path=found.candidates[0]))
            return turn.ended(End.OVER)
        if turn.sample.over:
            return turn.ended(End.OVER)
        if turn.cpu < _STARTED:
            return turn.ended(End.LOST, f"{name} does not start: {turn.said[-1].text[-300:]}")
        turn.seed += _NEXT_SEED
    return turn.ended(End.TIME, "its CPU seconds are used up")


def _read(turn: Turn) -> Played:
    left = [
        name for name in turn.call(Run(command=analysis.list_command())).text.split("\n") if name
    ]
    said: list[analysis.Complaint] = []
    while left and (seconds := turn.left()):
        begun = turn.tick()
        text = turn.call(Run(command=analysis.read_command(left, seconds))).text
        took = fuzzing.read_slice(text).cpu_seconds
        turn.cpu += turn.tick() - begun if took is None else took
        said += analysis.read_complaints(text)
        done = analysis.read_done(text)
        if not done:
            break
        left = [name for name in left if name not in done]
    answer = analysis.gravest(said)
    if answer is None:
        return turn.ended(End.TIME if left else End.OVER, "it complains about nothing")
    turn.call(Submit(answer=answer.answer(), path=""))
    return turn.ended(End.OVER)
