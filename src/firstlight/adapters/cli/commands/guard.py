"""`firstlight guard`."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.options import Remote, remote
from firstlight.adapters.cli.output import shown

_STATES = ("held", "blocked", "left", "released", "refused")
_VERDICT = click.argument("verdict", metavar="VERDICT")
_REASON = click.option("--reason", required=True, help="Why, in a sentence; it is kept.")


@click.group()
def guard() -> None:
    """See what the outbound guard holds, and release or refuse it."""


@guard.command()
@remote
@click.option(
    "--state",
    type=click.Choice(("all", *_STATES)),
    default="held",
    show_default=True,
    help="Other verdicts than those that wait.",
)
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
def held(session: Remote, state: str, limit: int) -> None:
    """List what waits for a person, the newest first.

    Example: firstlight guard held
    """
    asked = {} if state == "all" else {"state": state}
    found = session.client.get("guard", "verdicts", limit=limit, **asked).json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("VERDICT", "AT", "CHANNEL", "STATE", "RULE", "WHAT"),
        [shown(row, "id", "at", "channel", "state", "rule", "key") for row in found["items"]],
        empty="Nothing waits." if state == "held" else "There is none.",
    )
    if found["next"]:
        session.out.say("There are more; ask for them with a larger --limit.")


@guard.command()
@remote
@_VERDICT
def show(session: Remote, verdict: str) -> None:
    """Show a text with what the guard found in it. That you read it is recorded.

    Example: firstlight guard show gvd_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("guard", "verdicts", verdict, "text").json()
    if session.out.as_json:
        session.out.json(found)
        return
    kept = found["verdict"]
    session.out.facts(
        {
            "Verdict": f"{kept['verdict']}: {kept['why']}" if kept["why"] else kept["verdict"],
            "State": kept["state"],
            "What": kept["key"],
            "To": found["to"] or "the public",
            "Decided by": kept["decided_by"],
            "Reason": kept["reason"],
        }
    )
    session.out.text(f"\n{found['subject']}\n\n{found['body']}")
    session.out.table(
        ("RULE", "ALONE", "FROM", "TO", "WRITTEN"),
        [shown(row, "rule", "verdict", "start", "end", "written") for row in found["places"]],
        empty="No rule was broken.",
    )
    proposed = (found["rewritten_subject"], found["rewritten_body"])
    if proposed != (found["subject"], found["body"]):
        session.out.text(f"\nWithout what may not leave:\n\n{proposed[0]}\n\n{proposed[1]}")


@guard.command()
@remote
@_VERDICT
@_REASON
@click.option("--rewritten", is_flag=True, help="Send the words that the guard proposes.")
def release(session: Remote, verdict: str, reason: str, *, rewritten: bool) -> None:
    """Let a held text out: a message at once, an advisory when its time has come.

    Example: firstlight guard release gvd_01kb6v0c5p2m8q4r7s9t1w3x5y --reason "It is public."
    """
    body = {"reason": reason, "rewritten": rewritten}
    _told(session, session.client.post("guard", "verdicts", verdict, "release", body=body).json())


@guard.command()
@remote
@_VERDICT
@_REASON
def refuse(session: Remote, verdict: str, reason: str) -> None:
    """Keep a held text in, for good.

    Example: firstlight guard refuse gvd_01kb6v0c5p2m8q4r7s9t1w3x5y --reason "It names a finder."
    """
    body = {"reason": reason}
    _told(session, session.client.post("guard", "verdicts", verdict, "refusal", body=body).json())


def _told(session: Remote, kept: dict[str, Any]) -> None:
    if session.out.as_json:
        session.out.json(kept)
    session.out.say(f"{kept['id']} is {kept['state']}.")
