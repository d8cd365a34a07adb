"""The six items that make a finding complete (Akrites process, phase "triage").

A missing item is never a reason to refuse a report. The finder gets the list, with what would
settle each item, and the report goes on as far as it can without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from firstlight.core.clearinghouse.finding import Report


@dataclass(frozen=True, kw_only=True)
class Item:
    """One of the six."""

    name: str
    present: bool
    ask: str
    """what to send so that the item is there"""


_ITEMS: tuple[tuple[str, Callable[[Report], bool], str], ...] = (
    (
        "description",
        lambda report: bool(report.description.strip()),
        "Say in a few sentences what is wrong and where.",
    ),
    (
        "trigger",
        lambda report: bool(report.trigger.strip()),
        "Say which input or action makes it happen.",
    ),
    (
        "severity",
        lambda report: bool(report.severity.vector or report.severity.label),
        "Give a CVSS 3.1 or 4.0 vector, or at least low, medium, high or critical.",
    ),
    (
        "proof",
        lambda report: any(proof.data for proof in report.proofs),
        "Attach the input that shows the flaw (a data file, no program).",
    ),
    ("patch", lambda report: bool(report.patches), "Attach a proposed patch as a unified diff."),
    (
        "tests",
        lambda report: bool(report.tests),
        "Attach a test that fails before the patch and passes after it.",
    ),
)


def checklist(report: Report) -> tuple[Item, ...]:
    """The six items in their order, each with whether the report has it."""
    return tuple(Item(name=name, present=has(report), ask=ask) for name, has, ask in _ITEMS)


def missing(report: Report) -> tuple[Item, ...]:
    """What is still to come; empty for a complete report."""
    return tuple(item for item in checklist(report) if not item.present)
