"""`firstlight finding`: floods of records, and the candidates in them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click

from firstlight.adapters.cli.client import Reply
from firstlight.adapters.cli.failures import Exit, ServerSaid
from firstlight.adapters.cli.options import LIMIT, Remote, remote
from firstlight.adapters.cli.output import shown, visible
from firstlight.core.kernel.errors import Invalid, Unavailable
from firstlight.core.kernel.marking import Marking

_PIECE = 4 << 20
_OCTETS = "application/octet-stream"
_TOO_MANY = 429
_LONGEST_WAIT = 3600
"""seconds of Retry-After that are waited for; beyond, the person is told"""
_WAITS = (0.2, 0.5, 1.0, 2.0)
_FAULTS_SHOWN = 20


@click.group()
def finding() -> None:
    """Send files of many records; read candidates; make reports of them."""


@finding.command("import")
@remote
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--marking",
    type=click.Choice([marking.value for marking in Marking]),
    default=Marking.AMBER_STRICT.value,
    show_default=True,
    help="How far the records may travel.",
)
@click.option("--package", default="", metavar="PURL", help="Of records that name no package.")
@click.option("--resume", metavar="ID", help="Go on with this import after a cut; one FILE.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the file has been read.")
def import_files(
    session: Remote,
    *,
    files: tuple[str, ...],
    marking: str,
    package: str,
    resume: str | None,
    no_wait: bool,
) -> None:
    """Send files of many records, and wait until they have been read.

    FILE is SARIF 2.1.0 of any length, OSV, CSAF, CVE 5.x, plain JSON, one after another or in an
    array, also with gzip, or a zip as OSV publishes them. A record that came before adds nothing; a
    bad record is named, and the good ones are kept. When the server asks for patience it gets it.

    Example: firstlight finding import scan.sarif --package pkg:generic/example
    """
    if resume and len(files) > 1:
        raise Invalid("one import goes on with one file", hint="Name one FILE with --resume.")
    post, about = session.client.post, {"marking": marking, "package": package}
    done = []
    for file in files:
        batch = (
            session.client.get("imports", resume).json()
            if resume
            else _patient(session, partial(post, "imports", name=Path(file).name, **about))
        )
        batch = _send(session, file, batch)
        done.append(batch if no_wait else _wait(session, batch))
    if session.out.as_json:
        session.out.json({"items": done})
    else:
        for batch in done:
            _tell(session, batch)
    failed = any(batch["state"] == "broken" or batch["records"]["failed"] for batch in done)
    if failed:
        click.get_current_context().exit(int(Exit.CHECK_FAILED))


def _send(session: Remote, file: str, batch: dict[str, Any]) -> dict[str, Any]:
    """The bytes that the server does not have yet, then the close."""
    name = batch["id"]
    if batch["state"] == "receiving":
        for offset, data in _pieces(file, batch["size"]):
            put = partial(
                session.client.send,
                "PUT",
                *("imports", name, "bytes"),
                data=data,
                media_type=_OCTETS,
                offset=offset,
            )
            batch = _patient(session, put)
            _progress(session, f"{file}: {batch['size'] >> 20} MiB sent as {name}")
        batch = session.client.post("imports", name, "close").json()
    return batch


def _pieces(file: str, start: int) -> Iterator[tuple[int, bytes]]:
    """Raises Invalid."""
    try:
        with click.open_file(file, "rb") as opened:
            if start:
                opened.seek(start)
            while data := opened.read(_PIECE):
                yield start, data
                start += len(data)
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}", hint="Check the name and its mode.") from None


def _patient(session: Remote, ask: Callable[[], Reply]) -> dict[str, Any]:
    """The answer, after as much patience as the server asks for."""
    while True:
        try:
            answer: dict[str, Any] = ask().json()
        except ServerSaid as error:
            wait = error.retry_after
            if error.status != _TOO_MANY or wait is None or wait > _LONGEST_WAIT:
                raise
            _progress(session, f"The server asks for {wait} seconds of patience: {error.message}")
            time.sleep(wait)
        else:
            return answer


def _wait(session: Remote, batch: dict[str, Any]) -> dict[str, Any]:
    """Until the batch has been read. Raises Unavailable when nobody reads it."""
    turn, before, quiet = 0, -1, 0.0
    while batch["state"] == "waiting":
        pause = _WAITS[min(turn, len(_WAITS) - 1)]
        time.sleep(pause)
        turn += 1
        batch = session.client.get("imports", batch["id"]).json()
        looked = sum(batch["records"].values())
        quiet = 0.0 if looked != before else quiet + pause
        before = looked
        _progress(session, f"{batch['name']}: {looked} records read")
        if quiet > _LONGEST_WAIT:
            raise Unavailable(
                f"{batch['id']} is not being read",
                hint="All bytes are safe; is a worker running? `firstlight job list` tells.",
            )
    return batch


def _progress(session: Remote, sentence: str) -> None:
    """On stderr, in one line at a terminal."""
    if not session.out.as_json:
        terminal = sys.stderr.isatty()
        line = visible(sentence)
        click.echo(f"\r{line}\x1b[K" if terminal else line, err=True, nl=not terminal)


def _tell(session: Remote, batch: dict[str, Any]) -> None:
    records = batch["records"]
    session.out.say(
        f"{batch['id']}  {batch['name']}: {batch['state']}. {records['fresh']} new,"
        f" {records['changed']} changed, {records['known']} known, {records['passed']} without a"
        f" problem, {records['failed']} failed"
    )
    if batch["trouble"]:
        session.out.say(f"  broken off at {batch['trouble']}")
    if records["failed"]:
        found = session.client.get("imports", batch["id"], "faults").json()["items"]
        for fault in found[:_FAULTS_SHOWN]:
            session.out.say(f"  {fault['position']}: {fault['reason']} ({fault['code']})")
        if len(found) > _FAULTS_SHOWN:
            session.out.say(f"  and more: firstlight finding faults {batch['id']}")


@finding.command("imports")
@remote
@LIMIT
def list_imports(session: Remote, limit: int) -> None:
    """List the files of many records that you may see, newest first.

    Example: firstlight finding imports --limit 5
    """
    found = session.pages("imports", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    rows = [
        [*shown(row, "id", "state", "size", "name"), str(sum(row["records"].values()))]
        for row in found["items"]
    ]
    session.out.table(
        ("IMPORT", "STATE", "BYTES", "FILE", "RECORDS"),
        rows,
        empty="No files yet. Send one: firstlight finding import FILE",
    )


@finding.command()
@remote
@click.argument("import_id", metavar="ID")
def faults(session: Remote, import_id: str) -> None:
    """List the records of a file that could not be read, with position and reason.

    Example: firstlight finding faults bat_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("imports", import_id, "faults").json()
    if session.out.as_json:
        session.out.json(found)
        return
    rows = [shown(row, "position", "code", "reason") for row in found["items"]]
    session.out.table(("POSITION", "CODE", "REASON"), rows, empty="Every record was read.")


@finding.command("list")
@remote
@LIMIT
@click.option("--import", "batch", metavar="ID", help="Only those of this file.")
@click.option("--package", metavar="PURL", help="Only those of this package, without version.")
def list_candidates(session: Remote, limit: int, batch: str | None, package: str | None) -> None:
    """List candidates, newest first.

    Example: firstlight finding list --package pkg:generic/example
    """
    found = session.pages("candidates", limit=limit, batch=batch, package=package)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("CANDIDATE", "RULE", "PLACE", "REPORT", "TITLE"),
        [
            [row["id"], row["rule"], _place(row), row["report"] or "", row["title"]]
            for row in found["items"]
        ],
        empty="No candidates that you may see. Send some: firstlight finding import FILE",
    )


@finding.command()
@remote
@click.argument("candidate_id", metavar="ID")
def show(session: Remote, candidate_id: str) -> None:
    """Show one candidate.

    Example: firstlight finding show can_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    row = session.client.get("candidates", candidate_id).json()
    if session.out.as_json:
        session.out.json(row)
        return
    session.out.facts(
        {
            "Candidate": row["id"],
            "Title": row["title"],
            "Rule": f"{row['rule']}  {row['level']}".strip(),
            "Place": _place(row),
            "Function": row["function"],
            "Package": row["package"],
            "Names": ", ".join(row["names"]),
            "Came": f"{row['first_at']} as {row['format']}, {row['position']} of {row['batch']}",
            "Report": row["report"] or "none; firstlight finding promote makes one",
        }
    )


@finding.command()
@remote
@click.argument("candidate_id", metavar="ID")
def promote(session: Remote, candidate_id: str) -> None:
    """Make a report of a candidate, and print what is still missing in it.

    Example: firstlight finding promote can_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    receipt = session.client.post("candidates", candidate_id, "report").json()
    if session.out.as_json:
        session.out.json(receipt)
        return
    session.out.say(f"{receipt['finding']}  case {receipt['case']}: {receipt['title']}")
    for item in receipt["missing"]:
        session.out.say(f"  still missing: {item['name']}. {item['ask']}")


def _place(row: dict[str, Any]) -> str:
    return f"{row['path']}:{row['line']}" if row["line"] else str(row["path"])
