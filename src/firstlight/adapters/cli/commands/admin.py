"""`firstlight admin`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.host import Link
from firstlight.adapters.cli.options import Local, local


@click.group()
def admin() -> None:
    """Let people in, on the server itself. Every use stands in the ledger."""


@admin.command()
@local
@click.argument("email", metavar="EMAIL")
@click.option("--name", required=True, help="Of the person.")
@click.option(
    "--organisation",
    default="Clearinghouse",
    show_default=True,
    help="The coordinating organisation; made when there is none.",
)
@click.option("--coordinator", is_flag=True, help="The person also leads cases.")
def create(session: Local, email: str, name: str, organisation: str, coordinator: bool) -> None:
    """Make an administrator and print a way in that works once, for 15 minutes.

    Example: firstlight admin create ana@example.org --name "Ana Example" --coordinator
    """
    link = session.host.create_administrator(
        email=email, name=name, organisation=organisation, coordinator=coordinator
    )
    _show(session, link)


@admin.command()
@local
@click.argument("email", metavar="EMAIL")
@click.option("--reason", required=True, help="How the person was recognised.")
def link(session: Local, email: str, reason: str) -> None:
    """Print a one-time way in for somebody who lost their passkey.

    Example: firstlight admin link ana@example.org --reason "called back on the known number"
    """
    _show(session, session.host.sign_in_link(email, reason=reason))


@admin.command("break-glass")
@local
@click.argument("email", metavar="EMAIL")
def break_glass(session: Local, email: str) -> None:
    """Print a way in for an administrator when every other is lost. Loud in the ledger.

    Example: firstlight admin break-glass ana@example.org
    """
    _show(session, session.host.break_glass(email))


def _show(session: Local, made: Link) -> None:
    if session.out.as_json:
        session.out.json({"url": made.url, "expires_at": str(made.expires_at)})
        return
    session.out.say(made.url)
    session.out.say(f"Works once, until {made.expires_at}. Whoever opens it is signed in.")
