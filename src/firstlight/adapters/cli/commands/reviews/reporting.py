"""`firstlight review report`: three cuts, and what is public."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.reviews.common import REVIEW, outline
from firstlight.adapters.cli.options import ANONYMOUS, LIMIT, Remote, remote
from firstlight.adapters.cli.output import shown


@click.group()
def report() -> None:
    """Reports of reviews, and the figures that everybody may read."""


@report.command()
@remote
@ANONYMOUS
@REVIEW
@click.option(
    "--cut",
    type=click.Choice(("internal", "oversight", "public")),
    default="internal",
    show_default=True,
    help="For developer and offices, for auditors, or for anyone.",
)
def show(session: Remote, review: str, cut: str) -> None:
    """Read the report of one review.

    Example: firstlight review report show FR-2026-0001 --cut oversight
    """
    found = session.client.get("reviews", review, "reports", cut).json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.text("\n".join(outline(found)))


@report.command()
@remote
@ANONYMOUS
@LIMIT
def public(session: Remote, limit: int) -> None:
    """Read the public reports of all closed reviews.

    Example: firstlight review report public --anonymous
    """
    found = session.pages("reviews", "reports", "public", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.text("\n".join(outline(found["items"])) or "No review has been closed yet.")


@report.command()
@remote
@LIMIT
def oversight(session: Remote, limit: int) -> None:
    """List the reviews whose oversight report you may read.

    Example: firstlight review report oversight
    """
    found = session.pages("reviews", "reports", "oversight", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("REVIEW", "STATE", "DEVELOPER", "OPENED", "CLOSED"),
        [
            shown(row, "number", "state", "developer_name", "opened_at", "closed_at")
            for row in found["items"]
        ],
        empty="None that you may read.",
    )


@report.command()
@remote
@ANONYMOUS
def waiting(session: Remote) -> None:
    """Compare how long developers wait for an answer, by their size.

    Example: firstlight review report waiting --anonymous
    """
    found = session.client.get("reviews", "waiting").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("SIZE", "ANSWERED", "WAITING", "MEDIAN", "LONGEST"),
        [
            [
                row["size"] or "not said",
                *shown(row, "answered", "waiting"),
                _days(row["median_seconds"]),
                _days(row["longest_seconds"]),
            ]
            for row in found["items"]
        ],
        empty="Nobody has asked.",
    )


def _days(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds / 86_400:.1f} days"
