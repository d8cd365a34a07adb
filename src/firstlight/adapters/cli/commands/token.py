"""`firstlight token`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from firstlight.adapters.cli.client import token_file
from firstlight.adapters.cli.options import Local, local
from firstlight.core.kernel.errors import Conflict

_EMAIL = click.argument("email", metavar="EMAIL")


@click.group()
def token() -> None:
    """Make, list and revoke API tokens, on the server itself. People do it in the portal."""


@token.command()
@local
@_EMAIL
@click.option("--role", required=True, help="Which of the person's roles it acts in.")
@click.option("--name", required=True, help="What it is used for.")
@click.option("--scope", "scopes", multiple=True, help="An action; repeat it. Without: the role's.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True)
@click.option(
    "--save", is_flag=True, help="Into the token file of this user instead of printing it."
)
def create(  # noqa: PLR0917  # click passes each option by name
    session: Local, email: str, role: str, name: str, scopes: tuple[str, ...], days: int, save: bool
) -> None:
    """Make a token. Its secret is shown once and kept nowhere.

    Example: firstlight token create ana@example.org --role finder --name "nightly scan" --save
    """
    place = token_file(os.environ)
    if save and place.exists():
        raise Conflict(f"{place} exists", hint="Remove it, or name another: FIRSTLIGHT_TOKEN_FILE.")
    made = session.host.create_token(email=email, role=role, name=name, scopes=scopes, days=days)
    if save:
        _save(place, made.secret)
    if session.out.as_json:
        secret = {} if save else {"secret": made.secret}
        session.out.json({"id": made.id, "expires_at": str(made.expires_at)} | secret)
        return
    sys.stderr.write(f"{made.id}, until {made.expires_at}\n")
    session.out.say(f"It is in {place}." if save else made.secret)


def _save(place: Path, secret: str) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret + "\n")


@token.command("list")
@local
@_EMAIL
def list_tokens(session: Local, email: str) -> None:
    """List a person's tokens, without their secrets.

    Example: firstlight token list ana@example.org
    """
    found = session.host.tokens(email)
    if session.out.as_json:
        items = [
            {
                "id": one.id,
                "name": one.name,
                "role": one.role,
                "scopes": list(one.scopes),
                "expires_at": str(one.expires_at),
                "state": one.state,
            }
            for one in found
        ]
        session.out.json({"items": items})
        return
    session.out.table(
        ("TOKEN", "STATE", "ROLE", "EXPIRES", "NAME", "SCOPES"),
        [
            [one.id, one.state, one.role, one.expires_at, one.name, " ".join(one.scopes)]
            for one in found
        ],
        empty="This person has no tokens.",
    )


@token.command()
@local
@_EMAIL
@click.argument("token_id", metavar="TOKEN")
def revoke(session: Local, email: str, token_id: str) -> None:
    """Stop a token, at once and for good.

    Example: firstlight token revoke ana@example.org tok_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    session.host.revoke_token(email, token_id)
    if session.out.as_json:
        session.out.json({"revoked": token_id})
    session.out.say(f"{token_id} opens nothing any more.")
