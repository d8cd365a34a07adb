"""`firstlight advisory`."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.options import LIMIT, Remote, read_text, remote
from firstlight.adapters.cli.output import shown

_ADVISORY = click.argument("advisory_id", metavar="ID")
_SEEN = click.option(
    "--seen", metavar="TAG", help="The tag that `show` printed; refuses when it has changed since."
)


@click.group()
def advisory() -> None:
    """Draft, approve and withdraw advisories."""


@advisory.command()
@remote
@click.argument("case_id", metavar="CASE")
def draft(session: Remote, case_id: str) -> None:
    """Write the first draft from a case.

    Example: firstlight advisory draft FL-2026-0001
    """
    reply = session.client.post("cases", case_id, "advisory")
    _show(session, reply.json(), reply.headers.get("etag", ""))


@advisory.command("list")
@remote
@LIMIT
def list_advisories(session: Remote, limit: int) -> None:
    """List the advisories that you may see, newest first; public ones need no token.

    Example: firstlight advisory list --json
    """
    found = session.pages("advisories", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("ADVISORY", "NUMBER", "STATE", "GO-LIVE", "TITLE"),
        [shown(row, "id", "number", "state", "go_live", "title") for row in found["items"]],
        empty="No advisories that you may see.",
    )


@advisory.command()
@remote
@_ADVISORY
@click.option(
    "--format",
    "kind",
    type=click.Choice(("summary", "csaf", "osv")),
    default="summary",
    show_default=True,
    help="csaf and osv print the rendered document.",
)
def show(session: Remote, advisory_id: str, kind: str) -> None:
    """Show an advisory, or its CSAF or OSV document.

    Example: firstlight advisory show adv_01kb6v0c5p2m8q4r7s9t1w3x5y --format csaf
    """
    if kind != "summary":
        session.out.json(session.client.get("advisories", advisory_id, kind).json())
        return
    reply = session.client.get("advisories", advisory_id)
    _show(session, reply.json(), reply.headers.get("etag", ""))


@advisory.command()
@remote
@_ADVISORY
@_SEEN
@click.option("--title", help="One line.")
@click.option("--summary", help="One or two sentences.")
@click.option("--details", metavar="FILE", help="A file with the long text; - for standard input.")
@click.option("--mitigation", help="What helps where no patch can be applied.")
@click.option("--cvss", metavar="VECTOR", help="A CVSS 3.1 or 4.0 vector.")
def edit(  # one parameter for each option
    session: Remote,
    advisory_id: str,
    seen: str | None,
    details: str | None,
    **texts: str | None,
) -> None:
    """Change a draft; what is not named stays.

    Example: firstlight advisory edit adv_01kb... --title "Read past the end of a document"
    """
    body = {name: text for name, text in texts.items() if text is not None}
    if details is not None:
        body["details"] = read_text(details)
    if not body:
        raise click.UsageError("Nothing to change was named; see --help.")
    tag = seen or _tag(session, advisory_id)
    reply = session.client.patch("advisories", advisory_id, body=body, if_match=tag)
    _show(session, reply.json(), reply.headers.get("etag", ""))


@advisory.command()
@remote
@_ADVISORY
@_SEEN
@click.option(
    "--go-live",
    required=True,
    metavar="TIME",
    help="With its zone, as 2026-12-01T09:00:00+01:00; a time that has passed means at once.",
)
def approve(session: Remote, advisory_id: str, seen: str | None, go_live: str) -> None:
    """Stand for the text and name the moment of its release.

    Example: firstlight advisory approve adv_01kb... --go-live 2026-12-01T09:00:00+01:00
    """
    _change(session, advisory_id, "approval", seen, {"go_live": go_live})


@advisory.command("return")
@remote
@_ADVISORY
@_SEEN
def return_to_draft(session: Remote, advisory_id: str, seen: str | None) -> None:
    """Take an approval back before go-live.

    Example: firstlight advisory return adv_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _change(session, advisory_id, "return", seen, None)


@advisory.command()
@remote
@_ADVISORY
@_SEEN
@click.option("--reason", required=True, help="Public, when the advisory is.")
def withdraw(session: Remote, advisory_id: str, seen: str | None, reason: str) -> None:
    """Take an advisory back; a published one in public.

    Example: firstlight advisory withdraw adv_01kb... --reason "it was no flaw"
    """
    _change(session, advisory_id, "withdrawal", seen, {"reason": reason})


def _tag(session: Remote, advisory_id: str) -> str:
    return session.client.get("advisories", advisory_id).headers["etag"]


def _change(
    session: Remote, advisory_id: str, step: str, seen: str | None, body: dict[str, str] | None
) -> None:
    tag = seen or _tag(session, advisory_id)
    reply = session.client.post("advisories", advisory_id, step, body=body, if_match=tag)
    _show(session, reply.json(), reply.headers.get("etag", ""))


def _show(session: Remote, found: dict[str, Any], tag: str) -> None:
    if session.out.as_json:
        session.out.json(found | {"etag": tag})
        return
    packages = [
        f"{one['purl']}, fixed in {one['fixed'] or 'no version yet'}" for one in found["packages"]
    ]
    session.out.facts(
        {
            "Advisory": f"{found['number']}  ({found['id']})",
            "Title": found["title"],
            "State": found["state"],
            "Go-live": found["go_live"],
            "Marking": found["marking"],
            "Names": ", ".join(found["identifiers"]),
            "CWE": ", ".join(found["cwe"]),
            "CVSS": found["cvss"],
            "Packages": "; ".join(packages),
            "Credits": ", ".join(one["name"] for one in found["credits"]),
            "Tag": tag,
        }
    )
    for label in ("summary", "details", "mitigation"):
        if found[label]:
            session.out.text(f"\n{label.capitalize()}\n{found[label]}")
