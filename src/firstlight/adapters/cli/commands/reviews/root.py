"""`firstlight review`: begin, read, change and end a review."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.commands.reviews.advising import observation
from firstlight.adapters.cli.commands.reviews.arranging import artefact, terms
from firstlight.adapters.cli.commands.reviews.asking import office, question
from firstlight.adapters.cli.commands.reviews.common import (
    REVIEW,
    standing,
    told,
)
from firstlight.adapters.cli.commands.reviews.granting import grant
from firstlight.adapters.cli.commands.reviews.opening import hold, open_review, plan
from firstlight.adapters.cli.commands.reviews.partnering import partner
from firstlight.adapters.cli.commands.reviews.proving import act, keys, receipt
from firstlight.adapters.cli.commands.reviews.reporting import report
from firstlight.adapters.cli.commands.reviews.windows import window
from firstlight.adapters.cli.options import LIMIT, Remote, remote
from firstlight.adapters.cli.output import Output, shown

STATES = ("requested", "asked", "answered", "open", "launched", "withdrawn", "closed")
_SECTIONS = {
    "The review": ("list", "show", "open", "plan", "launch", "withdraw", "close", "hold"),
    "Before it": ("question", "office"),
    "What is shown, and how": ("artefact", "terms", "window"),
    "Who takes part": ("grant", "partner", "observation", "organisations", "me"),
    "What is proved and published": ("act", "receipt", "keys", "report"),
}
"""what help shows under which title"""


class Sectioned(click.Group):
    """Shows its commands by what they are about, each with its whole first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """In the order of the sections; what stands in none comes last."""
        placed = {name for names in _SECTIONS.values() for name in names}
        rest = tuple(name for name in self.list_commands(ctx) if name not in placed)
        for title, names in (*_SECTIONS.items(), ("More", rest)):
            known = [(name, self.get_command(ctx, name)) for name in names]
            told = [
                (name, (command.help or "").partition(".")[0] + ".")
                for name, command in known
                if command is not None
            ]
            if told:
                with formatter.section(title):
                    formatter.write_dl(told)


@click.group(cls=Sectioned)
def review() -> None:
    """Show a model to named people before its release, and end it with a receipt.

    The review is voluntary. REVIEW is a number (FR-2026-0001) or an identifier (eng_...).
    Launching, withdrawing and closing are the developer's alone, at any time.
    """


@review.command("list")
@remote
@LIMIT
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
def list_reviews(session: Remote, limit: int, state: str | None) -> None:
    """List the reviews of your developer, or in which your office takes part.

    Example: firstlight review list --state open
    """
    found = session.pages("reviews", limit=limit, state=state)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("REVIEW", "STATE", "MODEL", "VERSION", "DEVELOPER", "OPENED"),
        [
            shown(row, "number", "state", "model", "model_version", "developer_name", "opened_at")
            for row in found["items"]
        ],
        empty="No reviews that you may see.",
    )


@review.command()
@remote
@REVIEW
def show(session: Remote, review: str) -> None:
    """Show a review with all its parts.

    Example: firstlight review show FR-2026-0001
    """
    reply = session.client.get("reviews", review)
    found = reply.json()
    parts = {
        name: session.pages("reviews", found["id"], name, limit=1000)["items"]
        for name in ("grants", "partners", "acceptances", "observations")
    }
    parts["offices"] = session.client.get("reviews", found["id"], "offices").json()["items"]
    parts["receipts"] = session.client.get("reviews", found["id"], "receipts").json()["items"]
    if session.out.as_json:
        session.out.json(found | parts | {"etag": reply.headers.get("etag")})
        return
    _facts(session.out, found)
    _parts(session.out, found, parts)


@review.command()
@remote
@REVIEW
@click.option("--to", type=click.Choice(("partners", "public")), required=True, help="To whom.")
@click.option(
    "--keep-access/--end-access",
    "keeps_access",
    default=False,
    show_default=True,
    help="Whether running windows go on.",
)
def launch(session: Remote, review: str, to: str, *, keeps_access: bool) -> None:
    """Record that you released your model. Nobody is asked.

    Example: firstlight review launch FR-2026-0001 --to public
    """
    body = {"to": to, "keeps_access": keeps_access}
    standing(session, session.client.post("reviews", review, "launch", body=body))


@review.command()
@remote
@REVIEW
@click.option("--reason", default="", help="Welcome, not owed.")
def withdraw(session: Remote, review: str, reason: str) -> None:
    """Take your model out of the review; all access ends now.

    Example: firstlight review withdraw FR-2026-0001
    """
    body = {"words": reason}
    standing(session, session.client.post("reviews", review, "withdrawal", body=body))


@review.command()
@remote
@REVIEW
def close(session: Remote, review: str) -> None:
    """End a review: grants end, keys are destroyed as soon as allowed, a receipt is signed.

    Example: firstlight review close FR-2026-0001
    """
    found = session.client.post("reviews", review, "close").json()
    number = found["receipt"]["number"]
    keys_gone = "were destroyed" if found["receipt"]["destroyed"] else "are kept for now"
    told(
        session,
        found,
        f"Closed; keys of sealed documents {keys_gone}. Keep the receipt: "
        f"firstlight review receipt get {review} {number} FILE",
    )


@review.command()
@remote
def me(session: Remote) -> None:
    """Show the identifiers that a developer needs in order to give you a grant.

    Example: firstlight review me
    """
    found = session.client.get("reviews", "me").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.facts(
        {
            "Person": f"{found['person']}  {found['name']}",
            "Organisation": f"{found['organisation']}  {found['organisation_name']}",
            "Role": found["role"],
        }
    )


@review.command()
@remote
@LIMIT
def organisations(session: Remote, limit: int) -> None:
    """List whom you can name in a review: offices or developers, and partners.

    Example: firstlight review organisations
    """
    found = session.pages("reviews", "organisations", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("ORGANISATION", "KIND", "NAME"),
        [shown(row, "organisation", "kind", "name") for row in found["items"]],
        empty="Nobody that you could name has been vetted yet.",
    )


def _facts(out: Output, found: dict[str, Any]) -> None:
    present = found["plan"] or {}
    newest = found["terms"][-1] if found["terms"] else None
    out.facts(
        {
            "Review": f"{found['number']}  ({found['id']})",
            "Model": f"{found['model']} {found['model_version']}",
            "Developer": found["developer_name"],
            "State": found["state"],
            "Marking": found["marking"],
            "Release": present.get("release_form"),
            "Cannot be undone": present.get("cannot_undo"),
            "Days count to": present.get("anchor"),
            "Days of access": f"{found['days_of_access']} of {found['days_of_access_limit']}",
            "Terms": f"version {newest['number']}, set {newest['set_at']}" if newest else "none",
            "Launched": ", ".join(f"{one['to']} at {one['at']}" for one in found["releases"]),
            "Withdrawn": found["withdrawn_at"],
            "Closed": found["closed_at"],
            "You may": ", ".join(found["moves"]),
        }
    )


def _parts(out: Output, found: dict[str, Any], parts: dict[str, Any]) -> None:
    for title, columns, rows in (
        ("Questions", ("number", "text"), found["questions"]),
        ("Artefacts", ("id", "kind", "safeguards", "name", "removed_at"), found["artefacts"]),
        ("Windows", ("audience", "start", "end"), found["windows"]),
        ("Signed acts", ("number", "kind", "at"), found["acts"]),
        ("Offices", ("organisation", "state", "name", "words"), parts["offices"]),
        ("Grants", ("id", "state", "person_name", "purpose", "until"), parts["grants"]),
        ("Partners", ("id", "state", "organisation_name", "sector"), parts["partners"]),
        ("Accepted terms", ("person", "person_name", "number", "at"), parts["acceptances"]),
        ("Receipts", ("number", "at", "destroyed"), parts["receipts"]),
    ):
        if rows:
            out.text(f"\n{title}")
            heads = [column.replace("_", " ").upper() for column in columns]
            out.table(heads, [shown(row, *columns) for row in rows], empty="")
    observed = [(one, one["wordings"][-1]) for one in parts["observations"]]
    if observed:
        out.text("\nObservations")
        out.table(
            ("ID", "VERSION", "TITLE", "RESPONSES"),
            [
                [one["id"], last["number"], last["title"], len(one["responses"])]
                for one, last in observed
            ],
            empty="",
        )


for _part in (
    open_review,
    plan,
    hold,
    question,
    office,
    artefact,
    terms,
    window,
    act,
    grant,
    partner,
    observation,
    receipt,
    report,
    keys,
):
    review.add_command(_part)
