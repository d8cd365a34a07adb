"""`firstlight review question` and `firstlight review office`."""

from __future__ import annotations

import click

from firstlight.adapters.cli.commands.reviews.common import (
    FILE,
    REVIEW,
    TEXT,
    outline,
    standing,
    told,
    words,
)
from firstlight.adapters.cli.options import LIMIT, Remote, remote
from firstlight.adapters.cli.output import shown

_OFFICE = click.argument("office_id", metavar="OFFICE")
_WORDS = click.option("--words", "said", default="", help="Why; welcome, not owed.")


@click.group()
def question() -> None:
    """Ask whether a model is covered, answer, share the assessment."""


@question.command()
@remote
@click.argument("name", metavar="MODEL")
@click.argument("version", metavar="VERSION")
@click.option("--office", "office_id", required=True, help="The office that is asked (org_...).")
@click.option(
    "--size",
    type=click.Choice(("small", "medium", "large")),
    required=True,
    help="Of the developer; for figures only.",
)
@TEXT
@FILE
def ask(  # noqa: PLR0917  # click passes each option by name
    session: Remote,
    name: str,
    version: str,
    office_id: str,
    size: str,
    text: str | None,
    file: str | None,
) -> None:
    """Ask one office whether your model is covered. You may stop there.

    Example: firstlight review question ask "Model X" 1.0 --size small
    --office org_01kb6v0c5p2m8q4r7s9t1w3x5y --text "It finds flaws in C programs"
    """
    body = {
        "name": name,
        "version": version,
        "size": size,
        "text": words(text, file),
        "office": office_id,
    }
    standing(session, session.client.post("reviews", "questions", body=body))


@question.command()
@remote
@REVIEW
@click.option(
    "--determination",
    type=click.Choice(("covered", "not-covered", "undetermined")),
    required=True,
)
@click.option("--statement", default="", help="Reference of a measurement statement.")
@click.option("--classified-digest", default="", help="SHA-256 of a classified assessment.")
@click.option("--for-researchers", is_flag=True, help="Fit for researchers.")
def answer(session: Remote, review: str, *, for_researchers: bool, **given: str) -> None:
    """Share your office's assessment with the developer.

    Example: firstlight review question answer FR-2026-0001 --determination covered
    --statement "statement 7"
    """
    body = given | {"for_researchers": for_researchers}
    standing(session, session.client.post("reviews", review, "answer", body=body))


@question.command()
@remote
@REVIEW
@click.argument("number", metavar="QUESTION", type=click.IntRange(1, 1000))
def share(session: Remote, review: str, number: int) -> None:
    """Let researchers read an assessment that the office found fit for them.

    Example: firstlight review question share FR-2026-0001 1
    """
    reply = session.client.post("reviews", review, "questions", str(number), "sharing")
    standing(session, reply)


@question.command()
@remote
@LIMIT
def assessments(session: Remote, limit: int) -> None:
    """Read assessments, in the cut for your role.

    Example: firstlight review question assessments
    """
    found = session.pages("reviews", "assessments", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.text("\n".join(outline(found["items"])) or "No assessments that you may see.")


@click.group()
def office() -> None:
    """Offices of the government: ask for a review, be taken in, leave."""


@office.command()
@remote
@click.argument("developer", metavar="DEVELOPER")
@click.argument("name", metavar="MODEL")
@click.argument("version", metavar="VERSION")
@TEXT
@FILE
def request(  # noqa: PLR0917  # click passes each option by name
    session: Remote, developer: str, name: str, version: str, text: str | None, file: str | None
) -> None:
    """Ask a developer for a review of its model. It need not answer.

    Example: firstlight review office request org_01kb6v0c5p2m8q4r7s9t1w3x5y "Model X" 1.0
    --text "We would like to look at it"
    """
    body = {
        "developer": developer,
        "name": name,
        "version": version,
        "words": words(text, file),
    }
    found = session.client.post("reviews", "requests", body=body).json()
    told(session, found, f"Asked: {found['subject']}. See `firstlight review office requests`.")


@office.command()
@remote
@LIMIT
def requests(session: Remote, limit: int) -> None:
    """List what your office asked for, and what became of it.

    Example: firstlight review office requests
    """
    found = session.pages("reviews", "requests", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("REVIEW", "STATE", "SINCE", "DEVELOPER", "MODEL", "VERSION"),
        [
            shown(row, "review", "state", "since", "developer_name", "model", "model_version")
            for row in found["items"]
        ],
        empty="Your office has asked for nothing.",
    )


@office.command("list")
@remote
@REVIEW
def list_offices(session: Remote, review: str) -> None:
    """List the offices that ask or take part.

    Example: firstlight review office list FR-2026-0001
    """
    found = session.client.get("reviews", review, "offices").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("OFFICE", "STATE", "SINCE", "NAME", "WORDS"),
        [shown(row, "organisation", "state", "since", "name", "words") for row in found["items"]],
        empty="No office asks or takes part.",
    )


@office.command()
@remote
@REVIEW
@_OFFICE
@_WORDS
def admit(session: Remote, review: str, office_id: str, said: str) -> None:
    """Take an office in.

    Example: firstlight review office admit FR-2026-0001 org_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _decide(session, review, office_id, "admit", said)


@office.command()
@remote
@REVIEW
@_OFFICE
@_WORDS
def decline(session: Remote, review: str, office_id: str, said: str) -> None:
    """Say no to an office that asks.

    Example: firstlight review office decline FR-2026-0001 org_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _decide(session, review, office_id, "decline", said)


@office.command()
@remote
@REVIEW
@_OFFICE
@_WORDS
def remove(session: Remote, review: str, office_id: str, said: str) -> None:
    """End an office's part; its grants end.

    Example: firstlight review office remove FR-2026-0001 org_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _decide(session, review, office_id, "remove", said)


@office.command()
@remote
@REVIEW
@_WORDS
def leave(session: Remote, review: str, said: str) -> None:
    """Leave a review with your office, or take your request back.

    Example: firstlight review office leave FR-2026-0001 --words "we have seen enough"
    """
    found = session.client.post("reviews", review, "departure", body={"words": said}).json()
    told(session, found, "Your office takes no part any more; its grants have ended.")


def _decide(session: Remote, review: str, office_id: str, move: str, said: str) -> None:
    body = {"move": move, "words": said}
    found = session.client.post("reviews", review, "offices", office_id, body=body).json()
    row = next(one for one in found["items"] if one["organisation"] == office_id)
    told(session, found, f"{row['name']} is {row['state']} now.")
