"""`firstlight case`."""

from __future__ import annotations

from typing import Any

import click

from firstlight.adapters.cli.options import LIMIT, Remote, remote
from firstlight.adapters.cli.output import shown

_STATES = ("open", "validated", "patched", "published", "closed", "merged")
_CASE = click.argument("case_id", metavar="CASE")
_REASON = click.option("--reason", required=True, help="Why, so that others can follow.")


@click.group()
def case() -> None:
    """Follow cases from the report to the advisory. CASE is a number or an identifier."""


@case.command("list")
@remote
@LIMIT
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
def list_cases(session: Remote, limit: int, state: str | None) -> None:
    """List the cases that you may see, newest first.

    Example: firstlight case list --state validated
    """
    found = session.pages("cases", limit=limit, state=state)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("CASE", "STATE", "REPORTS", "REPRODUCED", "PACKAGE", "TITLE"),
        [
            shown(row, "number", "state", "findings", "reproduced", "package", "title")
            for row in found["items"]
        ],
        empty="No cases that you may see.",
    )


@case.command()
@remote
@_CASE
def show(session: Remote, case_id: str) -> None:
    """Show a case with its parties and its evidence.

    Example: firstlight case show FL-2026-0001
    """
    reply = session.client.get("cases", case_id)
    found = reply.json()
    evidence = session.client.get("cases", found["id"], "evidence").json()["items"]
    if session.out.as_json:
        session.out.json(found | {"etag": reply.headers.get("etag"), "evidence": evidence})
        return
    session.out.facts(
        {
            "Case": f"{found['number']}  ({found['id']})",
            "Title": found["title"],
            "State": found["state"],
            "Merged into": found["merged_into"],
            "Marking": found["marking"],
            "Package": found["package"],
            "Opened": found["opened_at"],
            "Parties": ", ".join(f"{one['name']} ({one['role']})" for one in found["parties"]),
            "Advisory": found["advisory"],
            "You may": ", ".join(found["moves"]),
        }
    )
    session.out.text("")
    session.out.table(
        ("AT", "KIND", "OUTCOME", "TARGET", "SUMMARY"),
        [shown(one, "at", "kind", "outcome", "target", "summary") for one in evidence],
        empty="No evidence yet.",
    )


@case.command()
@remote
@_CASE
@click.option(
    "--exposed",
    type=click.Choice(("yes", "no", "unknown")),
    default="unknown",
    show_default=True,
    help="Whether strangers reach your asset; unknown counts as yes.",
)
@click.option("--detected", metavar="DATE", help="When the flaw was found on it (2026-11-21).")
def priority(session: Remote, case_id: str, exposed: str, detected: str | None) -> None:
    """Say how urgent a case is for your asset, by when, and why.

    Example: firstlight case priority FL-2026-0001 --exposed no --detected 2026-11-02
    """
    found = session.client.get(
        "cases", case_id, "priority", exposed=exposed, detected=detected
    ).json()
    _priority(session, found)


@case.command()
@remote
@_CASE
@click.option(
    "--answer", "answers", multiple=True, required=True, metavar="QUESTION=VALUE", help="Repeat it."
)
@_REASON
def assess(session: Remote, case_id: str, answers: tuple[str, ...], reason: str) -> None:
    """Answer the decision points of SSVC and BOD 26-04.

    Example: firstlight case assess FL-2026-0001 --answer automatable=no --reason "needs a login"
    """
    given = dict(answer.partition("=")[::2] for answer in answers)
    found = session.client.post(
        "cases", case_id, "assessment", body={"answers": given, "reason": reason}
    ).json()
    _priority(session, found)


@case.command()
@remote
@_CASE
def duplicates(session: Remote, case_id: str) -> None:
    """Say why reports stand in one case, and what else may belong to it.

    Example: firstlight case duplicates FL-2026-0001
    """
    _duplicates(session, session.client.get("cases", case_id, "duplicates").json())


@case.command()
@remote
@_CASE
@click.argument("left", metavar="REPORT")
@click.argument("right", metavar="REPORT")
@_REASON
def confirm(session: Remote, case_id: str, left: str, right: str, reason: str) -> None:
    """Say that two reports are one flaw.

    Example: firstlight case confirm FL-2026-0001 fnd_A fnd_B --reason "same line"
    """
    _decide(session, case_id, left, right, same=True, reason=reason)


@case.command()
@remote
@_CASE
@click.argument("left", metavar="REPORT")
@click.argument("right", metavar="REPORT")
@_REASON
def split(session: Remote, case_id: str, left: str, right: str, reason: str) -> None:
    """Say that two reports are two flaws.

    Example: firstlight case split FL-2026-0001 fnd_A fnd_B --reason "two functions"
    """
    _decide(session, case_id, left, right, same=False, reason=reason)


@case.command()
@remote
@_CASE
@click.argument("left", metavar="REPORT")
@click.argument("right", metavar="REPORT")
def undo(session: Remote, case_id: str, left: str, right: str) -> None:
    """Take back what was said about two reports.

    Example: firstlight case undo FL-2026-0001 fnd_A fnd_B
    """
    found = session.client.delete("cases", case_id, "duplicates", left=left, right=right).json()
    _duplicates(session, found)


@case.command()
@remote
@_CASE
@click.argument("organisation", metavar="ORGANISATION")
def invite(session: Remote, case_id: str, organisation: str) -> None:
    """Bring an organisation into a case as its maintainer.

    Example: firstlight case invite FL-2026-0001 org_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    body = {"organisation": organisation}
    answer = session.client.post("cases", case_id, "parties", body=body).json()
    if session.out.as_json:
        session.out.json(answer)
    session.out.say("It is a party of the case now.")


@case.command()
@remote
@_CASE
@_REASON
def close(session: Remote, case_id: str, reason: str) -> None:
    """Close a case.

    Example: firstlight case close FL-2026-0001 --reason "published and settled"
    """
    _move(session, case_id, "close", reason)


@case.command()
@remote
@_CASE
@_REASON
def reopen(session: Remote, case_id: str, reason: str) -> None:
    """Open a closed case again.

    Example: firstlight case reopen FL-2026-0001 --reason "a new input shows it again"
    """
    _move(session, case_id, "reopen", reason)


def _move(session: Remote, case_id: str, move: str, reason: str) -> None:
    seen = session.client.get("cases", case_id).headers["etag"]
    answer = session.client.post(
        "cases", case_id, "moves", body={"move": move, "reason": reason}, if_match=seen
    ).json()
    if session.out.as_json:
        session.out.json(answer)
    session.out.say(f"{answer['number']} is {answer['state']} now.")


def _decide(
    session: Remote, case_id: str, left: str, right: str, *, same: bool, reason: str
) -> None:
    body = {"left": left, "right": right, "same": same, "reason": reason}
    _duplicates(session, session.client.post("cases", case_id, "duplicates", body=body).json())


def _duplicates(session: Remote, found: dict[str, Any]) -> None:
    if session.out.as_json:
        session.out.json(found)
        return
    out = session.out
    out.say("Together because:" if found["reasons"] else "The case holds one report.")
    for reason in found["reasons"]:
        out.say(f"  [{reason['rule']}] {reason['sentence']}")
    for proposal in found["proposals"]:
        kept = " A person keeps them apart." if proposal["refused"] else ""
        out.say(f"  maybe [{proposal['rule']}] {proposal['sentence']}{kept}")
    for word in found["decisions"]:
        said = "one flaw" if word["same"] else "two flaws"
        out.say(f"  {word['by']} said on {word['at']}: {said}. {word['reason']}")


def _priority(session: Remote, found: dict[str, Any]) -> None:
    if session.out.as_json:
        session.out.json(found)
        return
    due = found["bod_26_04"]
    within = "at the next upgrade" if due["at_next_upgrade"] else f"{due['within_days']} days"
    session.out.facts(
        {
            "BOD 26-04": f"{due['decision']['outcome_name']} ({within})",
            "Due": due["deadline"].get("due") or due["deadline"].get("reason"),
            "SSVC coordinator": found["ssvc"]["coordinator"]["outcome_name"],
            "SSVC supplier": found["ssvc"]["supplier"]["outcome_name"],
            "SSVC deployer": found["ssvc"]["deployer"]["outcome_name"],
            "KEV": found["kev"]["state"],
            "EPSS": found["epss"].get("probability", found["epss"]["state"]),
        }
    )
    session.out.text("")
    session.out.table(
        ("PART", "QUESTION", "ANSWER", "SOURCE", "LED TO"),
        [shown(step, "part", "input", "value", "source", "led_to") for step in found["steps"]],
        empty="No steps.",
    )
