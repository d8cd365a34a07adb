"""The parts that only the larger cuts hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from firstlight.adapters.formats.measure_report.markup import (
    Child,
    Markup,
    paragraphs,
    section,
    table,
    tag,
)
from firstlight.core.measure.figures import COST, TOKENS
from firstlight.core.measure.record import Ended, Run, Sample


def elicitation(run: Run) -> Markup:
    """What was tried to get the most out of the model."""
    if not run.elicitation:
        return section("Elicitation", tag("p", "Nothing was recorded.", class_="empty"))
    return section("Elicitation", paragraphs(run.elicitation))


def tasks(run: Run) -> Markup:
    """A row for each task."""
    found: dict[tuple[str, str, str], list[Sample]] = defaultdict(list)
    for each in run.samples:
        found[each.kind.value, each.family, each.task].append(each)
    cells = [
        [
            task,
            kind,
            family,
            "public" if some[0].public else "sealed",
            f"{_ended(some, Ended.SOLVED)} of {sum(e.ended.counts for e in some)}",
            sum(not e.ended.counts for e in some),
            some[0].minutes,
        ]
        for (kind, family, task), some in found.items()
    ]
    columns = ("Task", "Kind", "Family", "Source", "Solved", "Lost", "Human minutes")
    return section("Tasks", table("Every task", columns, cells, empty="No task was run."))


def _ended(samples: list[Sample], how: Ended) -> int:
    return sum(each.ended is how for each in samples)


def samples(run: Run) -> Markup:
    """A row for each sample."""
    unknown = {each.name for each in run.unmeasured}
    columns: dict[str, Callable[[Sample], Child]] = {
        "Task": lambda each: each.task,
        "Epoch": lambda each: each.epoch,
        "Ended": lambda each: each.ended.value,
        "Tokens": lambda each: f"{each.tokens:,}",
        run.currency: lambda each: f"{each.cost / 1_000_000:.4f}",
        "Seconds": lambda each: f"{each.milliseconds / 1000:.1f}",
        "Why it is lost": lambda each: each.reason,
    }
    # What was not measured has no column; a zero would be a figure.
    if TOKENS in unknown:
        del columns["Tokens"]
    if COST in unknown:
        del columns[run.currency]
    cells = [[cell(each) for cell in columns.values()] for each in run.samples]
    return section(
        "Samples", table("Every sample", tuple(columns), cells, empty="No sample was run.")
    )
