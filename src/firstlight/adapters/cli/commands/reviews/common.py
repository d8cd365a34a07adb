"""What the commands of a review share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from firstlight.adapters.cli.client import Reply
from firstlight.adapters.cli.options import Remote, read_text

REVIEW = click.argument("review", metavar="REVIEW")
AUDIENCES = ("offices", "partners")
AUDIENCE = click.option(
    "--audience",
    type=click.Choice(AUDIENCES),
    default="offices",
    show_default=True,
    help="For whom: the government's offices, or trusted partners.",
)
TEXT = click.option("--text", help="The words themselves.")
FILE = click.option("--file", "file", metavar="FILE", help="A file with the words; - reads stdin.")


def words(text: str | None, file: str | None) -> str:
    """What was written, on the command line or in a file.

    Raises:
        click.UsageError: neither, or both.
    """
    if (text is None) == (file is None):
        raise click.UsageError("give the words with --text, or a file of them with --file")
    return text if text is not None else read_text(str(file))


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE, each name once.

    Raises:
        click.UsageError: something else.
    """
    found: dict[str, str] = {}
    for one in given:
        name, separator, value = one.partition("=")
        if not separator or not name or name in found:
            raise click.UsageError(f"{option} takes NAME=VALUE, each name once")
        found[name] = value
    return found


def change(session: Remote, review: str, what: str, body: object) -> Reply:
    """Change what stands now: look, then send what was seen along."""
    seen = session.client.get("reviews", review).headers["etag"]
    return session.client.post("reviews", review, *what.split("/"), body=body, if_match=seen)


def told(session: Remote, found: Any, sentence: str) -> None:  # noqa: ANN401  # the server's JSON
    """The server's answer for a program, a sentence for a person."""
    if session.out.as_json:
        session.out.json(found)
    session.out.say(sentence)


def standing(session: Remote, reply: Reply) -> None:
    """How a review stands after a change."""
    found = reply.json()
    told(
        session,
        found | {"etag": reply.headers.get("etag")} if session.out.as_json else found,
        f"{found['number']} is {found['state']}, version {found['version']}.",
    )


def outline(value: Any, indent: int = 0) -> list[str]:  # noqa: ANN401  # decoded JSON
    """JSON as indented lines for people; what is empty is left out."""
    pad = "  " * indent
    if isinstance(value, dict):
        lines: list[str] = []
        for name, one in value.items():
            label = name.replace("_", " ")
            if isinstance(one, dict | list):
                below = outline(one, indent + 1)
                lines += [f"{pad}{label}:", *below] if below else []
            elif one not in {None, ""}:
                lines.append(f"{pad}{label}: {_plain(one)}")
        return lines
    if isinstance(value, list):
        lines = []
        for one in value:
            below = outline(one, indent + 1)
            if below:
                lines += [f"{pad}- {below[0].strip()}", *below[1:]]
        return lines
    return [f"{pad}{_plain(value)}"]


def _plain(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
