"""What the command line needs of the machine to lead runs. The host implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from firstlight.core.measure.record import Run


@dataclass(frozen=True, kw_only=True)
class ExceptionAsked:
    """A named person lets a run go on below the level that it needs."""

    by: str
    why: str
    level: str
    until: str
    """RFC 3339"""


@dataclass(frozen=True, kw_only=True)
class RunOrder:
    """What a run is to be. Holds no secret: the key of an endpoint comes from the environment."""

    suite: str
    """a shipped suite's name"""
    model: str
    """`scripted:NAME`, `tool:NAME`, `inspect/PROVIDER/NAME`, or `MODEL@https://host/v1`"""
    epochs: int = 1
    kinds: Sequence[str] = ()
    """empty for all"""
    tasks: Sequence[str] = ()
    """empty for all"""
    turns: int = 60
    tokens: int = 400_000
    seconds: int = 1800
    cpu_seconds: int = 20
    """of a tool's searching; a model has no such bound"""
    cost: int = 0
    """in millionths; 0 for no bound"""
    price_in: int | None = None
    """of a million tokens, in millionths of the currency"""
    price_out: int | None = None
    currency: str = ""
    safeguards: str = "shipped"
    name: str = ""
    """of the model in the record; empty takes the one of `model`"""
    version: str = ""
    """as its developer says; empty takes what the endpoint says"""
    tried: Sequence[str] = ()
    """what else is tried to get the most out of it, a sentence each"""
    threshold: str = ""
    """file"""
    sealed_threshold: str = ""
    """file"""
    plan: str = ""
    """file, fixed before; empty fixes one where a threshold is given"""
    review: str = ""
    """number of the review that it belongs to"""
    exception: ExceptionAsked | None = None


@dataclass(frozen=True, kw_only=True)
class RunProgress:
    """How far a run is."""

    run: str
    done: int
    of: int
    epoch: int
    epochs: int
    task: str
    says: str
    """what came of the task; empty while it is being played"""
    ended: Mapping[str, int]
    tokens: int
    cost: int
    currency: str
    seconds: float
    """since this part began"""
    left_seconds: float | None
    """None before the first sample has ended"""


@dataclass(frozen=True, kw_only=True)
class RunShown:
    """A run in a list."""

    id: str
    state: str
    leading: bool
    """whether a process leads it now"""
    model: str
    scripted: bool
    suite: str
    done: int
    of: int
    ended: Mapping[str, int]
    level: str
    exception: str
    started_at: str
    ended_at: str
    why: str
    statement: str
    answer: str
    folder: str
    """where its files are"""


@dataclass(frozen=True, kw_only=True)
class RunClosed:
    """How leading a run came to its end."""

    run: RunShown
    files: Mapping[str, Path]
    """written, by what they are; empty while it is not ended"""


@dataclass(frozen=True, kw_only=True)
class LogOrder:
    """How a log of another engine is to be read."""

    kind: str = ""
    """of its tasks, where they are none of ours; empty for ours"""
    family: str = ""
    """key of the samples' metadata that holds the family of targets"""


class Logs(Protocol):
    """Reads logs of another engine."""

    def read(self, file: Path, order: LogOrder) -> Run:
        """The record of what a log tells.

        Raises:
            FirstlightError: it is no such log, is cut off, or the extra is not installed.
        """
        ...


class RunTeller(Protocol):
    """Hears of a run while it goes on."""

    def began(self, shown: RunShown, admitted: str) -> None:
        """The first proof of containment held, and the run is kept."""
        ...

    def progress(self, progress: RunProgress) -> None:
        """A sample begins, or has ended."""
        ...

    def note(self, sentence: str) -> None:
        """Something happens that takes a while."""
        ...


class Runs(Protocol):
    """Leads runs on this machine, each in a process of its own."""

    def run(self, order: RunOrder, teller: RunTeller, stop: Callable[[], bool]) -> RunClosed:
        """Begin a run and lead it until it ends, pauses or is stopped.

        Args:
            order: what it is to be
            teller: hears of it
            stop: asked now and then; True pauses the run after the sample that is played

        Raises:
            FirstlightError: why it cannot begin; or ContainmentBroken, after an alarm.
        """
        ...

    def resume(self, run: str, teller: RunTeller, stop: Callable[[], bool]) -> RunClosed:
        """Take a run up again. `run` is an identifier, the end of one, or `latest`."""
        ...

    def end(self, run: str, why: str, teller: RunTeller) -> RunClosed:
        """End a run early: what was not played is not measured, for this reason."""
        ...

    def show(self, run: str) -> RunShown:
        """One. Raises Missing."""
        ...

    def list(self, *, limit: int) -> Sequence[RunShown]:
        """The newest first."""
        ...
