"""`firstlight use` and `firstlight grant`: endpoints, keys, presence, and what is used."""

from __future__ import annotations

import sys
from typing import Any

import click

from firstlight.adapters.cli.options import LIMIT, Remote, read_text, remote, write_file
from firstlight.adapters.cli.output import shown
from firstlight.core.kernel.errors import Invalid

_REVIEW = click.argument("review", metavar="REVIEW")
_GRANT = click.argument("grant", metavar="GRANT")
_MICRO = 1_000_000


@click.group()
def use() -> None:
    """See how an endpoint is used, register one, and stop everything (developer)."""


@use.command()
@remote
@_REVIEW
def show(session: Remote, review: str) -> None:
    """Sums by person and purpose, what runs now, and who is present.

    Example: firstlight use show FR-2026-0001
    """
    found = session.client.get("reviews", review, "use").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.say(f"{found['number']}, {found['model']}")
    session.out.say(f"{found['active']} grants stand, {found['halted']} are halted.")
    session.out.table(
        ("PERSON", "PURPOSE", "REQUESTS", "TOKENS", "NOW", "CUT"),
        [
            shown(row, "person", "purpose", "requests", "tokens", "open", "cut")
            for row in found["tallies"]
        ],
        empty="Nothing was used yet.",
    )
    for one in found["open"]:
        session.out.say(f"Since {one['opened_at']}: {one['id']}, {one['model']}")


@use.command("list")
@remote
@_REVIEW
@LIMIT
def list_uses(session: Remote, review: str, limit: int) -> None:
    """List uses, newest first; one without an end runs, or its gateway died.

    Example: firstlight use list FR-2026-0001
    """
    found = session.pages("reviews", review, "uses", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("USE", "OPENED", "MODEL", "OUTCOME", "STATUS", "INPUT", "OUTPUT"),
        [
            [
                *shown(row, "id", "opened_at", "model"),
                row["outcome"] or "unfinished",
                *shown(row, "status", "input_tokens", "output_tokens"),
            ]
            for row in found["items"]
        ],
        empty="Nothing was used yet.",
    )


@use.command()
@remote
@_REVIEW
@click.option("--reason", required=True, help="The people who are halted read it.")
@click.option("--conditions", required=True, help="What lets it go on.")
def halt(session: Remote, review: str, reason: str, conditions: str) -> None:
    """Stop every use now; `firstlight use resume` takes it back.

    Example: firstlight use halt FR-2026-0001 --reason "a key leaked" --conditions "new keys"
    """
    body = {"reason": reason, "conditions": conditions}
    _counted(session, session.client.post("reviews", review, "halt", body=body), "halted")


@use.command()
@remote
@_REVIEW
@click.option("--note", required=True, help="How the conditions were met.")
def resume(session: Remote, review: str, note: str) -> None:
    """Lift your own halts; those of others stay.

    Example: firstlight use resume FR-2026-0001 --note "every key is new"
    """
    reply = session.client.post("reviews", review, "resume", body={"note": note})
    _counted(session, reply, "go on")


@use.command("revoke-all")
@remote
@_REVIEW
@click.option("--reason", default="", help="You need not give one.")
@click.option("--yes", is_flag=True, help="You know that only new grants bring anyone back.")
def revoke_all(session: Remote, review: str, reason: str, *, yes: bool) -> None:
    """Revoke every grant for good; the way back is to give new ones.

    Example: firstlight use revoke-all FR-2026-0001 --yes
    """
    if not yes:
        raise Invalid("this cannot be taken back", hint="Add --yes, or use `use halt`.")
    reply = session.client.post("reviews", review, "revoke-all", body={"reason": reason})
    _counted(session, reply, "revoked")


@use.command()
@remote
@_REVIEW
@click.argument("artefact", metavar="ARTEFACT")
@click.option("--address", required=True, metavar="URL", help="What stands before /v1.")
@click.option("--key-file", metavar="FILE", help="The real key (`-` reads it); kept when left out.")
@click.option("--price-in", type=click.FloatRange(0), help="Money for a million input tokens.")
@click.option("--price-out", type=click.FloatRange(0), help="Money for a million output tokens.")
def endpoint(
    session: Remote,
    review: str,
    artefact: str,
    *,
    address: str,
    key_file: str | None,
    price_in: float | None,
    price_out: float | None,
) -> None:
    """Say where an endpoint is reached, with which key. The key is never shown again.

    Example: firstlight use endpoint FR-2026-0001 art_01kb6v0c5p2m8q4r7s9t1w3x5y
    --address https://models.example.org --key-file key.txt
    """
    if (price_in is None) != (price_out is None):
        raise Invalid("give both prices or none", field="prices")
    body: dict[str, Any] = {"address": address}
    if key_file is not None:
        body["key"] = read_text(key_file).strip()
    if price_in is not None and price_out is not None:
        body["prices"] = {"input": round(price_in * _MICRO), "output": round(price_out * _MICRO)}
    found = session.client.put("reviews", review, "artefacts", artefact, "endpoint", body=body)
    if session.out.as_json:
        session.out.json(found.json())
    session.out.say(f"Registered. In the ledger: {found.json()['digest']}")


@use.command()
@remote
@_REVIEW
@click.argument("identifier", metavar="USE")
@click.argument("part", type=click.Choice(("request", "response")))
@click.argument("file", metavar="FILE")
def content(session: Remote, review: str, identifier: str, part: str, file: str) -> None:
    """Write what was kept of one side of a use into a new FILE; the reading is recorded.

    Example: firstlight use content FR-2026-0001 use_01kb6v0c5p2m8q4r7s9t1w3x5y request asked.json
    """
    reply = session.client.get("reviews", review, "uses", identifier, "content", part)
    if file == "-":
        sys.stdout.buffer.write(reply.content)
        return
    write_file(file, [reply.content])
    session.out.say(f"{len(reply.content)} bytes are in {file}.")


@click.group()
def grant() -> None:
    """Use a grant: its key, what is left, and being present as a second person."""


@grant.command("show")
@remote
@_GRANT
def show_grant(session: Remote, grant: str) -> None:
    """What the grant lets you do now, and what is left of its budget.

    Example: firstlight grant show grt_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("grants", grant, "access").json()
    if session.out.as_json:
        session.out.json(found)
        return
    left = ", ".join(f"{n} {name}" for name, n in found["left"].items() if n is not None)
    session.out.facts(
        {
            "Review": f"{found['number']}, {found['model']}",
            "Purpose": found["purpose"],
            "State": found["state"],
            "Until": found["until"],
            "Models": ", ".join(found["models"]),
            "Gateway": found["gateway"],
            "Key": f"number {found['key_number']}" if found["key_number"] else "none yet",
            "Left": left or "no limit",
            "Second person": _second(found),
        }
    )


@grant.command()
@remote
@_GRANT
def key(session: Remote, grant: str) -> None:
    """Make the grant's key; it is shown once, and the one before stops.

    Example: firstlight grant key grt_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    made = session.client.put("grants", grant, "key").json()
    if session.out.as_json:
        session.out.json(made)
        return
    session.out.say(made["key"])
    session.out.say(f"OpenAI clients: base_url={made['gateway']}/v1")
    session.out.say(f"Anthropic clients: base_url={made['gateway']}")


@grant.command()
@remote
def seconded(session: Remote) -> None:
    """List the grants that need you as a second person.

    Example: firstlight grant seconded
    """
    found = session.client.get("seconded-grants").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("GRANT", "REVIEW", "MODEL", "PURPOSE", "UNTIL"),
        [shown(row, "grant", "number", "model", "purpose", "until") for row in found["items"]],
        empty="No grant needs you.",
    )


@grant.command()
@remote
@_GRANT
@click.option("--minutes", type=click.IntRange(1, 240), default=30, show_default=True)
def present(session: Remote, grant: str, minutes: int) -> None:
    """Be present as a second person for some minutes from now.

    Example: firstlight grant present grt_01kb6v0c5p2m8q4r7s9t1w3x5y --minutes 60
    """
    found = session.client.post("grants", grant, "presence", body={"minutes": minutes}).json()
    if session.out.as_json:
        session.out.json(found)
    session.out.say(f"You are present until {found['until']}.")


@grant.command()
@remote
@_GRANT
def leave(session: Remote, grant: str) -> None:
    """End your presence; what needs you there is cut within a second.

    Example: firstlight grant leave grt_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.post("grants", grant, "presence", "end").json()
    if session.out.as_json:
        session.out.json(found)
    session.out.say(f"{found['sessions']} sessions ended.")


def _second(found: dict[str, Any]) -> str:
    if not found["second_needed"]:
        return ""
    return "present" if found["present"] else "needed, and not there"


def _counted(session: Remote, reply: Any, what: str) -> None:  # noqa: ANN401  # a reply
    found = reply.json()
    if session.out.as_json:
        session.out.json(found)
    session.out.say(f"{found['grants']} grants: {what}.")
