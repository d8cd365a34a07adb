"""`firstlight review grant`: who may use what, for what, until when."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.commands.reviews.common import AUDIENCE, REVIEW, told
from firstlight.adapters.cli.options import LIMIT, Remote, remote
from firstlight.adapters.cli.output import Output, shown

_GRANT = click.argument("grant_id", metavar="GRANT")
_PURPOSES = (
    "capability-evaluation",
    "safeguard-testing",
    "containment-testing",
    "defensive-use",
)
_AMOUNT = click.IntRange(0, 1 << 53)


@click.group()
def grant() -> None:
    """One person, one artefact, one purpose, until one moment."""


@grant.command()
@remote
@REVIEW
@AUDIENCE
@click.option("--person", required=True, help="Who (per_...); see `review me`.")
@click.option("--organisation", required=True, help="For which office or partner (org_...).")
@click.option("--artefact", required=True, help="To what (art_...).")
@click.option("--purpose", type=click.Choice(_PURPOSES), required=True)
@click.option("--until", required=True, metavar="TIME", help="As 2027-01-31T18:00:00Z.")
@click.option("--since", metavar="TIME", help="Without: from now on.")
@click.option("--second", "seconds", multiple=True, help="One of these must be present; repeat it.")
@click.option("--requests", type=_AMOUNT, help="At most so many in all.")
@click.option("--tokens", type=_AMOUNT, help="Likewise, input and output together.")
@click.option("--money", type=_AMOUNT, help="Likewise, in millionths of your unit.")
def give(session: Remote, review: str, seconds: tuple[str, ...], **given: object) -> None:
    """Give one person access.

    Example: firstlight review grant give FR-2026-0001 --person per_01kb6v0c5p2m8q4r7s9t1w3x5y
    --organisation org_01kb6v0c5p2m8q4r7s9t1w3x5y --artefact art_01kb6v0c5p2m8q4r7s9t1w3x5y
    --purpose safeguard-testing --until 2027-01-31T18:00:00Z
    """
    budget = {name: given.pop(name) for name in ("requests", "tokens", "money")}
    body = given | {"seconds": list(seconds), "budget": budget}
    found = session.client.post("reviews", review, "grants", body=body).json()
    told(session, found, f"{found['id']}: {found['person_name']}, until {found['until']}")


@grant.command("list")
@remote
@REVIEW
@LIMIT
def list_grants(session: Remote, review: str, limit: int) -> None:
    """List the grants of a review, ended ones too.

    Example: firstlight review grant list FR-2026-0001
    """
    found = session.pages("reviews", review, "grants", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("GRANT", "STATE", "PERSON", "ORGANISATION", "PURPOSE", "UNTIL"),
        [
            shown(row, "id", "state", "person_name", "organisation_name", "purpose", "until")
            for row in found["items"]
        ],
        empty="Nobody has a grant.",
    )


@grant.command()
@remote
@LIMIT
def mine(session: Remote, limit: int) -> None:
    """List what you may use, until when, and under which terms.

    Example: firstlight review grant mine
    """
    found = session.pages("reviews", "grants", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("GRANT", "STATE", "REVIEW", "MODEL", "ARTEFACT", "PURPOSE", "UNTIL", "TERMS"),
        [
            [
                *shown(one["grant"], "id", "state"),
                *shown(one, "number", "model"),
                one["artefact"]["name"],
                *shown(one["grant"], "purpose", "until"),
                "accepted" if one["accepted"] else "to be accepted",
            ]
            for one in found["items"]
        ],
        empty="You have no grants.",
    )


@grant.command()
@remote
@_GRANT
def show(session: Remote, grant_id: str) -> None:
    """Show a grant with every halt, its reason, and what lifts it.

    Example: firstlight review grant show grt_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("reviews", "grants", grant_id).json()
    if session.out.as_json:
        session.out.json(found)
        return
    _show(session.out, found)


@grant.command()
@remote
@_GRANT
@click.option("--reason", default="", help="Welcome, not owed.")
def revoke(session: Remote, grant_id: str, reason: str) -> None:
    """End a grant at once.

    Example: firstlight review grant revoke grt_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _step(session, grant_id, "revocation", {"words": reason})


@grant.command()
@remote
@_GRANT
@click.option("--reason", required=True, help="The developer reads it at once.")
@click.option("--conditions", required=True, help="What must be so for it to be lifted.")
def suspend(session: Remote, grant_id: str, **given: str) -> None:
    """Halt a grant, with a reason and what lifts it.

    Example: firstlight review grant suspend grt_01kb6v0c5p2m8q4r7s9t1w3x5y
    --reason "an odd pattern of requests" --conditions "we have looked at the log together"
    """
    _step(session, grant_id, "suspension", given)


@grant.command()
@remote
@_GRANT
@click.option("--note", required=True, help="How the conditions were met.")
def restore(session: Remote, grant_id: str, note: str) -> None:
    """Lift a halt of your own organisation.

    Example: firstlight review grant restore grt_01kb6v0c5p2m8q4r7s9t1w3x5y
    --note "the log shows nothing else"
    """
    _step(session, grant_id, "restoration", {"note": note})


def _step(session: Remote, grant_id: str, step: str, body: dict[str, str]) -> None:
    found = session.client.post("reviews", "grants", grant_id, step, body=body).json()
    told(session, found, f"{found['id']} is {found['state']} now.")


def _show(out: Output, found: dict[str, Any]) -> None:
    limits = ", ".join(
        f"{amount} {name}" for name, amount in found["budget"].items() if amount is not None
    )
    out.facts(
        {
            "Grant": found["id"],
            "State": found["state"],
            "Person": f"{found['person_name']}  ({found['person']})",
            "Organisation": found["organisation_name"],
            "Artefact": found["artefact"],
            "Purpose": found["purpose"],
            "From": found["since"],
            "Until": f"{found['until']}, and within the window",
            "Second people": ", ".join(found["seconds"]),
            "Budget": limits or "no limit",
            "Ended": found["ended_at"],
            "Because": found["ended_because"],
        }
    )
    for halt in found["suspensions"]:
        out.text(
            f"\nHalted {halt['at']} by {halt['by_name']} ({halt['organisation_name']})\n"
            f"  because: {halt['reason']}\n  lifted when: {halt['conditions']}"
        )
        if halt["lifted_at"]:
            out.text(f"  lifted {halt['lifted_at']}: {halt['lifted_note']}")
