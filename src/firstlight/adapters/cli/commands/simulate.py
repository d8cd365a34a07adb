"""`firstlight simulate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, local, write_file

_FEWER = 4
"""one drawing of a variant for so many of the main one"""


@click.command()
@local
@click.option("--drawings", type=click.IntRange(1, 200), default=8, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same result.")
@click.option(
    "--assume",
    multiple=True,
    metavar="NAME=VALUE",
    help="Another figure; names are shown with --json under `flow`. May be repeated.",
)
@click.option("--page", "page_file", metavar="FILE", help="Write it as a new HTML file.")
@click.option("--plain", is_flag=True, help="Leave out what changes when an assumption changes.")
def simulate(  # options
    session: Local,
    drawings: int,
    seed: int,
    assume: tuple[str, ...],
    page_file: str | None,
    *,
    plain: bool,
) -> None:
    """Replay a published flood of findings under three policies, and compare them.

    23,019 candidates, 1,596 reported, 97 patched, 281 projects: first come, severity first, and
    the pace that Firstlight keeps. It takes a few seconds for each drawing. No server is needed.

    Example: firstlight simulate --page flood.html
    """
    from firstlight.adapters.formats.simulation_page import (  # noqa: PLC0415  # help needs none
        document,
        page,
    )
    from firstlight.core.clearinghouse.pacing.compare import (  # noqa: PLC0415  # likewise
        VARIANTS,
        Compared,
        compare,
        vary,
    )
    from firstlight.core.clearinghouse.pacing.flow import Flow  # noqa: PLC0415  # likewise
    from firstlight.core.clearinghouse.pacing.replay import Policy  # noqa: PLC0415  # likewise

    if page_file is not None and Path(page_file).exists():
        raise click.UsageError(f"{page_file} is there already; name a new file.")
    flow = vary(Flow(), _assumed(assume))

    def played(name: str, changed: Flow, count: int) -> Compared:
        return compare(
            changed,
            _draws(seed, count),
            tell=lambda done: _progress(f"{name}: {done} of {count}"),
        )

    found = played("as assumed", flow, drawings)
    varied = (
        {}
        if plain
        else {
            name: played(name, vary(flow, changes), max(drawings // _FEWER, 1))
            for name, changes in VARIANTS.items()
        }
    )
    if page_file is not None:
        write_file(page_file, [page(found, varied)])
    if session.out.as_json:
        session.out.json(document(found, varied))
        return
    session.out.table(
        ["policy", "sent", "repeated", "patched", "most open", "exposure prevented"],
        [
            [
                policy.value,
                f"{found.middle(policy, lambda one: one.sent):,.0f}",
                f"{found.middle(policy, lambda one: one.repeated):,.0f}",
                f"{found.middle(policy, lambda one: one.patched):,.0f}",
                f"{found.middle(policy, lambda one: one.most_open):,.0f}",
                f"{found.middle(policy, lambda one: one.prevented):.2%}",
            ]
            for policy in Policy
        ],
        "",
    )
    for name, other in varied.items():
        shares = [f"{other.middle(p, lambda one: one.prevented):.2%}" for p in Policy]
        session.out.say(f"{name}: {', '.join(shares)}")
    where = f"{page_file} has the chart and every assumption." if page_file else ""
    session.out.say(where or "With --page FILE: chart, and every assumption.")


def _progress(sentence: str) -> None:
    """On standard error, so that what is printed stays clean."""
    click.echo(sentence, err=True)


def _draws(seed: int, count: int) -> list[Callable[[], float]]:
    import random  # noqa: PLC0415  # only here

    # Seeded, so that anybody gets the same figures; nothing secret depends on it.
    return [random.Random(f"{seed}/{at}").random for at in range(count)]  # noqa: S311


def _assumed(words: tuple[str, ...]) -> dict[str, float]:
    from dataclasses import fields  # noqa: PLC0415  # only here

    from firstlight.core.clearinghouse.pacing.flow import Flow  # noqa: PLC0415  # likewise

    names = {each.name for each in fields(Flow)}
    found: dict[str, float] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name not in names:
            raise click.UsageError(f"{name!r} is none of {', '.join(sorted(names))}.")
        try:
            found[name] = float(value)
        except ValueError:
            raise click.UsageError(f"{value!r} is no number, in {word!r}.") from None
    return found
