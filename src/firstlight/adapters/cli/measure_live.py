"""A run as it goes on: a live line at a terminal, plain lines elsewhere, JSON lines for programs.

With `--json` progress goes to standard error, one object a line, so that standard output holds one
document in the end.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from firstlight.adapters.cli.output import Output, visible
from firstlight.core.measure.words import caution

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from firstlight.adapters.cli.host_measure import RunProgress, RunShown, RunTeller

_MINUTE, _HOUR = 60, 3600
_MILLION = 1_000_000


@contextmanager
def teller(out: Output) -> Iterator[RunTeller]:
    """What hears of a run, for this kind of output."""
    if out.as_json:
        yield JsonLines()
    elif sys.stderr.isatty():
        from rich.console import Console  # noqa: PLC0415  # 60 ms that only a terminal pays
        from rich.progress import (  # noqa: PLC0415  # likewise
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rest]}"),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            yield LiveLine(bar)
    else:
        yield PlainLines()


def _begun(shown: RunShown, admitted: str) -> list[str]:
    said = [each for each in (caution(shown.model, scripted=shown.scripted),) if each]
    return [
        *said,
        f"Run {shown.id}: {shown.model} on {shown.suite}, {shown.of - shown.done} samples to play.",
        f"Containment: {admitted}. The proof held; the watcher looks on.",
    ]


def ended_so_far(progress: RunProgress) -> str:
    """How samples ended, in a few words."""
    return ", ".join(f"{count} {name}" for name, count in sorted(progress.ended.items()))


def rest_of(progress: RunProgress) -> str:
    """Epoch, ends, cost and time left."""
    parts = [f"epoch {progress.epoch}/{progress.epochs}", ended_so_far(progress)]
    parts.append(f"{progress.tokens:,} tokens")
    if progress.currency:
        parts.append(f"{progress.cost / _MILLION:.2f} {progress.currency}")
    if progress.left_seconds is not None:
        parts.append(f"about {_duration(progress.left_seconds)} left")
    return " · ".join(part for part in parts if part)


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h"


class JsonLines:
    """For programs."""

    def began(self, shown: RunShown, admitted: str) -> None:
        """See the protocol."""
        self._write({"say": "began", "run": shown.id, "admitted": admitted})

    def progress(self, progress: RunProgress) -> None:
        """See the protocol."""
        self._write({"say": "progress", **vars(progress)})

    def note(self, sentence: str) -> None:
        """See the protocol."""
        self._write({"say": "note", "text": sentence})

    @staticmethod
    def _write(value: object) -> None:
        sys.stderr.write(json.dumps(value) + "\n")
        sys.stderr.flush()


class PlainLines:
    """For a log: a line for each sample that has ended."""

    def began(self, shown: RunShown, admitted: str) -> None:
        """See the protocol."""
        for sentence in _begun(shown, admitted):
            self.note(sentence)

    def progress(self, progress: RunProgress) -> None:
        """See the protocol."""
        if progress.says:
            done = f"{progress.done}/{progress.of}"
            self.note(f"{done} {progress.task}: {progress.says} · {rest_of(progress)}")

    def note(self, sentence: str) -> None:
        """See the protocol."""
        sys.stderr.write(visible(sentence) + "\n")
        sys.stderr.flush()


class LiveLine:
    """For a person at a terminal."""

    def __init__(self, bar: Progress) -> None:
        """Over a bar that is shown already."""
        self._bar = bar
        self._line: TaskID | None = None

    def began(self, shown: RunShown, admitted: str) -> None:
        """See the protocol."""
        for sentence in _begun(shown, admitted):
            self.note(sentence)
        self._line = self._bar.add_task("", total=shown.of, completed=shown.done, rest="")

    def progress(self, progress: RunProgress) -> None:
        """See the protocol."""
        if self._line is not None:
            self._bar.update(
                self._line,
                total=progress.of,
                completed=progress.done,
                description=_escaped(progress.task),
                rest=_escaped(rest_of(progress)),
            )

    def note(self, sentence: str) -> None:
        """See the protocol."""
        self._bar.console.print(visible(sentence), markup=False, highlight=False)


def _escaped(text: str) -> str:
    """Text of strangers holds no markup."""
    return visible(text).replace("[", "\\[")
