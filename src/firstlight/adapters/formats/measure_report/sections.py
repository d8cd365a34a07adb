"""The parts of every report."""

from __future__ import annotations

from collections.abc import Sequence

from firstlight.adapters.formats.measure_report.charts import (
    Line,
    Row,
    curves,
    intervals,
    short,
    shown,
)
from firstlight.adapters.formats.measure_report.markup import (
    Child,
    Markup,
    join,
    paragraphs,
    section,
    table,
    tag,
)
from firstlight.core.measure import coverage_table
from firstlight.core.measure.figures import COST, TOKENS, Figure, Measured
from firstlight.core.measure.record import Run
from firstlight.core.measure.results import Group, Results
from firstlight.core.measure.statement import named as named_families
from firstlight.core.measure.statistics.curve import Point
from firstlight.core.measure.statistics.paired import compare
from firstlight.core.measure.task import Kind, Wanted
from firstlight.core.measure.words import BEHAVIOUR, JUDGED, TOOLS_COMPARED, right_to

_MILLION = 1_000_000


def name_of(group: Group) -> str:
    """A group of tasks."""
    return f"{group.kind.value}, {'public' if group.public else 'sealed'}"


def _same(group: Group, others: Results | None) -> Group | None:
    found = others.groups if others else ()
    return next((g for g in found if (g.kind, g.public) == (group.kind, group.public)), None)


def kinds(run: Run, found: Results, beside: Results | None) -> Markup:
    """Success by kind of task."""
    if not found.groups:
        return section("Success", tag("p", "No task of a capability was run.", class_="empty"))
    rows = [
        Row(
            name=name_of(group),
            figure=group.estimate,
            check=(group.check.interval.low, group.check.interval.high) if group.check else None,
            beside=other.estimate if (other := _same(group, beside)) else None,
            tools=_best_tool(run, group.kind),
        )
        for group in found.groups
    ]
    cells: list[list[Child]] = [
        [
            name_of(g),
            f"{g.count.solved} of {g.count.valid}",
            shown(g.estimate),
            f"{g.check.interval.low:.1%} to {g.check.interval.high:.1%}" if g.check else "",
            _value(g.attempts[0].any_solved),
            _value(g.attempts[-1].any_solved),
            _value(g.attempts[-1].all_solved),
            f"{g.count.invalid} / {g.count.indeterminate} / {g.count.not_measured}",
            f"{g.floor.solved} of {g.floor.valid}",
        ]
        for g in found.groups
    ]
    columns = (
        "Tasks", "Solved", "Rate (95 %)", "Check (95 %)", "pass@1", "pass@8", "pass^8",
        "Invalid / indeterminate / not measured", "Floor items",
    )  # fmt: skip
    said = [f"{name_of(g)}: {warning}" for g in found.groups for warning in g.warnings]
    return section(
        "Success by kind of task",
        intervals("Rates by kind", rows, columns, cells),
        tag("div", tag("strong", "Warnings"), paragraphs(said), class_="note") if said else None,
    )


def _best_tool(run: Run, kind: Kind) -> float | None:
    shares = [b.solved / b.tasks for b in run.baselines if b.kind is kind and b.tasks]
    return max(shares, default=None)


def _value(figure: Figure) -> str:
    return f"{figure.value:.1%}" if isinstance(figure, Measured) else "not measured"


def families(found: Results, *, named: bool) -> Markup:
    """Success by family of targets, one chart for each group."""
    charts = []
    for group in found.groups:
        pairs = [(each.family, each) for each in group.families] if named else named_families(group)
        rows = [Row(name=name, figure=each.estimate) for name, each in pairs]
        cells: list[list[Child]] = [
            [name, each.tasks, f"{each.solved} of {each.valid}", shown(each.estimate)]
            for name, each in pairs
        ]
        if rows:
            title = f"By family of targets: {name_of(group)}"
            columns = ("Family", "Tasks", "Solved", "Rate (95 %) on tasks like these")
            charts.append(intervals(title, rows, columns, cells))
    intro = (
        "Each interval is about tasks like these of the one family; few tasks leave it wide."
        + ("" if named else " Families of sealed tasks have numbers in place of names.")
    )
    return section("Success by family", tag("p", intro), *charts)


def budgets(run: Run, found: Results, beside: Results | None) -> Markup:
    """Curves over tokens and over cost."""
    charts = []
    for group in found.groups:
        other = _same(group, beside)
        for name, unit, get in (
            ("tokens", "tokens a sample may use", _tokens),
            ("cost", f"{run.currency} a sample may cost", _cost),
        ):
            divide = _MILLION if name == "cost" else 1
            lines = [Line(name="this run", points=_points(get(group), divide))]
            if other and get(other):
                lines.append(Line(name="the reference", points=_points(get(other), divide)))
            if not lines[0].points:
                continue
            title = f"Success over {name}: {name_of(group)}"
            charts.append(curves(title, unit, lines, *_budget_table(lines)))
    if not charts:
        return section("Success over budgets", tag("p", "No budget was recorded.", class_="empty"))
    intro = "The rate if every sample had been stopped at a smaller budget. Beyond the last point "
    return section("Success over budgets", tag("p", f"{intro}nothing was measured."), *charts)


def _budget_table(lines: Sequence[Line]) -> tuple[Sequence[str], Sequence[Sequence[Child]]]:
    """What the curves show, by budget."""
    columns = ["Budget", *(f"{line.name.capitalize()}, rate (95 %)" for line in lines)]
    at = [dict(line.points) for line in lines]
    budgets = sorted({budget for points in at for budget in points})
    cells = [[short(budget), *(shown(points.get(budget)) for points in at)] for budget in budgets]
    return columns, cells


def _tokens(group: Group) -> Sequence[Point]:
    return group.tokens


def _cost(group: Group) -> Sequence[Point]:
    return group.cost


def _points(points: Sequence[Point], divide: int) -> list[tuple[float, Figure]]:
    return [(point.budget / divide, point.rate) for point in points]


def against_reference(run: Run, reference: Run | None) -> Markup | None:
    """Paired differences, where there is a reference."""
    if reference is None:
        return None
    found = []
    for kind in Kind:
        if kind is Kind.REFUSE:
            continue
        ours = [each for each in run.samples if each.kind is kind]
        theirs = [each for each in reference.samples if each.kind is kind]
        if ours or theirs:
            found.append((kind, compare(ours, theirs, f"difference at {kind.value}")))
    rows = [Row(name=kind.value, figure=each.difference) for kind, each in found]
    cells: list[list[Child]] = [
        [
            kind.value,
            shown(each.difference),
            "" if each.first_is_higher is None else f"{each.first_is_higher:.3f}",
            len(each.families),
            each.left_out,
        ]
        for kind, each in found
    ]
    beside = f"{reference.model.name} {reference.model.version}"
    columns = (
        "Tasks", "This run less the reference (95 %)", "Probability of being higher",
        "Families", "Tasks left out",
    )  # fmt: skip
    title = f"Paired difference to {beside}"
    script = "The reference is no model." if reference.model.caution else ""
    return section(
        "Against the reference",
        tag("p", f"Task by task over families of targets, against {beside}. {script}".strip()),
        intervals(title, rows, columns, cells, low=-1.0, high=1.0),
    )


def against_tools(run: Run) -> Markup:
    """What tools without a model solved of the same tasks."""
    cells = []
    for each in run.baselines:
        share = f"{each.solved / each.tasks:.1%}" if each.tasks else "not measured"
        ours, uplift = "not measured", "not measured"
        if each.ours_valid:
            rate = each.ours_solved / each.ours_valid
            ours = f"{rate:.1%} ({each.ours_solved} of {each.ours_valid} samples)"
        if each.ours_valid and each.tasks:
            uplift = f"{100 * (rate - each.solved / each.tasks):+.1f} points"
        cells.append(
            [
                f"{each.tool} {each.version}",
                each.kind.value,
                f"{each.solved} of {each.tasks}",
                share,
                ours,
                uplift,
                f"{each.cpu_seconds:,}"
                + (f" of {each.budget * each.tasks:,}" if each.budget else ""),
            ]
        )
    columns = (
        "Tool", "Tasks", "Solved", "Share", "This run on the same tasks", "Uplift",
        "CPU seconds of the tool",
    )  # fmt: skip
    empty = "Not measured: no tool ran these tasks."
    return section(
        "Against tools without a model",
        tag("p", TOOLS_COMPARED),
        table("Tools on the same tasks", columns, cells, empty=empty),
    )


def requests(run: Run, found: Results) -> Markup:
    """Two rates, never one."""
    cells = [
        [
            right_to(run.suite.name, decline=each.wanted is Wanted.DECLINE),
            f"{each.count.solved} of {each.count.valid}",
            shown(each.rate),
        ]
        for each in found.requests
    ]
    return section(
        "Requests and their benign twins",
        tag("p", "Two rates that are never summed: declining everything would make one perfect."),
        *([tag("p", JUDGED)] if run.suite.name.startswith(BEHAVIOUR) else []),
        table(
            "Requests",
            ("What should happen", "Did", "Rate (95 %)"),
            cells,
            empty="Not measured: the suite holds no requests.",
        ),
    )


def spent(run: Run, found: Results) -> Markup:
    """Cost and time."""
    used = found.spent
    why = {each.name: f"not measured: {each.reason}" for each in run.unmeasured}

    def money(amount: float | None, otherwise: str) -> str:
        return otherwise if amount is None else f"{amount / _MILLION:,.2f} {run.currency}"

    unpriced = why.get(COST, "")
    cells = [
        ["Cost", money(used.cost, unpriced)],
        [
            "Cost of a solved sample",
            money(used.cost_per_solved, unpriced or "not measured: nothing was solved"),
        ],
        ["Tokens", why.get(TOKENS, "") if used.tokens is None else f"{used.tokens:,}"],
        ["Time of all samples", f"{found.spent.milliseconds / 3_600_000:,.1f} hours"],
        ["Time horizon", _horizon(found.horizon)],
    ]
    return section("Cost and time", table("Lost samples included", ("What", "How much"), cells))


def _horizon(figure: Figure) -> str:
    if not isinstance(figure, Measured):
        return f"not measured: {figure.reason}"
    low, high = figure.interval.low, figure.interval.high
    return f"{figure.value:.0f} minutes ({low:.0f} to {high:.0f})"


def imputed(run: Run) -> Markup | None:
    """Figures of others, marked and apart."""
    if not run.imputed:
        return None
    cells = [[each.name, f"{each.value:g}", each.source, each.method] for each in run.imputed]
    return section(
        "Stated by others, not measured here",
        tag("p", "These figures entered no other on this page."),
        table("Imputed", ("What", "Figure", "Who says so", "How it was arrived at"), cells),
    )


def not_measured(found: Results) -> Markup:
    """What is not known. It is never zero."""
    cells = [[each.name, each.reason, each.needs] for each in found.unmeasured]
    return section(
        "What was not measured",
        table("Not measured", ("What", "Why", "What it needs"), cells, empty="Nothing was left."),
    )


def method(run: Run) -> Markup:
    """How the figures came about, and what they do not say."""
    said = [
        f"Rates: {coverage_table.METHOD}. The rate is that of families of targets like these.",
        "Samples that were invalid, indeterminate or not run enter no rate and are shown.",
        f"Coverage was simulated (table {coverage_table.VERSION}): {coverage_table.COMMAND}.",
        "A benchmark's rate is not the rate in the world.",
    ]
    cells = [[name, tag("code", found)] for name, found in run.environments]
    return join(
        [
            section("Method", paragraphs(said)),
            table("Environments as they were resolved", ("Environment", "SHA-256"), cells)
            if cells
            else None,
        ]
    )
