"""`firstlight behaviour`: from a paragraph to a test, and what a model does with it."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firstlight.adapters.cli.failures import Exit
from firstlight.adapters.cli.options import Local, local, read_file, read_text, write_file
from firstlight.adapters.cli.output import visible

if TYPE_CHECKING:  # help needs none of it
    from firstlight.adapters.cli.host_behaviours import Answering
    from firstlight.core.measure.behaviour.specification import Specification

_Command = Callable[..., None]
_SPECIFICATION = click.argument("file", metavar="SPECIFICATION")


def _answers(prefix: str, who: str) -> Callable[[_Command], _Command]:
    """The options that name who answers."""

    def put(command: _Command) -> _Command:
        for option in (
            click.option(
                f"--{prefix}-key",
                metavar="VARIABLE",
                help=f"Environment variable with the key for {who}.",
            ),
            click.option(
                f"--{prefix}-record", metavar="FILE", help=f"Record {who} into a new FILE."
            ),
            click.option(
                f"--{prefix}-replay", metavar="FILE", help=f"Take {who} from a recording."
            ),
            click.option(
                f"--{prefix}",
                prefix,
                metavar="NAME@URL",
                help=f"{who.capitalize()}: chat completions at URL, up to /v1.",
            ),
        ):
            command = option(command)
        return command

    return put


@click.group()
def behaviour() -> None:
    """Turn a paragraph about a behaviour into a test, and run it with a judge who must cite."""


@behaviour.command()
@local
@click.argument("paragraph", metavar="PARAGRAPH")
@click.argument("file", metavar="SPECIFICATION")
@click.option("--name", required=True, help="What the behaviour is called.")
@click.option(
    "--pairs", type=click.IntRange(1, 20), default=5, show_default=True, help="For each rule."
)
@_answers("model", "the drafting model")
def draft(
    session: Local, paragraph: str, file: str, *, name: str, pairs: int, **given: str | None
) -> None:
    """Draft rules, rubric, requests and benign twins from the text file PARAGRAPH.

    Read the draft and change it: it is a proposal, and you answer for it.

    Example: firstlight behaviour draft paragraph.txt behaviour.json --name credentials
    --model gpt-x@https://host.example/v1 --model-key EXAMPLE_KEY
    """
    from firstlight.adapters.cli.host_behaviours import Drafting  # noqa: PLC0415
    from firstlight.adapters.formats.measure_behaviour import (  # noqa: PLC0415
        write_specification,
    )

    wanted = Drafting(name=name, paragraph=read_text(paragraph), pairs=pairs)
    found = session.host.behaviours().draft(_answering(given, "model"), wanted)
    write_file(file, [write_specification(found)])
    _tell_specification(session, found)
    session.out.say(f"Read {file} and change it, then: firstlight behaviour check {file}")


@behaviour.command()
@local
@_SPECIFICATION
def check(session: Local, file: str) -> None:
    """Check that a SPECIFICATION can be run, and show it. Needs no model.

    Example: firstlight behaviour check behaviour.json
    """
    _tell_specification(session, _specification(file))


@behaviour.command()
@local
@click.argument("before", metavar="BEFORE")
@click.argument("edited", metavar="EDITED")
@click.argument("file", metavar="NEW")
@click.option("--by", required=True, help="Who changed it.")
def revise(session: Local, before: str, edited: str, file: str, by: str) -> None:
    """Write what was EDITED as the next version of BEFORE, which it names by its digest.

    Example: firstlight behaviour revise behaviour.json edited.json behaviour-2.json --by reviewer
    """
    from firstlight.adapters.formats.measure_behaviour import (  # noqa: PLC0415
        write_specification,
    )
    from firstlight.core.measure.behaviour.specification import revised  # noqa: PLC0415

    found = revised(_specification(before), _specification(edited), by)
    write_file(file, [write_specification(found)])
    _tell_specification(session, found)


@behaviour.command()
@local
@_SPECIFICATION
@click.argument("folder", metavar="FOLDER")
@click.option("--epochs", type=click.IntRange(1, 20), default=1, show_default=True)
@click.option(
    "--judgements",
    type=click.Choice(["1", "3", "5", "7"]),
    default="3",
    show_default=True,
    help="Of each conversation; the majority of those that cite validly decides.",
)
@click.option(
    "--tokens", type=click.IntRange(16, 32768), default=2048, show_default=True, help="Of a reply."
)
@_answers("judge", "the judge")
@_answers("model", "the model")
def run(  # each is an option of the command
    session: Local,
    file: str,
    folder: str,
    *,
    epochs: int,
    judgements: str,
    tokens: int,
    **given: str | None,
) -> None:
    """Run a SPECIFICATION against a model, judged by another, and write both files into FOLDER.

    `result.json` holds every conversation with its verdicts; `record.json` is the record of the
    run, for `firstlight measure figures`, `report` and `state`. What the model did that it must
    not, and what it refused that it may, are two rates and never summed.

    Exit code 0: it ran, whatever came of it. 1: nothing could be counted.

    Example: firstlight behaviour run behaviour.json result --model m@https://host.example/v1
    --judge j@https://judge.example/v1
    """
    from firstlight.adapters.cli.host_behaviours import Running  # noqa: PLC0415
    from firstlight.adapters.formats.measure_behaviour import write_result  # noqa: PLC0415
    from firstlight.adapters.formats.measure_record import write_record  # noqa: PLC0415

    how = Running(
        id=f"behaviour-{secrets.token_hex(6)}",
        epochs=epochs,
        judgements=int(judgements),
        tokens=tokens,
    )
    place = Path(folder)
    _new_folder(place)
    found = session.host.behaviours().run(
        _specification(file), _answering(given, "model"), _answering(given, "judge"), how, _progress
    )
    result = write_result(found)
    write_file(str(place / "result.json"), [result])
    write_file(str(place / "record.json"), [write_record(found.record())])
    _tell_result(session, json.loads(result))
    if not any(one.result.right is not None for one in found.held):
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


@behaviour.command()
@local
@click.argument("file", metavar="RESULT")
@click.option("--all", "every", is_flag=True, help="Right ones as well.")
def show(session: Local, file: str, *, every: bool) -> None:
    """Show a RESULT: the two rates, and each verdict with rule, turn and the cited words.

    Example: firstlight behaviour show result/result.json
    """
    from firstlight.adapters.formats.measure_behaviour import read_result  # noqa: PLC0415

    found = dict(read_result(read_file(file)))
    _tell_result(session, found)
    if session.out.as_json:
        return
    rows = [_row(one) for one in found["held"] if every or one["result"] in _WRONG]
    session.out.table(
        ("REQUEST", "RESULT", "RULE", "TURN", "CITED"), rows, empty="Nothing went wrong."
    )


_WRONG = ("did what it must not", "refused what it may", "undecided", "not measured")


def _row(one: dict[str, Any]) -> list[object]:
    cited = next((each for each in one["judgements"] if each["counts"]), None)
    if cited is None or one["result"] in {"undecided", "not measured"}:
        return [one["item"], one["result"], one["rule"], "-", one["why"]]
    return [one["item"], one["result"], cited["rule"], str(cited["turn"]), cited["quote"]]


def _tell_specification(session: Local, found: Specification) -> None:
    temptations = sum(item.part.value == "temptation" for item in found.items)
    if session.out.as_json:
        session.out.json({"digest": found.digest(), **found.to_json()})
        return
    session.out.facts(
        {
            "Behaviour": f"{found.name} {found.version}",
            "Digest": found.digest(),
            "Follows": found.follows or "nothing",
            "Made by": found.made_by + (" (scripted, not a model)" if found.scripted else ""),
            "Rules": str(len(found.rules)),
            "Requests": f"{temptations} temptations, {len(found.items) - temptations} benign twins",
        }
    )
    for rule in found.rules:
        session.out.say(f"{rule.id}: {rule.says}")


def _tell_result(session: Local, found: dict[str, Any]) -> None:
    counts: dict[str, dict[str, int]] = {"temptation": {}, "benign": {}}
    for one in found["held"]:
        some = counts[one["part"]]
        some[one["result"]] = some.get(one["result"], 0) + 1
    if session.out.as_json:
        kept = ("id", "digest", "model", "judge", "notes")
        session.out.json({**{name: found[name] for name in kept}, "counts": counts})
        return
    session.out.facts(
        {
            "Model": _who(found["model"]),
            "Judge": _who(found["judge"]),
            "Temptations": _counted(counts["temptation"]),
            "Benign twins": _counted(counts["benign"]),
        }
    )
    for note in found["notes"]:
        session.out.say(str(note))


def _who(model: dict[str, Any]) -> str:
    return str(model["name"]) + (" (scripted, not a model)" if model["scripted"] else "")


def _counted(some: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(some.items())) or "none"


def _specification(file: str) -> Specification:
    from firstlight.adapters.formats.measure_behaviour import (  # noqa: PLC0415
        read_specification,
    )

    return read_specification(read_file(file))


def _answering(given: dict[str, str | None], prefix: str) -> Answering:
    from firstlight.adapters.cli.host_behaviours import Answering  # noqa: PLC0415

    endpoint, replay = given[prefix], given[f"{prefix}_replay"]
    if (endpoint is None) == (replay is None):
        raise click.UsageError(f"give --{prefix} or --{prefix}-replay, and not both")
    record = given[f"{prefix}_record"]
    return Answering(
        endpoint=endpoint or "",
        replay=Path(replay) if replay else None,
        record=Path(record) if record else None,
        key_variable=given[f"{prefix}_key"] or "",
    )


def _new_folder(place: Path) -> None:
    from firstlight.core.kernel.errors import Invalid  # noqa: PLC0415

    try:
        place.mkdir(parents=True)
    except OSError as error:
        raise Invalid(f"{place}: {error.strerror}", hint="Choose another name.") from None


def _progress(item: str, what: str) -> None:
    sys.stderr.write(f"{visible(item)}: {visible(what)}\n")
