"""`firstlight review observation`: advice, and what the developer says to it."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.commands.reviews.common import FILE, REVIEW, TEXT, told, words
from firstlight.adapters.cli.options import LIMIT, Remote, remote
from firstlight.adapters.cli.output import Output

_OBSERVATION = click.argument("observation_id", metavar="OBSERVATION")
_TITLE = click.option("--title", required=True, help="One line.")


@click.group()
def observation() -> None:
    """Tell the developer what you saw. It is advice; the developer answers it, or does not."""


@observation.command("list")
@remote
@REVIEW
@LIMIT
def list_observations(session: Remote, review: str, limit: int) -> None:
    """Read the observations of a review with their responses.

    Example: firstlight review observation list FR-2026-0001
    """
    _show(session, session.pages("reviews", review, "observations", limit=limit))


@observation.command()
@remote
@REVIEW
@LIMIT
def mine(session: Remote, review: str, limit: int) -> None:
    """Read what your organisation observed, with the developer's responses.

    Example: firstlight review observation mine FR-2026-0001
    """
    _show(session, session.pages("reviews", review, "observations", "own", limit=limit))


@observation.command()
@remote
@REVIEW
@_TITLE
@TEXT
@FILE
def write(session: Remote, review: str, title: str, text: str | None, file: str | None) -> None:
    """Tell the developer something.

    Example: firstlight review observation write FR-2026-0001 --title "It names flaws"
    --text "Asked twice, it tells where the flaw is"
    """
    body = {"title": title, "text": words(text, file)}
    found = session.client.post("reviews", review, "observations", body=body).json()
    told(session, found, f"{found['id']}: the developer can read it.")


@observation.command()
@remote
@REVIEW
@_OBSERVATION
@_TITLE
@TEXT
@FILE
def reword(  # noqa: PLR0917  # click passes each option by name
    session: Remote,
    review: str,
    observation_id: str,
    title: str,
    text: str | None,
    file: str | None,
) -> None:
    """Say an observation anew; the earlier version stays.

    Example: firstlight review observation reword FR-2026-0001
    obs_01kb6v0c5p2m8q4r7s9t1w3x5y --title "It names flaws" --file observation.txt
    """
    body = {"title": title, "text": words(text, file)}
    found = session.client.post(
        "reviews", review, "observations", observation_id, "wordings", body=body
    ).json()
    told(session, found, f"{found['id']} has {len(found['wordings'])} versions now.")


@observation.command()
@remote
@REVIEW
@_OBSERVATION
@click.option(
    "--version", "number", type=click.IntRange(1, 1000), required=True, help="That you answer."
)
@TEXT
@FILE
def respond(  # noqa: PLR0917  # click passes each option by name
    session: Remote,
    review: str,
    observation_id: str,
    number: int,
    text: str | None,
    file: str | None,
) -> None:
    """Respond to one version of an observation.

    Example: firstlight review observation respond FR-2026-0001
    obs_01kb6v0c5p2m8q4r7s9t1w3x5y --version 1 --text "it will be mended"
    """
    body = {"wording": number, "text": words(text, file)}
    found = session.client.post(
        "reviews", review, "observations", observation_id, "responses", body=body
    ).json()
    told(session, found, f"Your response stands beside {found['id']}.")


def _show(session: Remote, found: dict[str, Any]) -> None:
    if session.out.as_json:
        session.out.json(found)
        return
    if not found["items"]:
        session.out.text("No observations.")
    for one in found["items"]:
        _one(session.out, one)


def _one(out: Output, found: dict[str, Any]) -> None:
    last = found["wordings"][-1]
    out.text(
        f"{found['id']}  {found['organisation_name']}, version {last['number']}, {last['at']}\n"
        f"  {last['title']}\n  {last['text']}"
    )
    for response in found["responses"]:
        out.text(f"  > developer on version {response['wording']}: {response['text']}")
    out.text("")
