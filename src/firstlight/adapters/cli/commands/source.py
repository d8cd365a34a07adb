"""`firstlight source`."""

from __future__ import annotations

from pathlib import Path

import click

from firstlight.adapters.cli.options import Local, Remote, local, read_file, remote
from firstlight.adapters.cli.output import shown


@click.group()
def source() -> None:
    """Load outside catalogues (KEV, EPSS, SSVC) and see what is loaded."""


@source.command()
@local
@click.argument("kind", type=click.Choice(("kev", "epss", "ssvc")))
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


@source.command("import")
@local
@click.argument("place", metavar="FOLDER_OR_FILE")
@click.option("--name", required=True, help="Short name of their publisher: pypa")
@click.option("--licence", required=True, help="As the publisher states it: CC-BY-4.0")
@click.option("--url", required=True, help="Where they were taken from.")
def import_(session: Local, place: str, name: str, licence: str, url: str) -> None:
    """Serve OSV records of others in the public zone, beside our own.

    FOLDER_OR_FILE holds records as .json, .jsonl or .jsonl.gz. Each keeps its text and gets its
    source and licence. A new import under the same name replaces the former one.

    Example: firstlight source import advisory-database/vulns --name pypa --licence CC-BY-4.0
    --url https://github.com/pypa/advisory-database
    """
    done = session.host.import_osv(Path(place), source=name, licence=licence, url=url)
    if session.out.as_json:
        session.out.json(
            {"records": done.records, "left_out": done.left_out, "reasons": list(done.reasons)}
        )
    session.out.say(f"{done.records} records of {name} stand in the public zone.")
    if done.left_out:
        session.out.say(f"{done.left_out} were left out, the first because:")
        for reason in done.reasons:
            session.out.say(f"  {reason}")


@source.command()
@remote
@click.argument("kind", type=click.Choice(("kev", "epss", "ssvc")))
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
