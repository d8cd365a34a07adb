"""What the commands of sealed suites need of this machine. The composition root implements it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from firstlight.adapters.cli.host import TaskChecked
from firstlight.core.kernel.canonical import Json
from firstlight.core.measure.commitment import Committed, Opening

Progress = Callable[[str, str], None]
"""called with a task's name and what happens now"""


@dataclass(frozen=True, kw_only=True)
class SealedShown:
    """What may be said of a sealed suite to anybody."""

    committed: Committed
    made_at: str
    committed_at: str
    """empty while it was not"""
    follows: str
    fingerprint: str
    """of its key"""
    opened: Sequence[str]
    """tasks that are public by now"""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to make."""

    folder: Path
    name: str
    version: str
    programs: int
    check: bool
    """try every gate before anything is sealed"""
    jobs: int


@dataclass(frozen=True, kw_only=True)
class OpenedTask:
    """One task, opened for good."""

    opening: Opening
    files: dict[str, bytes]
    siblings: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One sample of a run on a sealed suite, opened for its owner."""

    task: str
    """its own name"""
    shown_as: str
    """its name in the run"""
    epoch: int
    evidence: Mapping[str, Json]
    """quotes the task"""


@dataclass(frozen=True, kw_only=True)
class LeakShown:
    """Text of a task where it must not be."""

    place: str
    encoding: str
    packed: bool


@dataclass(frozen=True, kw_only=True)
class SearchShown:
    """A search for leaks that came to its end."""

    files: int
    bytes: int
    streams: int
    leaks: Sequence[LeakShown]
    unread: Sequence[str]


class SealedSuites(Protocol):
    """Sealed suites in folders, with the keys of this machine."""

    def new(self, order: Order, progress: Progress) -> SealedShown:
        """Make a suite from fresh entropy. Raises Conflict, Invalid, NoMemoryFolder."""
        ...

    def seal(self, order: Order, tasks: Path) -> SealedShown:
        """Seal task folders that were made elsewhere. Raises Conflict, Invalid."""
        ...

    def rotate(self, before: Path, order: Order, progress: Progress) -> SealedShown:
        """A new version with new tasks alone. Raises as `new`, and Missing."""
        ...

    def show(self, folder: Path) -> SealedShown:
        """What is public of a suite. Raises Missing, Invalid."""
        ...

    def names(self, folder: Path) -> Sequence[str]:
        """Its tasks' own names, for its owner. Raises as `show`, and when no key opens it."""
        ...

    def commit(self, folder: Path, *, ledger: bool) -> SealedShown:
        """Write down that its commitment is published now. Raises Conflict; as `show`."""
        ...

    def open_task(self, folder: Path, task: str, *, ledger: bool) -> OpenedTask:
        """Open a task for good. Raises Missing; as `names`."""
        ...

    def check(self, folder: Path, progress: Progress, *, jobs: int) -> Sequence[TaskChecked]:
        """Try the gates of its tasks, in memory. Raises as `names`, and NoMemoryFolder."""
        ...

    def evidence(self, folder: Path, run: str) -> Sequence[Seen]:
        """What was seen in a run. Raises Missing, Conflict; as `names`."""
        ...

    def search(self, folder: Path, places: Sequence[Path]) -> SearchShown:
        """Look for the text of its unopened tasks. Raises as `names`, and Missing for none."""
        ...
