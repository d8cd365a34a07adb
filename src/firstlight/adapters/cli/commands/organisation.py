"""`firstlight organisation`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.host import OrganisationShown
from firstlight.adapters.cli.options import Local, local


@click.group()
def organisation() -> None:
    """List and vet organisations, on the server itself. Administrators do it in the portal."""


@organisation.command("list")
@local
def list_organisations(session: Local) -> None:
    """List organisations, those that wait for vetting first.

    Example: firstlight organisation list
    """
    found = session.host.organisations()
    if session.out.as_json:
        session.out.json({"items": [_record(one) for one in found]})
        return
    session.out.table(
        ("ORGANISATION", "STATE", "KIND", "NAME", "PEOPLE"),
        [[one.id, one.state, one.kind, one.name, ", ".join(one.people)] for one in found],
        empty="No organisations yet. Begin with: firstlight admin create",
    )


@organisation.command()
@local
@click.argument("name", metavar="ORGANISATION")
@click.option("--refuse", is_flag=True, help="Refuse it: every membership in it ends.")
def vet(session: Local, name: str, refuse: bool) -> None:
    """Let the people of an organisation in; ORGANISATION is its identifier or its name.

    Example: firstlight organisation vet "Harbour Security"
    """
    found = session.host.vet_organisation(name, refuse=refuse)
    if session.out.as_json:
        session.out.json(_record(found))
    session.out.say(f"{found.name} is {found.state} now.")


def _record(one: OrganisationShown) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "state": one.state,
        "requested_at": str(one.requested_at),
        "people": list(one.people),
        "purpose": one.purpose,
    }
