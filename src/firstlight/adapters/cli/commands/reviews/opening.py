"""`firstlight review open`, `plan` and `hold`: what the order leaves to the developer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from firstlight.adapters.cli.client import Reply
from firstlight.adapters.cli.commands.reviews.common import REVIEW, standing
from firstlight.adapters.cli.options import Command, Remote, remote
from firstlight.core.kernel.errors import Conflict

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_CHOSEN = {
    "release_form": "--release-form",
    "anchor": "--anchor",
    "retention_days": "--retention-days",
    "legal_hold": "--legal-hold or --no-legal-hold",
    "keeps_content": "--keep-content or --discard-content",
    "listed": "--listed or --unlisted",
}
_PLANNED = ("partner_release", "public_release")
SIZE = click.option(
    "--size",
    type=click.Choice(("small", "medium", "large")),
    help="Of the developer: fewer than 50 people, up to 499, or 500 and more; for figures only.",
)
_MARKING = click.option(
    "--marking", type=click.Choice(("TLP:AMBER+STRICT", "TLP:RED")), help="Who may be told."
)


def plan_options(command: Command) -> Command:
    """What the order leaves to the developer; none of it is chosen for them."""
    options: list[Callable[[Command], Command]] = [
        click.option(
            "--release-form",
            type=click.Choice(("api", "open-weights", "limited")),
            help="How the model will be released.",
        ),
        click.option(
            "--anchor",
            type=click.Choice(("release-to-trusted-partners", "public-release")),
            help="The release before which the days of access lie.",
        ),
        click.option("--partner-release", type=_DAY, metavar="DAY", help="Planned, as 2027-01-15."),
        click.option("--public-release", type=_DAY, metavar="DAY", help="Planned, likewise."),
        click.option(
            "--retention-days",
            type=click.IntRange(0, 3660),
            help="How long sealed documents are kept after the close.",
        ),
        click.option("--legal-hold", metavar="WHY", help="Why nothing may be destroyed."),
        click.option("--no-legal-hold", is_flag=True, help="There is no such reason."),
        click.option(
            "--keep-content/--discard-content",
            "keeps_content",
            default=None,
            help="Keep requests and answers of the endpoint, sealed; or their digests only.",
        ),
        click.option(
            "--listed/--unlisted",
            default=None,
            help="Whether the public register may name developer and model.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def chosen(given: dict[str, object]) -> dict[str, Any]:
    """The parts of a plan that were named.

    Raises:
        click.UsageError: a hold and none, at once.
    """
    if given["legal_hold"] is not None and given["no_legal_hold"]:
        raise click.UsageError("--legal-hold and --no-legal-hold exclude each other")
    if given["no_legal_hold"]:
        given["legal_hold"] = ""
    named = {name: given[name] for name in (*_CHOSEN, *_PLANNED) if given[name] is not None}
    return {
        name: value.date().isoformat() if isinstance(value, datetime) else value
        for name, value in named.items()
    }


def _present(reply: Reply) -> dict[str, Any]:
    """The plan as it stands. Raises Conflict when there is none."""
    found: dict[str, Any] | None = reply.json()["plan"]
    if found is None:
        raise Conflict(
            "the developer has not opened this review", hint="firstlight review open --help"
        )
    return found


@click.command("open")
@remote
@click.argument("name", metavar="MODEL")
@click.argument("version", metavar="VERSION")
@SIZE
@plan_options
@_MARKING
def open_review(
    session: Remote, name: str, version: str, size: str | None, marking: str | None, **plan: object
) -> None:
    """Open a review of your model: every choice that the order leaves open is yours.

    Example: firstlight review open "Model X" 1.0 --size small --release-form api
    --anchor public-release --public-release 2027-01-15 --retention-days 30 --no-legal-hold
    --discard-content --unlisted
    """
    given = chosen(plan)
    missing = [option for part, option in _CHOSEN.items() if part not in given]
    missing += [] if size else ["--size"]
    if missing:
        raise click.UsageError(f"nothing is chosen for you; say also: {'; '.join(missing)}")
    whole = {"partner_release": None, "public_release": None} | given
    body: dict[str, Any] = {"name": name, "version": version, "size": size, "plan": whole}
    if marking:
        body["marking"] = marking
    standing(session, session.client.post("reviews", body=body))


@click.command()
@remote
@REVIEW
@SIZE
@plan_options
@_MARKING
def plan(
    session: Remote, review: str, size: str | None, marking: str | None, **given: object
) -> None:
    """Change parts of a review's plan; what you do not name stays.

    Example: firstlight review plan FR-2026-0001 --listed
    """
    reply = session.client.get("reviews", review)
    present = _present(reply)
    kept = {name: present[name] for name in (*_CHOSEN, *_PLANNED)}
    body = {"plan": kept | chosen(given), "size": size, "marking": marking}
    seen = reply.headers["etag"]
    standing(session, session.client.post("reviews", review, "plan", body=body, if_match=seen))


@click.command()
@remote
@REVIEW
@click.option("--retention-days", type=click.IntRange(0, 3660), help="Kept after the close.")
@click.option("--legal-hold", metavar="WHY", help="Why nothing may be destroyed.")
@click.option("--no-legal-hold", is_flag=True, help="Lift the hold.")
def hold(session: Remote, review: str, **given: object) -> None:
    """Set how long sealed documents are kept, and whether the law forbids destroying them.

    What you do not name stays as it is.

    Example: firstlight review hold FR-2026-0001 --retention-days 30
    """
    reply = session.client.get("reviews", review)
    parts = ("retention_days", "legal_hold")
    named = chosen(dict.fromkeys((*_CHOSEN, *_PLANNED)) | given)
    if not named:
        raise click.UsageError("say --retention-days, --legal-hold or --no-legal-hold")
    kept = {name: _present(reply)[name] for name in parts}
    seen = reply.headers["etag"]
    sent = session.client.post("reviews", review, "hold", body=kept | named, if_match=seen)
    standing(session, sent)
