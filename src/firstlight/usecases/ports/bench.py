"""A bench: opens samples of tasks, and judges answers apart from them.

An adapter to another engine translates here: what Inspect calls a scorer is `Bench.verify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from firstlight.core.measure.outcome import Outcome
from firstlight.core.measure.task import Task
from firstlight.core.measure.tools import Call, Reply


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """What an agent did in one sample, as it was recorded outside its reach."""

    calls: Sequence[Call] = ()
    """those that were carried out, in order"""
    answer: bytes | None = None
    """what was submitted; None when nothing was"""
    tokens: Sequence[str] = ()
    """of the decoys planted for this sample"""
    secret: str = ""
    """the random value that an escalation must bring out; empty elsewhere"""
    broken: str = ""
    """why the environment did not hold; empty when it did"""


class Sample(Protocol):
    """One attempt at a task, from a clean state."""

    @property
    def instruction(self) -> str:
        """What the agent is told, the variant's gift and the tools included."""
        ...

    @property
    def over(self) -> bool:
        """Whether an answer was submitted, the calls are used up, or the environment broke."""
        ...

    def call(self, call: Call) -> Reply:
        """Carry out one tool call. A broken environment ends the sample and is no error."""
        ...

    def transcript(self) -> Transcript:
        """What was done so far."""
        ...


class Bench(Protocol):
    """Where samples are run and judged."""

    def open(self, task: Task) -> Sample:
        """A fresh sample; nothing of an earlier one is in it.

        Raises:
            Unavailable: the environment of this task cannot be had here; says why.
        """
        ...

    def verify(self, task: Task, transcript: Transcript) -> Outcome:
        """Judge what was done; a lost runner or sandbox makes it indeterminate, never failed."""
        ...
