"""`firstlight review window`: who is let in from when to when."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.client import Reply
from firstlight.adapters.cli.commands.reviews.common import (
    AUDIENCE,
    AUDIENCES,
    REVIEW,
    change,
    standing,
)
from firstlight.adapters.cli.options import Remote, remote
from firstlight.core.kernel.errors import Refused

_DAYS = click.option("--days", type=click.IntRange(1, 365), required=True)


class StatementDiffers(Refused):
    """The server asks to sign something else than what you asked for."""

    code = "cli.statement_differs"
    next_step = "Sign nothing; ask the operator why. Nothing was sent."


@click.group()
def window() -> None:
    """Access from when to when. A window ends by itself; offices get at most 30 days in all."""


@window.command("set")
@remote
@REVIEW
@AUDIENCE
@_DAYS
@click.option("--start", metavar="TIME", help="As 2027-01-02T09:00:00Z. Without: now.")
@click.option("--early", is_flag=True, help="Partners come in before the offices' window is over.")
def set_window(  # noqa: PLR0917  # click passes each option by name
    session: Remote, review: str, audience: str, days: int, start: str | None, early: bool
) -> None:
    """Set a window.

    Example: firstlight review window set FR-2026-0001 --days 10
    """
    body = {"audience": audience, "days": days, "start": start, "early": early}
    _told(session, change(session, review, "windows", body), audience)


@window.command()
@remote
@REVIEW
@AUDIENCE
@_DAYS
@click.option(
    "--key", "key_file", metavar="KEYFILE", help="Your own key; see `review act new-key`."
)
def extend(session: Remote, review: str, audience: str, days: int, key_file: str | None) -> None:
    """Make a window longer: your signed act, kept on record.

    The installation signs for you; with --key you sign as well, and need nobody's word later.

    Example: firstlight review window extend FR-2026-0001 --days 5 --key developer.pem
    """
    reply = session.client.get("reviews", review)
    body: dict[str, Any] = {"audience": audience, "days": days}
    if key_file:
        asked = session.client.get(
            "reviews", review, "windows", "extension", audience=audience, days=days
        ).json()
        body["own"] = _signed(key_file, asked["statement"], reply.json(), body)
    sent = session.client.post(
        "reviews", review, "windows", "extension", body=body, if_match=reply.headers["etag"]
    )
    _told(session, sent, audience)


@window.command()
@remote
@REVIEW
@click.option("--audience", type=click.Choice(AUDIENCES), help="Without: everybody.")
def stop(session: Remote, review: str, audience: str | None) -> None:
    """End access now.

    Example: firstlight review window stop FR-2026-0001
    """
    body = {"audience": audience}
    standing(session, session.client.post("reviews", review, "windows", "stop", body=body))


def _told(session: Remote, reply: Reply, audience: str) -> None:
    standing(session, reply)
    last = [row for row in reply.json()["windows"] if row["audience"] == audience][-1]
    session.out.say(f"{audience}: {last['start']} to {last['end']}; it ends by itself.")


def _signed(
    key_file: str, statement: dict[str, Any], found: dict[str, Any], asked: dict[str, Any]
) -> dict[str, str]:
    """The own signature, over bytes that are made here from a statement that was checked here."""
    from firstlight.adapters.vault.own_key import OwnKey  # noqa: PLC0415  # loads cryptography
    from firstlight.core.kernel.canonical import canonical  # noqa: PLC0415  # likewise
    from firstlight.core.kernel.dsse import to_sign  # noqa: PLC0415  # likewise
    from firstlight.core.review.acts import ACT_FORMAT, ActKind  # noqa: PLC0415  # likewise
    from firstlight.core.review.dsse import ACT_TYPE  # noqa: PLC0415  # likewise

    wanted = {
        "format": ACT_FORMAT,
        "act": ActKind.EXTEND_WINDOW.value,
        "engagement": found["id"],
        "number": found["number"],
        "developer": found["developer"],
        "model": found["model"],
        "model_version": found["model_version"],
        "version": found["version"],
        "audience": asked["audience"],
        "days": asked["days"],
    }
    differs = sorted(name for name, value in wanted.items() if statement.get(name) != value)
    if differs:
        raise StatementDiffers(fields=differs)
    key = OwnKey.read(key_file)
    message = to_sign(ACT_TYPE, canonical(statement))
    return {"public_key": key.public_key.hex(), "signature": key.sign(message).hex()}
