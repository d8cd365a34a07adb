"""Charts as SVG. Each has a title and a table beside it; shape and dash tell what colour tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firstlight.adapters.formats.measure_report.markup import Child, Markup, join, table, tag
from firstlight.core.measure.figures import Figure, Measured

_WIDTH = 720.0
_LEFT = 190.0
_RIGHT = 24.0
_ROW = 38.0
_TOP = 10.0
_FOOT = 30.0
_LONGEST = 26


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of an interval chart."""

    name: str
    figure: Figure
    check: tuple[float, float] | None = None
    """ends of the check's interval, drawn thin"""
    beside: Figure | None = None
    """of the reference"""
    tools: float | None = None
    """share that the best tool solved"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a curve chart."""

    name: str
    points: Sequence[tuple[float, Figure]]


def shown(figure: Figure | None) -> str:
    """A figure in words."""
    if figure is None:
        return ""
    if not isinstance(figure, Measured):
        return f"not measured: {figure.reason}"
    low, high = figure.interval.low, figure.interval.high
    return f"{figure.value:.1%} ({low:.1%} to {high:.1%})"


def intervals(
    title: str,
    rows: Sequence[Row],
    columns: Sequence[str],
    cells: Sequence[Sequence[Child]],
    *,
    low: float = 0.0,
    high: float = 1.0,
) -> Markup:
    """A dot with its interval for each row, and the table."""
    height = _TOP + _ROW * len(rows) + _FOOT
    drawn = [_scale(low, high, height), *(_row(row, at, low, high) for at, row in enumerate(rows))]
    chart = _svg(title, height, drawn)
    return _figure(title, _legend(rows), chart, table(title, columns, cells))


def curves(
    title: str,
    unit: str,
    lines: Sequence[Line],
    columns: Sequence[str],
    cells: Sequence[Sequence[Child]],
) -> Markup:
    """Rates over budgets, each budget half of the next, and the table."""
    budgets = sorted({budget for line in lines for budget, _ in line.points})
    height = 300.0
    bottom = height - 44
    across = _WIDTH - 60 - _RIGHT
    place = {budget: 60 + across * (at + 0.5) / len(budgets) for at, budget in enumerate(budgets)}

    def up(rate: float) -> float:
        return bottom - (bottom - 16) * rate

    marks: list[Markup] = []
    for tenth in range(0, 11, 2):
        y = up(tenth / 10)
        marks.append(tag("line", x1=60.0, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid"))
        marks.append(
            tag("text", f"{tenth * 10} %", x=50.0, y=y + 4, text_anchor="end", class_="tick")
        )
    marks += [
        tag("text", short(b), x=x, y=bottom + 18, text_anchor="middle", class_="tick")
        for b, x in place.items()
    ]
    middle = 60 + across / 2
    marks.append(tag("text", unit, x=middle, y=height - 6, text_anchor="middle", class_="tick"))
    for style, line in zip(("one", "two"), lines, strict=False):
        marks += _curve(line, style, place, up)
    legend = "The band is the 95 % interval." + (
        f" Solid with dots: {lines[0].name}. Dashed with squares: {lines[1].name}."
        if len(lines) > 1
        else ""
    )
    return _figure(title, legend, _svg(title, height, marks), table(title, columns, cells))


def _curve(
    line: Line, style: str, place: dict[float, float], up: Callable[[float], float]
) -> list[Markup]:
    seen = [(place[b], f) for b, f in line.points if isinstance(f, Measured)]
    if not seen:
        return []
    tops = [f"{x:.1f},{up(f.interval.high):.1f}" for x, f in seen]
    bottoms = [f"{x:.1f},{up(f.interval.low):.1f}" for x, f in reversed(seen)]
    path = " ".join(f"{x:.1f},{up(f.value):.1f}" for x, f in seen)
    drawn = [tag("polyline", points=path, class_=f"{style} curve")]
    if style == "one":
        drawn.insert(0, tag("polygon", points=" ".join([*tops, *bottoms]), class_="band"))
        drawn += [tag("circle", cx=x, cy=up(f.value), r=4.0, class_=style) for x, f in seen]
    else:
        drawn += [_square(x, up(f.value), style) for x, f in seen]
    return drawn


def short(amount: float) -> str:
    """A number that fits below an axis."""
    for size, mark in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if amount >= size:
            return f"{amount / size:.3g} {mark}"
    return f"{amount:.3g}"


def _x(value: float, low: float, high: float) -> float:
    return _LEFT + (value - low) / (high - low) * (_WIDTH - _LEFT - _RIGHT)


def _scale(low: float, high: float, height: float) -> Markup:
    marks = []
    for step in range(6):
        value = low + (high - low) * step / 5
        x = _x(value, low, high)
        marks.append(tag("line", x1=x, x2=x, y1=_TOP, y2=height - _FOOT, class_="grid"))
        anchor = "end" if step == 5 else "middle"  # noqa: PLR2004  # the last of six
        label = f"{value * 100:.0f} %"
        marks.append(tag("text", label, x=x, y=height - 10, text_anchor=anchor, class_="tick"))
    return join(marks)


def _row(row: Row, at: int, low: float, high: float) -> Markup:
    y = _TOP + _ROW * at + _ROW / 2
    name = row.name if len(row.name) <= _LONGEST else f"{row.name[: _LONGEST - 1]}\u2026"
    drawn = [tag("text", name, x=_LEFT - 14, y=y + 4, text_anchor="end")]
    if isinstance(row.figure, Measured):
        here = 0.0 if row.beside is None else -6.0
        drawn.append(_bar(row.figure, y + here, "one", low, high))
        x = _x(row.figure.value, low, high)
        drawn.append(tag("circle", cx=x, cy=y + here, r=5.0, class_="one"))
    else:
        drawn.append(tag("text", "not measured", x=_LEFT + 8, y=y + 4, class_="tick"))
    if row.check is not None:
        ends = [_x(each, low, high) for each in row.check]
        drawn.append(tag("line", x1=ends[0], x2=ends[1], y1=y + 12, y2=y + 12, class_="one thin"))
    if isinstance(row.beside, Measured):
        drawn.append(_bar(row.beside, y + 4, "two", low, high))
        drawn.append(_square(_x(row.beside.value, low, high), y + 4, "two"))
    if row.tools is not None:
        x = _x(row.tools, low, high)
        points = f"{x:.1f},{y - 14:.1f} {x - 6:.1f},{y - 4:.1f} {x + 6:.1f},{y - 4:.1f}"
        drawn.append(tag("polygon", points=points, class_="two open"))
    return join(drawn)


def _bar(figure: Measured, y: float, style: str, low: float, high: float) -> Markup:
    start, end = (_x(v, low, high) for v in (figure.interval.low, figure.interval.high))
    return tag("line", x1=start, x2=end, y1=y, y2=y, class_=f"{style} bar")


def _square(x: float, y: float, style: str) -> Markup:
    return tag("rect", x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, class_=style)


def _legend(rows: Sequence[Row]) -> str:
    parts = ["Dot and bar: estimate and 95 % interval."]
    if any(row.check for row in rows):
        parts.append("Thin dashes: the check.")
    if any(row.beside is not None for row in rows):
        parts.append("Square and bar: the reference.")
    if any(row.tools is not None for row in rows):
        parts.append("Triangle: what the best tool without a model solved.")
    return " ".join(parts)


def _svg(title: str, height: float, marks: Sequence[Child]) -> Markup:
    return tag(
        "svg",
        tag("title", title),
        *marks,
        viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}",
        role="img",
        aria_label=f"{title}; table below",
    )


def _figure(title: str, legend: str, chart: Markup, below: Markup) -> Markup:
    return join([tag("figure", tag("h3", title), chart, tag("figcaption", legend)), below])
