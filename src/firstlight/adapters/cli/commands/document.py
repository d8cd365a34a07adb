"""`firstlight document`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from firstlight.adapters.cli.options import LIMIT, Remote, read_file, remote, write_file
from firstlight.adapters.cli.output import shown
from firstlight.core.kernel.errors import Invalid
from firstlight.core.review.documents import media_type_of

_REVIEW = click.argument("review", metavar="REVIEW")


@click.group()
def document() -> None:
    """Upload sealed documents of a review, read those that you were given, see who had what."""


@document.command()
@remote
@_REVIEW
@click.argument("artefact", metavar="ARTEFACT")
@click.argument("file", metavar="FILE", type=click.Path())
@click.option("--type", "media_type", default="", help="Media type; else by the file's name.")
def upload(session: Remote, review: str, artefact: str, file: str, media_type: str) -> None:
    """Seal a file as the next version of a system card or of evaluation logs (developer).

    PDF, Markdown and plain text: what can carry a mark of its reader. Weights are never uploaded.

    Example: firstlight document upload FR-2026-0001 art_01kb6v0c5p2m8q4r7s9t1w3x5y card.pdf
    """
    name = Path(file).name
    kind = media_type_of(name, media_type)
    sent = session.client.send(
        "POST",
        "reviews",
        review,
        "artefacts",
        artefact,
        "documents",
        data=read_file(file),
        media_type=kind,
        name=name,
    ).json()
    if session.out.as_json:
        session.out.json(sent)
        return
    session.out.say(f"{sent['id']}: version {sent['version']} of {sent['name']}, sealed")
    session.out.facts({"SHA-256": sent["digest"], "Sealed with": sent["sealed_with"]})


@document.command("list")
@remote
@click.argument("review", required=False, metavar="[REVIEW]")
def list_documents(session: Remote, review: str | None) -> None:
    """List the documents that you may read; with REVIEW, those that you uploaded to it (developer).

    Example: firstlight document list
    """
    if review is None:
        _list_own(session)
        return
    found = session.client.get("reviews", review, "documents").json()
    if session.out.as_json:
        session.out.json(found)
        return
    rows = [
        [
            *shown(row["document"], "id", "artefact", "version", "name", "size"),
            row["copies"],
            "yes" if row["kept"] else "no, key destroyed",
        ]
        for row in found["items"]
    ]
    columns = ("DOCUMENT", "ARTEFACT", "VERSION", "NAME", "BYTES", "COPIES", "OPENS")
    session.out.table(columns, rows, empty="Nothing was uploaded to this review yet.")
    _keeping(session, found["keeping"])


def _list_own(session: Remote) -> None:
    found = session.client.get("documents").json()
    if session.out.as_json:
        session.out.json(found)
        return
    rows = [
        [
            row["document"]["id"],
            *shown(row, "review", "developer", "artefact_name"),
            row["document"]["version"],
            "yes" if row["newest"] else "",
        ]
        for row in found["items"]
    ]
    columns = ("DOCUMENT", "REVIEW", "DEVELOPER", "ARTEFACT", "VERSION", "NEWEST")
    session.out.table(columns, rows, empty="No document is shown to you.")


@document.command()
@remote
@click.argument("document_id", metavar="DOCUMENT")
@click.option("--out", "place", required=True, type=click.Path(), help="A new file to write.")
def get(session: Remote, document_id: str, place: str) -> None:
    """Fetch a copy. It is listed in the review's ledger first, and carries your name and a code.

    Example: firstlight document get doc_01kb6v0c5p2m8q4r7s9t1w3x5y --out card.pdf
    """
    if Path(place).exists():
        raise Invalid(f"{place} exists", hint="Choose another name.")
    listed = session.client.post("documents", document_id, "copies").json()
    content = session.client.get("copies", listed["id"], "content").content
    write_file(place, [content])
    if session.out.as_json:
        session.out.json(listed | {"file": place})
        return
    marked = "It carries a mark of you." if listed["marked"] else "It is your own, without a mark."
    session.out.say(f"{place}: {len(content)} bytes. {marked}")


@document.command()
@remote
@_REVIEW
@LIMIT
def copies(session: Remote, review: str, limit: int) -> None:
    """Show who had which document, and when (developer).

    Example: firstlight document copies FR-2026-0001
    """
    found = session.pages("reviews", review, "copies", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    rows = [
        [
            *shown(row, "at", "reader", "name", "version"),
            "yes" if row["marked"] else "no",
            row["id"],
        ]
        for row in found["items"]
    ]
    columns = ("AT", "READER", "NAME", "VERSION", "MARKED", "COPY")
    session.out.table(columns, rows, empty="Nobody has asked for a copy.")


@document.command()
@remote
@click.argument("code", metavar="CODE")
def trace(session: Remote, code: str) -> None:
    """Find out in whose copy a code stands that turned up outside (developer).

    A code is a reason to ask, no proof of who passed the copy on.

    Example: firstlight document trace FLM-7Q2K-0C5P-2M8Q-4R7S
    """
    found = session.client.get("marks", code).json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.facts(
        {
            "Reader": found["reader"],
            "At": found["at"],
            "Document": found["document"],
            "Copy": found["copy_id"],
        }
    )


def _keeping(session: Remote, keeping: dict[str, Any]) -> None:
    held = keeping["legal_hold"]
    due = keeping["keys_due"] or ("not under a legal hold" if held else "after the close")
    session.out.facts(
        {
            "Kept after the close": f"{keeping['retention_days']} days",
            "Legal hold": held or "none",
            "Keys destroyed": keeping["destroyed_at"] or f"no; due: {due}",
        }
    )
