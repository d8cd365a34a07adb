"""Tool baselines: what tools without a model solved of a suite, and what stands beside a run.

A tool is tried once on each task that it can try, at one CPU budget. What it cannot try is *not
measured*, so it is in no count. Beside a run stands only what concerns the run's own tasks: like is
compared with like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.record import Baseline, Ended, Sample
from firstlight.core.measure.task import Kind
from firstlight.core.measure.words import TOOL_PREFIX


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One tool on one task."""

    task: str
    kind: Kind
    ended: Ended
    cpu_milliseconds: int
    """of searching"""


@dataclass(frozen=True, kw_only=True)
class ToolTried:
    """One tool on all tasks that it can try."""

    name: str
    version: str
    tried: Sequence[Tried]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Every tool on one suite."""

    suite: str
    version: str
    """of the suite; a summary of another version says nothing"""
    cpu_seconds: int
    """the budget of each tool for each task"""
    tools: Sequence[ToolTried]

    def __post_init__(self) -> None:
        """Refuse one that counts a task twice."""
        for tool in self.tools:
            if len({one.task for one in tool.tried}) != len(tool.tried):
                raise Invalid(f"{tool.name} tried a task twice", field="tools")

    def solved_by(self) -> frozenset[tuple[str, str]]:
        """Tool and task of every success."""
        return frozenset(
            (tool.name, one.task)
            for tool in self.tools
            for one in tool.tried
            if one.ended is Ended.SOLVED
        )

    def beside(self, model: str, samples: Sequence[Sample]) -> tuple[Baseline, ...]:
        """A row for each tool and kind, over the tasks of these samples alone.

        Where the model is itself a tool, it is not set beside itself.
        """
        rows = []
        for tool in (each for each in self.tools if f"{TOOL_PREFIX}{each.name}" != model):
            for kind in Kind:
                valid = {
                    one.task: one for one in tool.tried if one.kind is kind and one.ended.counts
                }
                ours = [each for each in samples if each.task in valid and each.ended.counts]
                tasks = {each.task for each in ours}
                if tasks:
                    theirs = [valid[task] for task in sorted(tasks)]
                    rows.append(_row(self, tool, kind, theirs, ours))
        return tuple(rows)


def _row(
    summary: Summary, tool: ToolTried, kind: Kind, tried: Sequence[Tried], ours: Sequence[Sample]
) -> Baseline:
    return Baseline(
        tool=tool.name,
        version=tool.version,
        kind=kind,
        solved=sum(one.ended is Ended.SOLVED for one in tried),
        tasks=len(tried),
        cpu_seconds=-(-sum(one.cpu_milliseconds for one in tried) // 1000),
        budget=summary.cpu_seconds,
        ours_solved=sum(each.ended is Ended.SOLVED for each in ours),
        ours_valid=len(ours),
    )
