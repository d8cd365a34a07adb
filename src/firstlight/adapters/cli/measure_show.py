"""Figures of a run, for people at a terminal and for programs."""

from __future__ import annotations

from collections.abc import Sequence

from firstlight.adapters.cli.output import Output
from firstlight.adapters.formats.measure_record import record_digest
from firstlight.adapters.formats.measure_report.page import Cut, Parts, page
from firstlight.core.kernel.canonical import Json
from firstlight.core.measure.comparing import compare_runs
from firstlight.core.measure.figures import Figure, Measured, rounded
from firstlight.core.measure.plan import Plan
from firstlight.core.measure.record import Run
from firstlight.core.measure.results import Group, Results, results
from firstlight.core.measure.statement import statement
from firstlight.core.measure.statistics.paired import Comparison
from firstlight.core.measure.words import right_to
from firstlight.usecases.ports.measurements import ThresholdKeeper


def percent(figure: Figure) -> str:
    """A rate with its interval; the reason where there is none."""
    if not isinstance(figure, Measured):
        return f"not measured: {figure.reason}"
    low, high = figure.interval.low, figure.interval.high
    return f"{figure.value:.1%} ({low:.1%} to {high:.1%})"


def show_figures(out: Output, run: Run) -> None:
    """Every group of tasks, requests, the horizon, and what was not measured."""
    found = results(run)
    if out.as_json:
        made = statement(run, found, record_digest=record_digest(run), designation=None)
        from json import loads  # noqa: PLC0415  # only here

        out.json(loads(made.payload)["predicate"])
        return
    if run.model.caution:
        out.say(run.model.caution)
    out.facts({"Model": f"{run.model.name} {run.model.version}", "Suite": run.suite.name})
    out.table(
        ("TASKS", "SOLVED", "LOST", "RATE (95 %)", "CHECK (95 %)", "PASS@1", "PASS^8"),
        [_row(each) for each in found.groups],
        empty="No task of a capability was run.",
    )
    for each in found.groups:
        for warning in each.warnings:
            out.say(f"WARNING, {_name(each)}: {warning}")
    _rest(out, run.suite.name, found)


def _row(group: Group) -> Sequence[object]:
    check = group.check
    first, last = group.attempts[0], group.attempts[-1]
    return (
        _name(group),
        f"{group.count.solved} of {group.count.valid}",
        group.count.all - group.count.valid,
        percent(group.estimate),
        "" if check is None else f"{check.interval.low:.1%} to {check.interval.high:.1%}",
        _value(first.any_solved),
        _value(last.all_solved),
    )


def _value(figure: Figure) -> str:
    return f"{figure.value:.1%}" if isinstance(figure, Measured) else "not measured"


def _name(group: Group) -> str:
    return f"{group.kind.value}, {'public' if group.public else 'sealed'}"


def _rest(out: Output, suite: str, found: Results) -> None:
    for each in found.requests:
        what = right_to(suite, decline=each.wanted == "decline")
        out.say(f"{what}: {percent(each.rate)}")
    horizon = found.horizon
    if isinstance(horizon, Measured):
        low, high = horizon.interval.low, horizon.interval.high
        out.say(f"Time horizon: {horizon.value:.0f} minutes ({low:.0f} to {high:.0f})")
    else:
        out.say(f"Time horizon: not measured: {horizon.reason}")
    for absent in found.unmeasured:
        out.say(f"Not measured: {absent.name}: {absent.reason}")


def show_comparison(out: Output, first: Run, second: Run) -> None:
    """Paired differences by kind, and by family within each. Raises Conflict."""
    found = compare_runs(first, second)
    if out.as_json:
        out.json({kind.value: _comparison(each) for kind, each in found.items()})
        return
    for said in dict.fromkeys((first.model.caution, second.model.caution)):
        if said:
            out.say(said)
    out.say(f"A: {first.model.name} {first.model.version}")
    out.say(f"B: {second.model.name} {second.model.version}")
    out.table(
        ("TASKS", "A LESS B (95 %)", "A IS HIGHER", "FAMILIES", "LEFT OUT"),
        [
            (
                kind.value,
                percent(each.difference),
                "" if each.first_is_higher is None else f"{each.first_is_higher:.3f}",
                len(each.families),
                each.left_out,
            )
            for kind, each in found.items()
        ],
        empty="Neither run holds a task of a capability.",
    )
    for kind, each in found.items():
        out.say("")
        out.table(
            (kind.value.upper(), "TASKS", "A", "B", "A LESS B"),
            [
                (
                    row.family,
                    row.tasks,
                    f"{row.first:.1%}",
                    f"{row.second:.1%}",
                    f"{row.difference:+.1%}",
                )
                for row in each.families
            ],
            empty="Both measured no task of this kind.",
        )


def _comparison(found: Comparison) -> dict[str, Json]:
    higher = found.first_is_higher
    return {
        "difference": found.difference.to_json(),
        "first_is_higher": None if higher is None else rounded(higher),
        "left_out": found.left_out,
        "families": [
            {
                "family": row.family,
                "tasks": row.tasks,
                "first": rounded(row.first),
                "second": rounded(row.second),
                "difference": rounded(row.difference),
            }
            for row in found.families
        ],
    }


def make_report(
    run: Run, cut: str, reference: Run | None, keeper: ThresholdKeeper | None, plan: Plan | None
) -> bytes:
    """One self-contained HTML file."""
    parts = Parts(
        run=run,
        results=results(run),
        record=record_digest(run),
        designation=keeper.designate(run, plan) if keeper and plan else None,
        reference=reference,
        beside=results(reference) if reference else None,
    )
    return page(parts, Cut(cut))
