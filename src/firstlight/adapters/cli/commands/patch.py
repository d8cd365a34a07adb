"""`firstlight patch`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.options import Remote, read_file, remote
from firstlight.adapters.cli.output import shown


@click.group()
def patch() -> None:
    """Propose patches and see how they fared. CASE is a number or an identifier."""


@patch.command()
@remote
@click.argument("case_id", metavar="CASE")
@click.argument("file", metavar="DIFF")
def propose(session: Remote, case_id: str, file: str) -> None:
    """Attach a unified diff to a case; it is then built and tested by itself.

    Example: firstlight patch propose FL-2026-0001 fix.diff
    """
    answer = session.client.send(
        "POST", "cases", case_id, "patches", data=read_file(file), media_type="text/x-diff"
    ).json()
    if session.out.as_json:
        session.out.json(answer)
    session.out.say(f"{answer['id']} is proposed; its verification is on the way.")


@patch.command("list")
@remote
@click.argument("case_id", metavar="CASE")
def list_patches(session: Remote, case_id: str) -> None:
    """List the patches of a case, oldest first.

    Example: firstlight patch list FL-2026-0001
    """
    found = session.client.get("cases", case_id, "patches").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("PATCH", "STATE", "PROPOSED", "AUTHOR"),
        [shown(row, "id", "state", "proposed_at", "author") for row in found["items"]],
        empty="No patch yet. Propose one: firstlight patch propose CASE DIFF",
    )
