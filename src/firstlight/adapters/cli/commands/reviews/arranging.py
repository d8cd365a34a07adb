"""`firstlight review artefact` and `firstlight review terms`."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.commands.reviews.common import REVIEW, change, pairs, standing, told
from firstlight.adapters.cli.options import ANONYMOUS, Remote, read_text, remote
from firstlight.adapters.cli.output import Output
from firstlight.core.kernel.errors import Missing

_HEADINGS = (
    "confidentiality",
    "cybersecurity",
    "insider-risk",
    "intellectual-property",
    "use",
    "nondisclosure",
)
_USES = ("procurement", "export-control", "competition", "training")


@click.group()
def artefact() -> None:
    """What you show, listed one by one. Weights are a digest and never pass through here."""


@artefact.command()
@remote
@REVIEW
@click.option(
    "--kind",
    type=click.Choice(("endpoint", "system-card", "evaluation-logs", "weights")),
    required=True,
)
@click.option("--name", required=True, help="For people.")
@click.option(
    "--safeguards",
    type=click.Choice(("shipped", "reduced", "off")),
    help="Of an endpoint: as users will get them, fewer, or none.",
)
@click.option("--model", "models", multiple=True, help="Of an endpoint: an exact name; repeat it.")
@click.option(
    "--dialect",
    "dialects",
    type=click.Choice(("openai-chat", "openai-responses", "anthropic-messages")),
    multiple=True,
    help="Of an endpoint: what it speaks; repeat it.",
)
@click.option("--digest", default="", help="SHA-256 of weights, or of a document.")
def add(session: Remote, review: str, **given: object) -> None:
    """List one more thing that you show.

    Example: firstlight review artefact add FR-2026-0001 --kind endpoint --name "Test endpoint"
    --safeguards reduced --model model-x --dialect openai-chat
    """
    body = {name: list(one) if isinstance(one, tuple) else one for name, one in given.items()}
    found = session.client.post("reviews", review, "artefacts", body=body).json()
    told(session, found, f"{found['id']}: {found['kind']}, {found['name']}")


@artefact.command()
@remote
@REVIEW
@click.argument("artefact_id", metavar="ARTEFACT")
def remove(session: Remote, review: str, artefact_id: str) -> None:
    """Take an artefact back; its uses end at once.

    Example: firstlight review artefact remove FR-2026-0001 art_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    standing(session, session.client.delete("reviews", review, "artefacts", artefact_id))


@click.group()
def terms() -> None:
    """The terms of access: standard text, your changes, and who accepted them."""


@terms.command()
@remote
@ANONYMOUS
def standard(session: Remote) -> None:
    """Read the standard text.

    Example: firstlight review terms standard
    """
    found = session.client.get("reviews", "standard-terms").json()
    if session.out.as_json:
        session.out.json(found)
        return
    _texts(session.out, found["items"][-1])


@terms.command()
@remote
@REVIEW
@click.option("--version", "number", type=click.IntRange(1, 1000), help="Without: the newest.")
def show(session: Remote, review: str, number: int | None) -> None:
    """Read the terms of a review, with its version.

    Example: firstlight review terms show FR-2026-0001
    """
    found = _version(session, review, number)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.facts(
        {
            "Version": found["number"],
            "Set": found["set_at"],
            "Changed": ", ".join(found["changed"]) or "nothing of the standard text",
            "Digest": found["digest"],
        }
    )
    session.out.text("")
    _texts(session.out, found)
    session.out.say(
        f"Accept for yourself: firstlight review terms accept {review} --version {found['number']}"
    )


@terms.command()
@remote
@REVIEW
@click.option("--version", "number", type=click.IntRange(1, 1000), help="Without: the newest.")
def diff(session: Remote, review: str, number: int | None) -> None:
    """Show what the developer changed of the standard text.

    Example: firstlight review terms diff FR-2026-0001
    """
    found = _version(session, review, number)
    if session.out.as_json:
        session.out.json({name: found[name] for name in ("number", "standard", "changes")})
        return
    session.out.text(found["changes"] or "Nothing was changed.")


@terms.command("set")
@remote
@REVIEW
@click.option(
    "--change",
    "changes",
    multiple=True,
    metavar="HEADING=FILE",
    help=f"Your own text under a heading ({', '.join(_HEADINGS)}); repeat it.",
)
@click.option(
    "--exclude",
    "excluded",
    type=click.Choice(_USES),
    multiple=True,
    help="A use named as out of purpose; repeat it. Without: all four.",
)
def set_terms(
    session: Remote, review: str, changes: tuple[str, ...], excluded: tuple[str, ...]
) -> None:
    """Set the terms; everybody with access accepts the new version.

    Example: firstlight review terms set FR-2026-0001 --change use=our-use.txt
    """
    named = pairs(changes, "--change")
    wrong = sorted(set(named) - set(_HEADINGS))
    if wrong:
        raise click.UsageError(f"{wrong[0]!r} is no heading; there are {', '.join(_HEADINGS)}")
    body: dict[str, Any] = {"changes": {name: read_text(file) for name, file in named.items()}}
    if excluded:
        body["excluded"] = list(excluded)
    standing(session, change(session, review, "terms", body))


@terms.command()
@remote
@REVIEW
@click.option(
    "--version", "number", type=click.IntRange(1, 1000), required=True, help="That you have read."
)
def accept(session: Remote, review: str, number: int) -> None:
    """Accept, for yourself, the version that you have read.

    Example: firstlight review terms accept FR-2026-0001 --version 1
    """
    digest = _version(session, review, number)["digest"]
    body = {"digest": digest}
    found = session.client.post("reviews", review, "acceptances", body=body).json()
    told(session, found, f"You have accepted version {found['number']}.")


def _version(session: Remote, review: str, number: int | None) -> dict[str, Any]:
    """One version of the terms, the newest without a number. Raises Missing."""
    rows: list[dict[str, Any]] = session.pages("reviews", review, "terms", limit=1000)["items"]
    for row in rows:
        if number is None or row["number"] == number:
            return row
    raise Missing(
        f"there is no version {number} of these terms" if rows else "no terms are set yet",
        hint="The developer sets terms: firstlight review terms set REVIEW.",
    )


def _texts(out: Output, found: dict[str, Any]) -> None:
    for heading in _HEADINGS:
        out.text(f"{heading.replace('-', ' ').capitalize()}\n{found['texts'][heading]}\n")
    out.text(f"Out of purpose: {', '.join(found['excluded']) or 'nothing is named'}")
