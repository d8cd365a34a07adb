"""`firstlight participant`."""

from __future__ import annotations

from datetime import datetime

import click

from firstlight.adapters.cli.options import Remote, remote
from firstlight.adapters.cli.output import Output, shown
from firstlight.core.review.model import DeveloperSize

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def participant() -> None:
    """Read the public register of participants; enter your organisation, or take it out."""


@participant.command("list")
@remote
def list_participants(session: Remote) -> None:
    """List who chose to be named.

    Example: firstlight participant list
    """
    found = session.client.get("participants").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("ROLE", "NAME", "SIZE", "SINCE", "UNTIL", "SCOPE"),
        [shown(row, "role", "name", "size", "since", "until", "scope") for row in found["items"]],
        empty="Nobody has chosen to be named yet.",
    )


@participant.command()
@remote
@click.option("--scope", required=True, help="What your organisation takes part in.")
@click.option("--since", type=_DAY, required=True, metavar="DAY")
@click.option("--until", type=_DAY, metavar="DAY")
@click.option(
    "--size",
    type=click.Choice([each.value for each in DeveloperSize]),
    help="Of a developer: small is below 50 people, medium below 500.",
)
def enter(
    session: Remote, scope: str, since: datetime, until: datetime | None, size: str | None
) -> None:
    """Enter your organisation, or change what its entry says. It is public at once.

    Example: firstlight participant enter --scope "Reviews of our models" --since 2026-09-01
    --size small
    """
    body = {
        "scope": scope,
        "since": since.date().isoformat(),
        "until": until.date().isoformat() if until else None,
        "size": size,
    }
    made = session.client.post("participants", body=body).json()
    _said(session.out, made, "Your organisation is in the register.")


@participant.command()
@remote
def leave(session: Remote) -> None:
    """Take your organisation out; the register shows nothing of it from now on.

    Example: firstlight participant leave
    """
    done = session.client.post("participants", "withdrawal").json()
    _said(session.out, done, "Your organisation is no longer in the register.")


def _said(out: Output, made: object, sentence: str) -> None:
    if out.as_json:
        out.json(made)
    out.say(sentence)
