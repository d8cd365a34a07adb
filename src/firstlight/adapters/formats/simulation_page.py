"""A comparison of policies as one HTML file that fetches nothing: chart, tables, assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from firstlight.adapters.formats.measure_report.markup import Markup, join, section, table, tag
from firstlight.adapters.formats.measure_report.style import STYLE
from firstlight.core.clearinghouse.pacing.compare import Compared
from firstlight.core.clearinghouse.pacing.flow import ASSUMED, RATINGS, Flow
from firstlight.core.clearinghouse.pacing.replay import Played, Policy

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_TITLE = "A flood of findings under three policies"
_WIDTH, _HEIGHT = 720.0, 320.0
_LEFT, _RIGHT, _TOP, _FOOT = 66.0, 130.0, 14.0, 44.0
_STYLES = {Policy.FIRST_COME: "two", Policy.SEVERITY_FIRST: "two thin", Policy.PACED: "one"}
_TABLE_WEEKS = 4
"""of which the table shows one"""


def document(found: Compared, varied: Mapping[str, Compared]) -> dict[str, Any]:
    """The same as JSON."""
    return {
        "flow": {each.name: getattr(found.flow, each.name) for each in fields(Flow)},
        "assumed": dict(ASSUMED),
        "drawings": len(found.hours),
        "volunteer_hours_a_week": list(found.hours),
        "policies": {policy.value: _figures(found, policy) for policy in Policy},
        "exposure_by_week": {policy.value: list(found.weeks(policy)) for policy in Policy},
        "varied": {
            name: {policy.value: other.middle(policy, _prevented) for policy in Policy}
            for name, other in varied.items()
        },
    }


def page(found: Compared, varied: Mapping[str, Compared]) -> bytes:
    """The file."""
    body = [
        tag("h1", _TITLE),
        tag(
            "p",
            f"{found.flow.candidates:,} candidates to {found.flow.projects} projects, played over "
            f"{found.flow.weeks} weeks, {len(found.hours)} drawings. A model of a flood with "
            "assumptions, not a forecast: read what it assumes before its figures.",
            class_="note",
        ),
        _outcomes(found),
        _prevented_chart(found),
        _variants(found, varied),
        _assumptions(found),
    ]
    head = tag(
        "head",
        Markup('<meta charset="utf-8">'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", _TITLE),
        tag("style", Markup(STYLE)),
    )
    html = tag("html", head, tag("body", tag("main", *body)), lang="en")
    return f"<!doctype html>\n{html}\n".encode()


def _prevented(one: Played) -> float:
    return one.prevented


def _figures(found: Compared, policy: Policy) -> dict[str, Any]:
    low, high = found.ends(policy, _prevented)
    return {
        "sent": found.middle(policy, lambda one: one.sent),
        "sent_while_found": found.middle(policy, lambda one: one.sent_found),
        "sent_again": found.middle(policy, lambda one: one.repeated),
        "patched": found.middle(policy, lambda one: one.patched),
        "patched_when_published": found.middle(policy, lambda one: one.patched_published),
        "patched_by_rating": {
            rating.value: found.middle(policy, lambda one, of=rating: one.by_rating[of])  # type: ignore[misc]
            for rating in RATINGS
        },
        "most_open_with_one_maintainer": found.middle(policy, lambda one: one.most_open),
        "prevented": found.middle(policy, _prevented),
        "prevented_least": low,
        "prevented_most": high,
    }


def _outcomes(found: Compared) -> Markup:
    columns = [
        "Policy",
        "Reports sent",
        "of them repeated",
        "Patched",
        "high or critical",
        "Most open with one maintainer",
        "Exposure prevented",
    ]
    rows = []
    for policy in Policy:
        every = _figures(found, policy)
        grave = every["patched_by_rating"]["high"] + every["patched_by_rating"]["critical"]
        low, high = every["prevented_least"], every["prevented_most"]
        rows.append(
            [
                policy.value,
                f"{every['sent']:,.0f}",
                f"{every['sent_again']:,.0f}",
                f"{every['patched']:,.0f}",
                f"{grave:,.0f}",
                f"{every['most_open_with_one_maintainer']:,.0f}",
                f"{every['prevented']:.2%} ({low:.2%} to {high:.2%})",
            ]
        )
    came = _figures(found, Policy.FIRST_COME)
    return section(
        "What came of it",
        table("Medians over the drawings; least and greatest in brackets", columns, rows),
        tag(
            "p",
            f"As published: 1,596 reported and 97 patched. First come, which is what happened: "
            f"{came['sent_while_found']:,.0f} sent while candidates arrived, and "
            f"{came['patched_when_published']:,.0f} patched by week {found.flow.weeks_published}; "
            "the second is what the maintainers' hours were set by, the first is not fitted.",
        ),
        tag(
            "p",
            "Exposure is harm for each day that others are expected to know a flaw that is not "
            "mended. So little of it is prevented because maintainers can mend so little of the "
            "flood: what is sent, and in which order, decides what that little is.",
        ),
    )


def _prevented_chart(found: Compared) -> Markup:
    first = next(iter(found.played.values()))
    rows = [one.nothing_done for one in first]
    nothing = [sum(each) / len(rows) for each in zip(*rows, strict=True)]
    lines = {
        policy: [bare - left for bare, left in zip(nothing, found.weeks(policy), strict=True)]
        for policy in Policy
    }
    most = max(max(line) for line in lines.values()) or 1.0
    weeks = found.flow.weeks
    across, down = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _FOOT
    marks = []
    for step in range(5):
        y = _TOP + down * (1 - step / 4)
        marks.append(tag("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid"))
        label = f"{most * step / 4:,.0f}"
        marks.append(tag("text", label, x=_LEFT - 8, y=y + 4, text_anchor="end", class_="tick"))
    for week in range(0, weeks, max(weeks // 8, 1)):
        x = _LEFT + across * week / max(weeks - 1, 1)
        y = _HEIGHT - _FOOT + 18
        marks.append(tag("text", str(week + 1), x=x, y=y, text_anchor="middle", class_="tick"))
    foot = _HEIGHT - 6
    marks.append(
        tag("text", "week", x=_LEFT + across / 2, y=foot, text_anchor="middle", class_="tick")
    )
    for policy, line in lines.items():
        apart = across / max(weeks - 1, 1)
        points = [
            f"{_LEFT + apart * week:.1f},{_TOP + down * (1 - value / most):.1f}"
            for week, value in enumerate(line)
        ]
        marks.append(tag("polyline", points=" ".join(points), class_=f"{_STYLES[policy]} curve"))
        y = _TOP + down * (1 - line[-1] / most) + 4
        marks.append(tag("text", policy.value, x=_WIDTH - _RIGHT + 8, y=y))
    title = "Exposure prevented each week"
    chart = tag(
        "svg",
        tag("title", title),
        *marks,
        viewBox=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        role="img",
        aria_label=f"{title}; table below",
    )
    shown = [
        [str(week + 1), *(f"{lines[policy][week]:,.0f}" for policy in Policy)]
        for week in range(0, weeks, _TABLE_WEEKS)
    ]
    legend = (
        "More is better. Solid: paced. Long dashes: first come. Short dashes: severity first. "
        "In harm for each day, means over the drawings."
    )
    return join(
        [
            tag("figure", tag("h3", title), chart, tag("figcaption", legend)),
            table(title, ["Week", *(policy.value for policy in Policy)], shown),
        ]
    )


def _variants(found: Compared, varied: Mapping[str, Compared]) -> Markup:
    def row(name: str, one: Compared) -> Sequence[str]:
        shares = {policy: one.middle(policy, _prevented) for policy in Policy}
        best = max(shares, key=lambda policy: shares[policy])
        return [name, *(f"{share:.2%}" for share in shares.values()), best.value]

    rows = [row("as assumed", found), *(row(name, one) for name, one in varied.items())]
    columns = ["Assumed instead", *(policy.value for policy in Policy), "Best"]
    return section(
        "If an assumption is wrong",
        tag("p", "One is changed at a time; the hours are set anew, so that 97 stay patched."),
        table("Share of the exposure that is prevented", columns, rows),
    )


def _assumptions(found: Compared) -> Markup:
    rows = [[name, str(getattr(found.flow, name, "")), why] for name, why in ASSUMED.items()]
    hours = sorted(found.hours)
    return section(
        "What is assumed",
        tag(
            "p",
            "Published: candidates, projects, checks by hand, the share that is true, the share "
            "that is high or critical, reported, patched. All else is assumed:",
        ),
        table("Assumptions", ["What", "Value", "Why"], rows),
        tag(
            "p",
            f"A volunteer has {hours[0] * 60:.0f} to {hours[-1] * 60:.0f} minutes a week for these "
            "reports: what it takes for first come to patch as few as were published.",
        ),
    )
