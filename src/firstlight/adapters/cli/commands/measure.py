"""`firstlight measure`: figures, statement, comparison, report. The threshold has its own file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from firstlight.adapters.cli.commands.containment import drill, evidence, prove
from firstlight.adapters.cli.commands.importing import import_eval
from firstlight.adapters.cli.commands.running import end, list_runs, resume, run, status
from firstlight.adapters.cli.commands.scale import ability, calibrate
from firstlight.adapters.cli.commands.threshold import threshold
from firstlight.adapters.cli.options import (
    Local,
    local,
    read_file,
    read_text,
    write_file,
)

if TYPE_CHECKING:
    from firstlight.core.measure.plan import Plan
    from firstlight.core.measure.record import Run
    from firstlight.usecases.ports.measurements import ThresholdKeeper

KEY_NAME = "firstlight-measurement"
_RECORD = click.argument("record", metavar="RECORD")
_THRESHOLD = click.option("--threshold", "open_file", metavar="FILE", help="An open threshold.")
_SEALED = click.option("--sealed-threshold", "sealed_file", metavar="FILE", help="A sealed one.")
_PLAN = click.option("--plan", "plan_file", metavar="FILE", help="As fixed before the run.")


@click.group()
def measure() -> None:
    """Run suites under containment; make figures, statements and reports, and check them."""


for command in (
    run,
    resume,
    status,
    list_runs,
    end,
    threshold,
    calibrate,
    ability,
    drill,
    prove,
    evidence,
    import_eval,
):
    measure.add_command(command)


@measure.command()
@local
@_RECORD
def figures(session: Local, record: str) -> None:
    """Show what a RECORD says, with intervals and warnings.

    Example: firstlight measure figures run.json
    """
    from firstlight.adapters.cli.measure_show import show_figures  # noqa: PLC0415  # loads numpy

    show_figures(session.out, _run(record))


@measure.command()
@local
@_RECORD
@click.argument("file", metavar="STATEMENT")
@_THRESHOLD
@_SEALED
@_PLAN
def state(session: Local, record: str, file: str, **given: str | None) -> None:
    """Write the signed STATEMENT about a RECORD; with a threshold and its plan, the designation.

    The designation is prepared, never made: determination is the act of the office.

    Example: firstlight measure state run.json statement.json --threshold threshold.json
    --plan plan.json
    """
    from firstlight.adapters.formats.measure_record import record_digest  # noqa: PLC0415
    from firstlight.usecases.measurements import state as usecase  # noqa: PLC0415  # loads numpy

    run = _run(record)
    keeper, plan = _applied(**given)
    made = usecase.state(session.host.signer(), run, record_digest(run), keeper, plan)
    write_file(file, [made.envelope])
    prepared = made.designation.to_json() if made.designation else None
    if session.out.as_json:
        session.out.json({"file": file, "reference": made.reference, "designation": prepared})
        return
    session.out.say(f"{file} is signed. Reference: {made.reference}")
    if made.designation is not None and prepared is not None:
        session.out.say(f"Prepared designation: {made.designation.answer.value}")
        for line in (*_texts(prepared["reasons"]), _more(prepared), str(prepared["lower_bound"])):
            if line:
                session.out.say(f"  {line}")
        session.out.say(str(prepared["prepared"]))


@measure.command()
@local
@click.argument("file", metavar="STATEMENT")
@click.option("--key", "key_file", required=True, metavar="KEYFILE", help="From elsewhere.")
@click.option("--record", "record", metavar="RECORD", help="Make the statement again from it.")
@_THRESHOLD
@_SEALED
@_PLAN
def verify(
    session: Local, file: str, key_file: str, record: str | None, **given: str | None
) -> None:
    """Check a STATEMENT, without server, database or network.

    Proves who signed it, that no byte was altered, that it has exactly the published fields, and
    that counts, observed rates, effective sample sizes and Wilson's intervals follow from the
    figures in it. With --record every figure is made again and compared byte for byte; where the
    statement holds a designation, give threshold and plan as well.

    Exit code 0: it holds. 1: it does not.

    Example: firstlight measure verify statement.json --key measurement.key
    """
    from firstlight.adapters.cli.measure_verify import verify_statement  # noqa: PLC0415
    from firstlight.core.measure.words import caution  # noqa: PLC0415  # help needs none of it

    found = verify_statement(read_file(file), read_text(key_file))
    if record is not None:
        from firstlight.adapters.cli.measure_again import made_again  # noqa: PLC0415  # numpy

        made_again(found, _run(record), *_applied(**given))
    predicate = found.predicate
    if session.out.as_json:
        session.out.json(
            {
                "holds": True,
                "reference": found.reference,
                "subject": found.subject,
                "recomputed": found.recomputed,
                "made_again": record is not None,
                "designation": predicate["designation"],
            }
        )
        return
    out = session.out
    out.say(f"HOLDS: statement about {found.subject}")
    designation = predicate["designation"]
    out.facts(
        {
            "Reference": found.reference,
            "Endpoint": f"SHA-256 {found.endpoint}",
            "Suite": f"{predicate['suite']['name']} {predicate['suite']['version']}",
            "Containment": predicate["containment"]["level"],
            "Recomputed": f"{found.recomputed} figures",
            "Prepared designation": designation["answer"] if designation else "none",
        }
    )
    model = predicate["model"]
    if said := caution(str(model["name"]), scripted=bool(model["scripted"])):
        out.say(said)
    if record is None:
        out.say("The posterior was not computed again; give --record to do it.")


@measure.command()
@local
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
def compare(session: Local, first: str, second: str) -> None:
    """Show the paired difference of two records over the tasks that both measured, by family.

    Example: firstlight measure compare run-a.json run-b.json
    """
    from firstlight.adapters.cli.measure_show import show_comparison  # noqa: PLC0415  # numpy

    show_comparison(session.out, _run(first), _run(second))


@measure.command()
@local
@_RECORD
@click.argument("file", metavar="REPORT")
@click.option("--cut", type=click.Choice(("public", "developer", "full")), default="public")
@click.option("--reference", metavar="RECORD", help="Another run to stand beside it.")
@_THRESHOLD
@_SEALED
@_PLAN
def report(
    session: Local, record: str, file: str, cut: str, reference: str | None, **given: str | None
) -> None:
    """Write a REPORT about a RECORD: one HTML file that needs nothing else, made to be printed.

    public: no name of a sealed family or task. developer: with families and tasks. full: with
    every sample.

    Example: firstlight measure report run.json report.html --cut developer
    """
    from firstlight.adapters.cli.measure_show import make_report  # noqa: PLC0415  # loads numpy

    beside = _run(reference) if reference else None
    data = make_report(_run(record), cut, beside, *_applied(**given))
    write_file(file, [data])
    if session.out.as_json:
        session.out.json({"file": file, "cut": cut, "bytes": len(data)})
    session.out.say(f"{file} holds the {cut} report. Open it in any browser.")


@measure.command()
@local
@click.argument("file", metavar="PLAN")
@click.option("--threshold", "open_file", metavar="FILE", help="An open threshold.")
@click.option("--known-by", metavar="DIGEST", help="The commitment of a sealed threshold.")
@click.option("--suite", "suite_file", required=True, metavar="COMMITMENT")
@click.option("--epochs", type=click.IntRange(1, 1000), default=8, show_default=True)
def plan(session: Local, file: str, suite_file: str, epochs: int, **given: str | None) -> None:
    """Fix threshold, suite, epochs and rule before a run, into a new file PLAN.

    The record of the run names the digest that this prints.

    Example: firstlight measure plan plan.json --threshold threshold.json --suite sealed-1.json
    """
    from firstlight.adapters.formats.measure_plan import write_plan  # noqa: PLC0415
    from firstlight.adapters.formats.measure_suite import read_commitment  # noqa: PLC0415
    from firstlight.adapters.vault.thresholds import OpenThresholdFile  # noqa: PLC0415
    from firstlight.core.measure.plan import Plan  # noqa: PLC0415  # help needs none of it

    open_file, known_by = given["open_file"], given["known_by"]
    if (open_file is None) == (known_by is None):
        raise click.UsageError("Give either --threshold or --known-by.")
    named = known_by or OpenThresholdFile(Path(str(open_file))).known_by()
    fixed = Plan(
        threshold=named, suite_root=read_commitment(read_file(suite_file)).root, epochs=epochs
    )
    write_file(file, [write_plan(fixed)])
    if session.out.as_json:
        session.out.json({"file": file, "digest": fixed.digest()} | fixed.to_json())
    session.out.say(f"{file} is the plan. Its digest: {fixed.digest()}")


@measure.command()
@local
def key(session: Local) -> None:
    """Print the key by which statements of this machine are checked; publish it.

    Example: firstlight measure key
    """
    from firstlight.core.kernel.checkpoint import verifier_key  # noqa: PLC0415
    from firstlight.core.measure.statement import PURPOSE  # noqa: PLC0415  # help needs none of it

    text = verifier_key(KEY_NAME, session.host.signer().public_key(PURPOSE))
    if session.out.as_json:
        session.out.json({"key": text})
    session.out.say(text)


@measure.command()
@local
def schema(session: Local) -> None:
    """Print the published JSON Schema of a statement.

    Example: firstlight measure schema
    """
    from firstlight.adapters.formats.measure_statement import (  # noqa: PLC0415  # help needs none
        schema as published,
    )

    session.out.text(published().decode().rstrip("\n"))


def _run(path: str) -> Run:
    from firstlight.adapters.formats.measure_record import read_record  # noqa: PLC0415

    return read_record(read_file(path))


def _applied(
    *, open_file: str | None, sealed_file: str | None, plan_file: str | None
) -> tuple[ThresholdKeeper | None, Plan | None]:
    """Threshold and plan, both or neither."""
    from firstlight.adapters.formats.measure_plan import read_plan  # noqa: PLC0415
    from firstlight.adapters.vault.thresholds import (  # noqa: PLC0415  # help needs none of it
        OpenThresholdFile,
        SealedThresholdFile,
    )

    if open_file and sealed_file:
        raise click.UsageError("Give either --threshold or --sealed-threshold.")
    if bool(open_file or sealed_file) != bool(plan_file):
        raise click.UsageError("A threshold needs the --plan that was fixed before the run.")
    if plan_file is None:
        return None, None
    fixed = read_plan(read_file(plan_file))
    if open_file:
        return OpenThresholdFile(Path(open_file)), fixed
    return SealedThresholdFile(Path(str(sealed_file))), fixed


def _texts(value: Any) -> list[str]:  # noqa: ANN401  # JSON
    return [str(each) for each in value]


def _more(prepared: dict[str, Any]) -> str:
    more = prepared.get("more")
    if not more:
        return ""
    return (
        f"{more['families']} more families ({more['samples']} samples) that show the same would "
        f"make it {more['towards']}."
    )
