"""`firstlight measure import-eval`: a log of another engine as a record of ours."""

from __future__ import annotations

from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, local, write_file

_KINDS = ("find", "reproduce", "patch", "escalate")


@click.command(name="import-eval")
@local
@click.argument("log", metavar="LOG", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("record", metavar="RECORD")
@click.option("--kind", type=click.Choice(_KINDS), help="Of the tasks, where they are not ours.")
@click.option("--family", metavar="KEY", help="In the samples' metadata: the family of targets.")
def import_eval(
    session: Local, log: Path, record: str, kind: str | None, family: str | None
) -> None:
    """Read LOG, an .eval file of Inspect's, and write a RECORD from it.

    For figures, comparisons and reports beside runs of ours. Nothing of it was watched by this
    program, and the record says so; it can designate nothing. A log that is cut off gives an error
    and no record; samples that are missing in it are not measured. Needs the extra `inspect`.

    Example: firstlight measure import-eval log.eval run.json

    Example: firstlight measure import-eval log.eval run.json --kind find --family project
    """
    from firstlight.adapters.cli.host_measure import LogOrder  # noqa: PLC0415  # help needs none
    from firstlight.adapters.formats.measure_record import (  # noqa: PLC0415  # likewise
        record_digest,
        write_record,
    )
    from firstlight.core.measure.words import caution  # noqa: PLC0415  # likewise

    if (kind is None) != (family is None):
        raise click.UsageError("Give --kind and --family, or neither.")
    run = session.host.logs().read(log, LogOrder(kind=kind or "", family=family or ""))
    write_file(record, [write_record(run)])
    counts = sum(each.ended.counts for each in run.samples)
    if session.out.as_json:
        session.out.json(
            {
                "file": record,
                "sha256": record_digest(run),
                "model": run.model.name,
                "samples": len(run.samples),
                "counted": counts,
            }
        )
        return
    session.out.say(f"{record} is the record: {counts} of {len(run.samples)} samples count.")
    session.out.say(f"Containment: {run.containment.level}.")
    if said := caution(run.model.name, scripted=run.model.scripted):
        session.out.say(said)
    session.out.say(f"Next: firstlight measure figures {record}")
