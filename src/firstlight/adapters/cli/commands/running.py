"""`firstlight measure run`, `resume`, `end`, `status`, `list`: runs on this machine."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from firstlight.adapters.cli.options import LIMIT, Local, local

if TYPE_CHECKING:
    from firstlight.adapters.cli.host_measure import RunClosed, RunOrder, RunShown

_MILLION = 1_000_000
_TOOL = "tool:"
_KINDS = ("find", "reproduce", "patch", "escalate", "refuse")
_RUN = click.argument("run", metavar="RUN", default="latest")


@click.command(name="run")
@local
@click.option(
    "--suite",
    required=True,
    metavar="SUITE",
    help="See `firstlight suite list`; a sealed one is named sealed:FOLDER.",
)
@click.option(
    "--model",
    required=True,
    metavar="MODEL",
    help="NAME@https://host/v1 (chat completions; key in FIRSTLIGHT_MODEL_KEY), a grant at our "
    "gateway likewise; inspect/PROVIDER/NAME through Inspect, an extra; tool:libfuzzer, tool:afl "
    "or tool:cppcheck, or scripted:NAME, which are no models.",
)
@click.option("--epochs", type=click.IntRange(1, 1000), default=1, show_default=True)
@click.option("--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="These alone.")
@click.option("--task", "tasks", multiple=True, metavar="TASK", help="These alone.")
@click.option("--turns", type=click.IntRange(1, 1000), default=60, show_default=True)
@click.option("--tokens", type=click.IntRange(1), default=400_000, show_default=True)
@click.option("--seconds", type=click.IntRange(1, 86_400), default=1800, show_default=True)
@click.option(
    "--cpu-seconds",
    type=click.IntRange(1, 86_400),
    default=20,
    show_default=True,
    help="Of a tool's searching, for each sample.",
)
@click.option("--cost", type=float, metavar="AMOUNT", help="Most that one sample may cost.")
@click.option("--price-in", type=float, metavar="AMOUNT", help="Of a million tokens read.")
@click.option("--price-out", type=float, metavar="AMOUNT", help="Of a million tokens written.")
@click.option("--currency", default="", metavar="NAME", help="Of these amounts, such as USD.")
@click.option(
    "--safeguards",
    type=click.Choice(("shipped", "reduced", "off")),
    default="shipped",
    show_default=True,
)
@click.option("--name", default="", help="Of the model, in the record.")
@click.option("--model-version", "version", default="", help="As its developer says.")
@click.option("--tried", multiple=True, metavar="SENTENCE", help="What else is tried.")
@click.option("--threshold", default="", metavar="FILE", help="An open threshold.")
@click.option("--sealed-threshold", default="", metavar="FILE", help="A sealed one.")
@click.option("--plan", default="", metavar="FILE", help="Fixed before; checked against the run.")
@click.option("--review", default="", metavar="NUMBER", help="The review that it belongs to.")
@click.option("--exception-by", metavar="NAME", help="Who answers for a lower level.")
@click.option("--exception-why", metavar="REASON")
@click.option("--exception-level", metavar="LEVEL", help="The lowest that is accepted, say L1.")
@click.option("--exception-until", metavar="TIME", help="At most thirty days away.")
def run(session: Local, **given: Any) -> None:  # noqa: ANN401  # click's values
    """Run a suite with a model, from a proof of containment to a signed statement.

    Ctrl-C pauses after the sample that is being played; a second one ends this command at once.
    Either way `firstlight measure resume` goes on. Exit code 1: it was paused, or an alarm
    stopped it.

    Example: firstlight measure run --suite public-1 --model scripted:mixed --epochs 2
    """
    order = _order(**given)
    with _teller(session) as (teller, stop):
        closed = session.host.runs().run(order, teller, stop)
    _tell(session, closed)


@click.command()
@local
@_RUN
def resume(session: Local, run: str) -> None:
    """Take a RUN up again that was interrupted, by whatever. What is kept is not played again.

    RUN is an identifier, the end of one, or `latest`.

    Example: firstlight measure resume
    """
    with _teller(session) as (teller, stop):
        closed = session.host.runs().resume(run, teller, stop)
    _tell(session, closed)


@click.command()
@local
@_RUN
@click.option("--why", required=True, metavar="REASON", help="Stands beside what is missing.")
def end(session: Local, run: str, why: str) -> None:
    """End a RUN early: what was not played is *not measured*, and the statement is signed.

    Example: firstlight measure end latest --why "the budget is used up"
    """
    with _teller(session) as (teller, _):
        closed = session.host.runs().end(run, why, teller)
    _tell(session, closed)


@click.command()
@local
@_RUN
def status(session: Local, run: str) -> None:
    """Show how far a RUN is.

    Example: firstlight measure status
    """
    _show(session, session.host.runs().show(run))


@click.command(name="list")
@local
@LIMIT
def list_runs(session: Local, limit: int) -> None:
    """List the runs of this machine, the newest first.

    Example: firstlight measure list
    """
    found = session.host.runs().list(limit=limit)
    if session.out.as_json:
        session.out.json({"items": [_plain(one) for one in found]})
        return
    session.out.table(
        ("RUN", "STATE", "SAMPLES", "MODEL", "SUITE", "LEVEL", "STARTED"),
        [
            (
                one.id,
                _state(one),
                f"{one.done} of {one.of}",
                _model(one),
                one.suite,
                one.level,
                one.started_at[:16],
            )
            for one in found
        ],
        empty="No run was begun here: firstlight measure run --suite public-1 --model ...",
    )


def _order(**given: Any) -> RunOrder:  # noqa: ANN401  # click's values
    from firstlight.adapters.cli.host_measure import (  # noqa: PLC0415  # help needs none of it
        ExceptionAsked,
        RunOrder,
    )

    names = ("exception_by", "exception_why", "exception_level", "exception_until")
    asked = [given.pop(name) for name in names]
    if any(asked) and not all(asked):
        raise click.UsageError("An exception needs all four: by, why, level and until.")
    exception = ExceptionAsked(by=asked[0], why=asked[1], level=asked[2], until=asked[3])
    for name in ("cost", "price_in", "price_out"):
        amount = given[name]
        if amount is not None and not 0 <= amount < _MILLION:
            raise click.UsageError(f"--{name.replace('_', '-')} is an amount from 0 to a million.")
        given[name] = None if amount is None else round(amount * _MILLION)
    given["cost"] = given["cost"] or 0
    return RunOrder(**given, exception=exception if all(asked) else None)


@contextmanager
def _teller(session: Local) -> Iterator[tuple[Any, Callable[[], bool]]]:
    """What hears of the run, and what asks whether it shall pause."""
    from firstlight.adapters.cli.measure_live import teller  # noqa: PLC0415  # loads rich

    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        click.echo("Pausing after this sample; Ctrl-C again ends at once.", err=True)

    before = signal.signal(signal.SIGINT, ask)
    try:
        with teller(session.out) as made:
            yield made, lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(session: Local, closed: RunClosed) -> None:
    if session.out.as_json:
        files = {what: str(path) for what, path in closed.files.items()}
        session.out.json(_plain(closed.run) | {"files": files})
    else:
        _show(session, closed.run)
        for what, path in closed.files.items():
            session.out.say(f"{path}  ({what})")
    if closed.run.state == "paused":
        session.out.say(f"Go on with: firstlight measure resume {closed.run.id}")
    if closed.run.state != "ended":
        raise click.exceptions.Exit(1)


def _show(session: Local, shown: RunShown) -> None:
    from firstlight.core.measure.words import caution  # noqa: PLC0415  # help needs none of it

    if session.out.as_json:
        session.out.json(_plain(shown))
        return
    if said := caution(shown.model, scripted=shown.scripted):
        session.out.say(said)
    ended = ", ".join(f"{count} {name}" for name, count in sorted(shown.ended.items()))
    session.out.facts(
        {
            "Run": shown.id,
            "State": _state(shown),
            "Why": shown.why,
            "Model": _model(shown),
            "Suite": shown.suite,
            "Samples": f"{shown.done} of {shown.of}" + (f": {ended}" if ended else ""),
            "Containment": shown.level,
            "Exception": shown.exception,
            "Started": shown.started_at,
            "Ended": shown.ended_at,
            "Statement": shown.statement,
            "Prepared designation": shown.answer,
            "Folder": shown.folder,
        }
    )


def _state(shown: RunShown) -> str:
    if shown.state == "running" and not shown.leading:
        return "interrupted (nobody leads it; resume it)"
    return shown.state


def _model(shown: RunShown) -> str:
    if shown.model.startswith(_TOOL):
        return f"{shown.model} (a tool, not a model)"
    return f"{shown.model} (scripted, not a model)" if shown.scripted else shown.model


def _plain(shown: RunShown) -> dict[str, Any]:
    return dict(vars(shown)) | {"ended": dict(shown.ended)}
