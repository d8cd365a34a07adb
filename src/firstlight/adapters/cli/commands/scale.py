"""`firstlight measure calibrate` and `ability`: many models on one scale."""

from __future__ import annotations

import click

from firstlight.adapters.cli.options import Local, local, read_file, write_file


@click.command()
@local
@click.argument("file", metavar="BANK")
@click.argument("records", metavar="RECORD...", nargs=-1, required=True)
@click.option("--version", required=True, help="What the bank will be called.")
def calibrate(session: Local, file: str, records: tuple[str, ...], version: str) -> None:
    """Estimate how hard tasks are from the RECORDs of many models, and fix it in a new file BANK.

    Requests are left out. Tasks must have the same names in every record.

    Example: firstlight measure calibrate bank.json a.json b.json c.json --version 1
    """
    from firstlight.adapters.formats.measure_bank import write_bank  # noqa: PLC0415  # numpy
    from firstlight.core.kernel.errors import Conflict  # noqa: PLC0415  # help needs none of it
    from firstlight.core.measure.statistics.response import (  # noqa: PLC0415  # likewise
        Bank,
    )
    from firstlight.core.measure.statistics.response import (  # noqa: PLC0415  # likewise
        calibrate as calibrated,
    )

    found = calibrated([_shares(record) for record in records], version)
    if not isinstance(found, Bank):
        raise Conflict(f"no bank can be made: {found.reason}", hint=f"It needs {found.needs}.")
    write_file(file, [write_bank(found)])
    if session.out.as_json:
        session.out.json({"file": file, "items": len(found.items), "models": found.models})
    session.out.say(f"{file} holds {len(found.items)} tasks, by {found.models} models.")


@click.command()
@local
@click.argument("record", metavar="RECORD")
@click.option("--bank", "bank_file", required=True, metavar="BANK", help="A fixed bank.")
def ability(session: Local, record: str, bank_file: str) -> None:
    """Show where the model of a RECORD stands on the scale of a fixed bank.

    Zero is the mean of the models by which the bank was made. Compare only figures of one bank.

    Example: firstlight measure ability run.json --bank bank.json
    """
    from firstlight.adapters.formats.measure_bank import read_bank  # noqa: PLC0415  # numpy
    from firstlight.core.measure.figures import Unmeasured, rounded  # noqa: PLC0415  # likewise
    from firstlight.core.measure.statistics.response import (  # noqa: PLC0415  # likewise
        METHOD,
    )
    from firstlight.core.measure.statistics.response import (  # noqa: PLC0415  # likewise
        ability as found_ability,
    )

    found = found_ability(_shares(record), read_bank(read_file(bank_file)))
    if isinstance(found, Unmeasured):
        if session.out.as_json:
            session.out.json(found.to_json())
        session.out.say(f"Not measured: {found.reason}. It needs {found.needs}.")
        return
    if session.out.as_json:
        session.out.json(
            {
                "kind": "measured",
                "method": METHOD,
                "bank": found.bank,
                "items": found.items,
                "most_likely": rounded(found.most_likely),
                "error": rounded(found.error),
                "mean": rounded(found.mean),
                "interval": found.interval.to_json(),
            }
        )
        return
    low, high = found.interval.low, found.interval.high
    session.out.facts(
        {
            "Ability": f"{found.most_likely:+.2f}, standard error {found.error:.2f}",
            "95 %": f"{low:+.2f} to {high:+.2f}",
            "Bank": f"{found.bank}, {found.items} tasks in common",
        }
    )


def _shares(path: str) -> dict[str, float]:
    """Task to share solved, requests left out."""
    from firstlight.adapters.formats.measure_record import read_record  # noqa: PLC0415
    from firstlight.core.measure.results import share_solved  # noqa: PLC0415  # likewise
    from firstlight.core.measure.task import Kind  # noqa: PLC0415  # help needs none of it

    run = read_record(read_file(path))
    return share_solved([each for each in run.samples if each.kind is not Kind.REFUSE])
