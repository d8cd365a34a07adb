"""`firstlight report`."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.options import ANONYMOUS, LIMIT, Remote, read_file, remote, write_file
from firstlight.adapters.cli.output import shown
from firstlight.core.kernel.marking import Marking

_MEDIA_TYPES = {
    ".sarif": "application/sarif+json",
    ".json": "application/json",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".gz": "application/gzip",
    ".tgz": "application/gzip",
}


@click.group()
def report() -> None:
    """Send and read reports of flaws."""


@report.command()
@remote
@ANONYMOUS
@click.argument("file", metavar="FILE")
@click.option(
    "--marking",
    type=click.Choice([marking.value for marking in Marking]),
    default=Marking.AMBER_STRICT.value,
    show_default=True,
    help="How far the report may travel.",
)
def submit(session: Remote, file: str, marking: str) -> None:
    """Send a report and print what is still missing in it.

    FILE is SARIF 2.1.0, CSAF 2.0 or 2.1, OSV, plain JSON, or a zip or tar of one report with its
    files; - reads standard input. An incomplete report is never refused.

    Example: firstlight report submit crash.sarif --marking TLP:AMBER
    """
    suffix = next((end for end in _MEDIA_TYPES if file.endswith(end)), "")
    answer = session.client.send(
        "POST",
        "reports",
        data=read_file(file),
        media_type=_MEDIA_TYPES.get(suffix, "application/octet-stream"),
        marking=marking,
    ).json()
    if session.out.as_json:
        session.out.json(answer)
        return
    for receipt in answer["receipts"]:
        _receipt(session, receipt)


def _receipt(session: Remote, receipt: dict[str, Any]) -> None:
    came = "had come before" if receipt["known"] else "received"
    session.out.say(f"{receipt['finding']}  {came}, case {receipt['case']}: {receipt['title']}")
    for item in receipt["missing"]:
        session.out.say(f"  still missing: {item['name']}. {item['ask']}")


@report.command("list")
@remote
@LIMIT
@click.option("--case", help="Only those of this case (number or identifier).")
def list_reports(session: Remote, limit: int, case: str | None) -> None:
    """List the reports that you may see, newest first.

    Example: firstlight report list --case FL-2026-0001
    """
    found = session.pages("reports", limit=limit, case=case)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("REPORT", "CASE", "STATE", "MARKING", "TITLE"),
        [shown(row, "id", "case_number", "state", "marking", "title") for row in found["items"]],
        empty="No reports that you may see. Send one: firstlight report submit FILE",
    )


@report.command()
@remote
@click.argument("report_id", metavar="ID")
def show(session: Remote, report_id: str) -> None:
    """Show one report in full.

    Example: firstlight report show fnd_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("reports", report_id).json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.facts(
        {
            "Report": found["id"],
            "Title": found["title"],
            "State": f"{found['state']}  {found['state_reason']}".strip(),
            "Case": found["case"],
            "Marking": found["marking"],
            "Package": found["product"]["purl"] or found["product"]["name"],
            "Versions": ", ".join(found["product"]["versions"]),
            "Received": f"{found['received_at']} as {found['format']}",
            "Proofs": ", ".join(proof["name"] for proof in found["proofs"]),
        }
    )
    for label in ("description", "trigger", "impact", "crash", "observed_crash"):
        if found[label]:
            session.out.text(f"\n{label.replace('_', ' ').capitalize()}\n{found[label]}")


@report.command()
@remote
@click.argument("report_id", metavar="ID")
@click.argument("file", metavar="FILE")
def relay(session: Remote, report_id: str, file: str) -> None:
    """Write a report into a new file, for another coordinator.

    It is a plain report, proofs included. Its provenance is kept word for word, and this hop stands
    at its end: who relays, and under which identifiers. Credit goes on with it.

    Example: firstlight report relay fnd_01kb6v0c5p2m8q4r7s9t1w3x5y for-upstream.json
    """
    data = session.client.get("reports", report_id, "relay").content
    write_file(file, [data])
    if session.out.as_json:
        session.out.json({"report": report_id, "file": file, "bytes": len(data)})
    else:
        session.out.say(f"Wrote {file}. Handle it with care: it holds the proofs.")


@report.command()
@remote
@click.argument("report_id", metavar="ID")
def retry(session: Remote, report_id: str) -> None:
    """Ask for another run of a report's proofs.

    Example: firstlight report retry fnd_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    answer = session.client.post("reports", report_id, "validation").json()
    if session.out.as_json:
        session.out.json(answer)
    session.out.say("It will be tried again.")
