"""`firstlight review partner`: trusted partners, selected together."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.reviews.common import (
    FILE,
    REVIEW,
    TEXT,
    outline,
    pairs,
    told,
    words,
)
from firstlight.adapters.cli.options import ANONYMOUS, LIMIT, Remote, remote
from firstlight.adapters.cli.output import shown

_PARTNER = click.argument("partner_id", metavar="PARTNER")
_REASON = click.option("--reason", required=True, help="The partner reads it.")


@click.group()
def partner() -> None:
    """Trusted partners: proposed by one side, agreed or refused by the other."""


@partner.command()
@remote
@ANONYMOUS
def criteria(session: Remote) -> None:
    """Read what a trusted partner must be.

    Example: firstlight review partner criteria
    """
    found = session.client.get("reviews", "partner-criteria").json()
    if session.out.as_json:
        session.out.json(found)
        return
    newest = found["items"][-1]
    session.out.say(f"Version {newest['version']}")
    session.out.facts(newest["items"])


@partner.command()
@remote
@REVIEW
@click.argument("organisation", metavar="ORGANISATION")
@click.option("--sector", required=True, help="As energy, or healthcare-and-public-health.")
@click.option(
    "--meets",
    multiple=True,
    required=True,
    metavar="CRITERION=HOW",
    help="How it meets each criterion; repeat it.",
)
def propose(
    session: Remote, review: str, organisation: str, sector: str, meets: tuple[str, ...]
) -> None:
    """Propose a partner, and say of each criterion how it is met.

    Example: firstlight review partner propose FR-2026-0001 org_01kb6v0c5p2m8q4r7s9t1w3x5y
    --sector energy --meets "operates=three power stations" --meets "defensive=own networks only"
    --meets "contact=a desk at any hour" --meets "protects=four named people"
    --meets "no-rival=none"
    """
    body = {
        "organisation": organisation,
        "sector": sector,
        "meets": pairs(meets, "--meets"),
    }
    found = session.client.post("reviews", review, "partners", body=body).json()
    told(session, found, f"{found['id']} is proposed. The other side agrees or refuses.")


@partner.command("list")
@remote
@REVIEW
@LIMIT
def list_partners(session: Remote, review: str, limit: int) -> None:
    """List the partners of a review, refused and ended ones too.

    Example: firstlight review partner list FR-2026-0001
    """
    found = session.pages("reviews", review, "partners", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("PARTNER", "STATE", "ORGANISATION", "SECTOR", "PROPOSED BY"),
        [
            shown(row, "id", "state", "organisation_name", "sector", "proposed_by")
            for row in found["items"]
        ],
        empty="No partners.",
    )


@partner.command()
@remote
@LIMIT
def mine(session: Remote, limit: int) -> None:
    """List the reviews in which your organisation is a partner, or was proposed.

    Example: firstlight review partner mine
    """
    found = session.pages("reviews", "partnerships", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("PARTNER", "STATE", "REVIEW", "DEVELOPER", "LAST REASON"),
        [
            [
                *shown(one["partner"], "id", "state"),
                *shown(one, "number", "developer_name"),
                one["partner"]["decisions"][-1]["reason"] if one["partner"]["decisions"] else "",
            ]
            for one in found["items"]
        ],
        empty="Your organisation was proposed nowhere.",
    )


@partner.command()
@remote
@_PARTNER
def show(session: Remote, partner_id: str) -> None:
    """Show every decision and appeal of one partner.

    Example: firstlight review partner show prt_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("reviews", "partners", partner_id).json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.text("\n".join(outline(found)))


@partner.command()
@remote
@_PARTNER
@click.option("--reason", default="", help="Welcome, not owed.")
def agree(session: Remote, partner_id: str, reason: str) -> None:
    """Agree to a partner that the other side proposed.

    Example: firstlight review partner agree prt_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _decide(session, partner_id, "agree", reason)


@partner.command()
@remote
@_PARTNER
@_REASON
def refuse(session: Remote, partner_id: str, reason: str) -> None:
    """Refuse a partner, with the reason.

    Example: firstlight review partner refuse prt_01kb6v0c5p2m8q4r7s9t1w3x5y
    --reason "nobody can be reached at night"
    """
    _decide(session, partner_id, "refuse", reason)


@partner.command()
@remote
@_PARTNER
@TEXT
@FILE
def appeal(session: Remote, partner_id: str, text: str | None, file: str | None) -> None:
    """Ask the side that refused to look again.

    Example: firstlight review partner appeal prt_01kb6v0c5p2m8q4r7s9t1w3x5y
    --text "there is a desk at night since Monday"
    """
    body = {"text": words(text, file)}
    found = session.client.post("reviews", "partners", partner_id, "appeals", body=body).json()
    told(session, found, f"{found['id']} is {found['state']} now; the refusing side answers.")


@partner.command()
@remote
@_PARTNER
@click.option(
    "--agree/--stay",
    "agreed",
    default=None,
    required=True,
    help="Agree after all, or stay with the refusal.",
)
@_REASON
def answer(session: Remote, partner_id: str, reason: str, *, agreed: bool) -> None:
    """Answer an appeal against your side's refusal.

    Example: firstlight review partner answer prt_01kb6v0c5p2m8q4r7s9t1w3x5y --agree
    --reason "we have called the desk"
    """
    _decide(session, partner_id, "grant-appeal" if agreed else "uphold", reason)


@partner.command()
@remote
@_PARTNER
@_REASON
def end(session: Remote, partner_id: str, reason: str) -> None:
    """End a partner's part; its grants end at once.

    Example: firstlight review partner end prt_01kb6v0c5p2m8q4r7s9t1w3x5y --reason "done"
    """
    _decide(session, partner_id, "end", reason)


def _decide(session: Remote, partner_id: str, move: str, reason: str) -> None:
    body = {"move": move, "reason": reason}
    found = session.client.post("reviews", "partners", partner_id, "decisions", body=body).json()
    told(session, found, f"{found['organisation_name']} is {found['state']} now.")
