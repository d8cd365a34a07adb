"""`firstlight source`."""

from __future__ import annotations

from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, Remote, local, read_file, remote
from firstlight.adapters.cli.output import shown


@click.group()
def source() -> None:
    """Load outside catalogues (KEV, EPSS) and see what is loaded."""


@source.command()
@local
@click.argument("kind", type=click.Choice(("kev", "epss")))
@click.argument("place", metavar="FILE_OR_ADDRESS")
def load(session: Local, kind: str, place: str) -> None:
    """Replace a catalogue, on the server itself, from a file or an https address.

    An address is fetched only when the settings allow its host. From elsewhere use `source send`.

    Example: firstlight source load kev known_exploited_vulnerabilities.json
    """
    loaded = session.host.load_source(kind, place)
    if session.out.as_json:
        session.out.json(
            {
                "name": loaded.name,
                "version": loaded.version,
                "dated": loaded.dated,
                "count": loaded.count,
            }
        )
    session.out.say(f"{loaded.name}: {loaded.count} entries of {loaded.dated} ({loaded.version})")


@source.command()
@remote
@click.argument("kind", type=click.Choice(("kev", "epss")))
@click.argument("file", metavar="FILE")
def send(session: Remote, kind: str, file: str) -> None:
    """Replace a catalogue on a server, from a file here.

    Example: firstlight source send epss epss_scores-2026-11-20.csv.gz
    """
    found = session.client.send(
        "PUT",
        "sources",
        kind,
        data=read_file(file),
        media_type="application/octet-stream",
        origin=Path(file).name,
    ).json()
    if session.out.as_json:
        session.out.json(found)
    session.out.say(f"{found['name']}: {found['count']} entries of {found['dated']}")


@source.command("list")
@remote
def list_sources(session: Remote) -> None:
    """List the catalogues; one that was never loaded says so.

    Example: firstlight source list
    """
    found = session.client.get("sources").json()
    if session.out.as_json:
        session.out.json(found)
        return
    rows = [
        shown(row, "name", "version", "dated", "count", "origin")
        if row["loaded"]
        else [row["name"], "never loaded", "", "", ""]
        for row in found["items"]
    ]
    session.out.table(("SOURCE", "VERSION", "DATED", "ENTRIES", "FROM"), rows, empty="None.")
