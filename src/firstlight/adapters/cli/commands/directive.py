"""`firstlight directives` and `firstlight duty`."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Any

import click

from firstlight.adapters.cli.client import Client, token_from
from firstlight.adapters.cli.options import Remote, remote
from firstlight.adapters.cli.output import Output, shown

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_SECTION = click.argument("section", metavar="SECTION")
_ALONE = "From the order alone, without evidence. Name a server with --server to see what is known."


@click.command()
@click.argument("section", required=False, metavar="[SECTION]")
@click.option("--as-of", type=_DAY, metavar="DAY", help="As 2026-07-15; today (UTC) otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option(
    "--server",
    envvar="FIRSTLIGHT_URL",
    metavar="URL",
    help="The server whose evidence counts; also FIRSTLIGHT_URL. Without: the order alone.",
)
def directives(
    section: str | None, as_of: datetime | None, *, as_json: bool, server: str | None
) -> None:
    """Show the duties of the order and how each stands on a day; or one of them, with its history.

    Example: firstlight directives --as-of 2026-07-15
    """
    day = as_of.date() if as_of else datetime.now(UTC).date()
    out = Output(as_json=as_json)
    found = _asked(server, section, day) if server else _alone(section, day)
    if as_json:
        out.json(found)
        return
    if section:
        _show(out, found)
    else:
        _list(out, found)
    if not server:
        out.say("")
        out.say(_ALONE)


@click.group()
def duty() -> None:
    """Record what shows how a duty of the register stands; everything recorded is public."""


@duty.command()
@remote
@_SECTION
@click.option("--kind", type=click.Choice(("progress", "done")), required=True)
@click.option("--on", type=_DAY, required=True, metavar="DAY", help="When it took place.")
@click.option("--source", required=True, help="Who published it.")
@click.option("--link", required=True, metavar="URL", help="Where it can be read (https).")
@click.option("--text", required=True, help="What it shows.")
def record(session: Remote, section: str, on: datetime, **given: str) -> None:
    """Append evidence to the history of a duty.

    Example: firstlight duty record 2d --kind done --on 2026-07-01 --source Treasury
    --link https://www.example.org/notice --text "The clearinghouse was announced"
    """
    body = given | {"on": on.date().isoformat()}
    _told(session, session.client.post("directives", section, "evidence", body=body).json())


@duty.command("not-applicable")
@remote
@_SECTION
@click.option("--on", type=_DAY, required=True, metavar="DAY", help="The first day.")
@click.option("--reason", required=True)
def not_applicable(session: Remote, section: str, on: datetime, reason: str) -> None:
    """Say that a duty does not apply from a day on.

    Example: firstlight duty not-applicable 2e --on 2026-07-01 --reason "no such programme"
    """
    body = {"on": on.date().isoformat(), "reason": reason}
    _told(session, session.client.post("directives", section, "not-applicable", body=body).json())


@duty.command()
@remote
@_SECTION
@click.argument("entry", metavar="ENTRY")
@click.option("--reason", required=True)
def withdraw(session: Remote, section: str, entry: str, reason: str) -> None:
    """Take an entry back that was wrong; it stays in the history and counts no longer.

    Example: firstlight duty withdraw 2d his_01kb6v0c5p2m8q4r7s9t1w3x5y --reason "wrong office"
    """
    body = {"entry": entry, "reason": reason}
    _told(session, session.client.post("directives", section, "withdrawals", body=body).json())


def _told(session: Remote, entry: dict[str, Any]) -> None:
    if session.out.as_json:
        session.out.json(entry)
    session.out.say(f"{entry['id']}: {entry['kind']}, {entry['on']}")


def _asked(server: str, section: str | None, day: date) -> Any:  # noqa: ANN401  # the server's JSON
    client = Client(server, token_from(os.environ))
    path = ("directives", section) if section else ("directives",)
    return client.get(*path, as_of=day.isoformat()).json()


def _alone(section: str | None, day: date) -> Any:  # noqa: ANN401  # the same shape
    """What the order itself says, in the shape of the server's answer."""
    from firstlight.adapters.formats.register_json import (  # noqa: PLC0415  # help needs none of it
        duty_json,
        register_json,
    )
    from firstlight.core.directives.register import DUTIES, find  # noqa: PLC0415  # likewise
    from firstlight.core.directives.status import assess  # noqa: PLC0415  # likewise

    if section:
        return duty_json(assess(find(section), (), day))
    return register_json([assess(one, (), day) for one in DUTIES], day)


def _list(out: Output, found: dict[str, Any]) -> None:
    out.say(f"As of {found['as_of']}")
    out.table(
        ("SECTION", "STATUS", "DUE", "DAYS LEFT", "LEAD"),
        [
            [*shown(row, "key", "status", "due", "days_left"), "; ".join(row["lead"])]
            for row in found["duties"]
        ],
        empty="None.",
    )


def _show(out: Output, found: dict[str, Any]) -> None:
    out.facts(
        {
            "Duty": found["cites"],
            "Says": found["text"],
            "Lead": "; ".join(found["lead"]),
            "Consulted": "; ".join(found["consulted"]),
            "Due": found["due"],
            "Status": f"{found['status']} on {found['as_of']}, since {found['since']}",
        }
    )
    for part in found["parts"]:
        out.say(f"{part['paragraph']}: {part['text']}")
    if found["history"]:
        out.say("")
        out.table(
            ("ENTRY", "ON", "KIND", "COUNTS", "SOURCE", "TEXT"),
            [
                [
                    *shown(row, "id", "on", "kind"),
                    "yes" if row["counts"] else "no",
                    *shown(row, "source", "text"),
                ]
                for row in found["history"]
            ],
            empty="",
        )
