"""`firstlight measure drill`, `prove` and `evidence`."""

from __future__ import annotations

import sys

import click

from firstlight.adapters.cli.failures import Exit
from firstlight.adapters.cli.host import EscapePlayed
from firstlight.adapters.cli.options import Local, local, read_file
from firstlight.adapters.cli.output import visible
from firstlight.core.kernel.containment import ContainmentLevel
from firstlight.core.measure.alarm import verify_chain
from firstlight.core.measure.containment import LEVELS, NEEDED, Driver, strong_enough


@click.command()
@local
@click.argument("names", metavar="[ESCAPE]...", nargs=-1)
def drill(session: Local, names: tuple[str, ...]) -> None:
    """Play planted escapes for real, and show whether each was noticed and stopped.

    Takes about a minute. Each is played with one detector alone, the one that must notice it.
    Nothing leaves this machine but, at most, single packets to addresses that answer nobody.

    Exit code 0: every one was caught. 1: at least one was missed.

    Example: firstlight measure drill
    """

    def progress(one: EscapePlayed) -> None:
        sys.stderr.write(f"{one.result}: {visible(one.name)}\n")

    played = session.host.drill(names, progress=progress)
    missed = [one for one in played if one.result == "missed"]
    caught = [one for one in played if one.result == "caught"]
    if session.out.as_json:
        items = [
            {
                "name": one.name,
                "what": one.what,
                "detector": one.detector,
                "result": one.result,
                "seen": one.seen,
                "seconds": round(one.seconds, 2),
            }
            for one in played
        ]
        session.out.json({"items": items, "ok": not missed and bool(caught)})
    else:
        session.out.table(
            ("ESCAPE", "RESULT", "NOTICED BY", "SECONDS", "WHAT WAS DONE", "WHAT WAS SEEN"),
            [
                [
                    one.name,
                    one.result.upper() if one.result == "missed" else one.result,
                    one.detector,
                    f"{one.seconds:.1f}",
                    one.what,
                    one.seen[:80],
                ]
                for one in played
            ],
            empty="There is nothing to play.",
        )
        session.out.say(f"{len(caught)} of {len(played)} caught, {len(missed)} missed.")
    if missed or not caught:
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


@click.command()
@local
def prove(session: Local) -> None:
    """Try every way out of the sandbox that samples would get, now, from inside.

    Says as well what may be run at this level.

    Exit code 0: every wall held. 1: something is open.

    Example: firstlight measure prove
    """
    proof = session.host.prove_containment()
    level = ContainmentLevel(proof.level)
    enough = {driver.value: strong_enough(level, needed) for driver, needed in NEEDED.items()}
    if session.out.as_json:
        session.out.json(
            {
                "level": proof.level,
                "held": proof.held,
                "seconds": proof.seconds,
                "digest": proof.digest,
                "strong_enough_for": enough,
                "probes": [
                    {"way": one.way, "tried": one.tried, "held": one.held, "seen": one.seen}
                    for one in proof.probes
                ],
            }
        )
    else:
        session.out.table(
            ("WAY", "RESULT", "TRIED", "SEEN"),
            [
                [one.way, "held" if one.held else "OPEN", one.tried, one.seen]
                for one in proof.probes
            ],
            empty="Nothing was tried.",
        )
        session.out.facts(
            {
                "Level": f"{level}: {LEVELS[level].what}",
                "Right for": LEVELS[level].right_for,
                "Result": "every wall held" if proof.held else "something is OPEN",
                "Seconds": f"{proof.seconds:.2f}",
                "Digest": proof.digest,
            }
        )
        if not enough[Driver.MODEL.value]:
            session.out.say(
                f"Agents driven by a model need {NEEDED[Driver.MODEL]}, or a named exception."
            )
    if not proof.held:
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


@click.command()
@local
@click.argument("file", metavar="FILE")
@click.option("--head", metavar="HASH", help="Hash of the last entry, as it was handed over.")
def evidence(session: Local, file: str, head: str | None) -> None:
    """Check that a run's evidence is as it was written, and list it. Needs no server.

    Without --head a cut-off end cannot be noticed; the incident's draft and the statement name it.

    Example: firstlight measure evidence evidence.jsonl
    """
    entries = verify_chain(read_file(file), head)
    last = entries[-1].hash if entries else ""
    if session.out.as_json:
        items = [
            {"number": one.number, "at": str(one.at), "kind": one.kind, "facts": one.facts}
            for one in entries
        ]
        session.out.json({"items": items, "head": last, "head_checked": head is not None})
        return
    session.out.table(
        ("ENTRY", "AT", "WHAT"),
        [[one.number, one.at, one.kind] for one in entries],
        empty="There is nothing in it.",
    )
    session.out.facts({"Last entry": last})
    session.out.say(
        "The chain holds, up to the entry that was handed over."
        if head
        else "The chain holds; whether its end is missing shows only with --head."
    )
