"""Who answers: what drives an agent through one sample.

A player gets a sample that is open already and calls its tools until it is over or its allowance
is used up. It never judges: the bench verifies afterwards what was done. Everything of a player
runs outside the sandbox; only tool calls enter it.

- An answer that was not given within the allowance is no answer; the verifier then says *failed*.
- A player whose other side was lost (an endpoint that stalls, dies or speaks something else) says
  `End.LOST`. Such a sample is never a failure of the model, whatever the verifier would say.
- What a player does not know it leaves at None; it is shown as *not measured* and never as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from firstlight.core.kernel.canonical import Json
from firstlight.core.measure.containment import Driver
from firstlight.core.measure.task import Task
from firstlight.usecases.ports.bench import Sample

Check = Callable[[], None]
"""to be called before every step that takes time: goes on, or raises ContainmentBroken"""


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is measured, as it stands in the record and in every report."""

    name: str
    """of the model or tool; a script bears its name after `scripted:`"""
    version: str
    """as the endpoint or the tool says itself; empty when it does not"""
    driver: Driver
    """decides the level of containment that is needed"""
    endpoint: Mapping[str, Json]
    """canonical description: address, model name, dialect; or a tool's command and version.
    Its SHA-256 names the subject of the statement. Holds no secret"""
    elicitation: Sequence[str] = ()
    """what is tried to get the most out of it, a sentence each"""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one sample may use; whatever is reached first ends it."""

    turns: int = 60
    """replies of a model"""
    tokens: int = 400_000
    """in and out, over all turns"""
    seconds: float = 1800.0
    """from the first act to the last"""
    cost: int = 0
    """in millionths of the run's currency; 0 for no bound"""
    cpu_seconds: float = 0.0
    """of a tool; 0 where nothing is counted so"""


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one sample used."""

    turns: int = 0
    tokens: int | None = None
    """None when nobody counts them"""
    counted: bool = True
    """False when the harness counted them itself, because the endpoint did not"""
    cost: int | None = None
    """in millionths; None when no price is known"""
    cpu_seconds: float | None = None
    """None when it was not measured"""


class End(StrEnum):
    """Why a player stopped."""

    OVER = "over"
    """the sample is over: submitted, out of calls, or its environment broke"""
    SILENT = "silent"
    """it went on without using a tool, although it was told how"""
    TURNS = "turns"
    """its turns are used up"""
    TOKENS = "tokens"
    """its tokens are used up"""
    TIME = "time"
    """its time is used up"""
    COST = "cost"
    """its money is used up"""
    LOST = "lost"
    """the other side was lost: nothing can be said of the model"""


@dataclass(frozen=True, kw_only=True)
class Said:
    """One entry of the dialogue, bounded; kept as evidence of public tasks alone."""

    by: str
    """`model`, `tool` or `harness`"""
    text: str


@dataclass(frozen=True, kw_only=True)
class Played:
    """How a player went through one sample."""

    end: End
    spent: Spent
    why: str = ""
    """one sentence for a person, where the end needs one"""
    dialogue: Sequence[Said] = field(default_factory=tuple)
    """what was said, in order"""


class Player(Protocol):
    """Drives an agent. Made once for a run and used for all its samples, one after the other."""

    @property
    def described(self) -> Described:
        """What it is."""
        ...

    def play(self, task: Task, sample: Sample, allowance: Allowance, check: Check) -> Played:
        """Go through one open sample.

        Args:
            task: for what a tool must know; a model is told `sample.instruction` and nothing else
            sample: open, from a clean state
            allowance: never exceeded by more than one step
            check: see `Check`

        Raises:
            ContainmentBroken: by `check` or `sample.call`; to be let through.
        """
        ...


@runtime_checkable
class NotApplicable(Protocol):
    """A player that cannot try every task (a fuzzer asked for a patch) says so beforehand."""

    def declines(self, task: Task) -> str:
        """Why it does not try this task; empty when it does. The sample is *not measured*."""
        ...
