"""`firstlight tool`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

import click

from firstlight.adapters.cli.options import LIMIT, Remote, remote
from firstlight.adapters.cli.output import Output, shown
from firstlight.core.kernel.errors import Invalid
from firstlight.core.review.criteria import Sector
from firstlight.core.review.tools.asking import RequestState
from firstlight.core.review.tools.eligibility import AskerKind, Defence

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_KINDS = click.Choice([each.value for each in AskerKind])
_PURPOSES = click.Choice([each.value for each in Defence])
_OFFER = click.argument("offer", metavar="OFFER")
_REQUEST = click.argument("request", metavar="REQUEST")
_REASON = click.option("--reason", required=True, help="The other side reads it.")
_PURPOSE = click.option("--purpose", "purposes", type=_PURPOSES, multiple=True, required=True)


@click.group()
def tool() -> None:
    """Offer, ask for and use defensive tools (2(c)(iii) of the order).

    OFFER is an identifier (ofr_...), REQUEST likewise (req_...).
    """


@tool.command("list")
@remote
@LIMIT
def list_offers(session: Remote, limit: int) -> None:
    """List what is offered: by whom, for whom, and within which time it is answered.

    Example: firstlight tool list
    """
    found = session.pages("tools", limit=limit)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("OFFER", "KIND", "BY", "ANSWERED IN", "FOR", "TITLE"),
        [
            [
                *shown(row, "id", "kind", "offered_by_name"),
                f"{row['answer_days']} days",
                ", ".join(row["askers"]),
                row["title"],
            ]
            for row in found["items"]
        ],
        empty="Nothing is offered yet.",
    )


@tool.command("show")
@remote
@_OFFER
def show_offer(session: Remote, offer: str) -> None:
    """Show an offer, and what an asker must be.

    Example: firstlight tool show ofr_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("tools", offer).json()
    versions = session.client.get("tool-eligibility").json()["versions"]
    items = next(one["items"] for one in versions if one["version"] == found["eligibility"])
    if session.out.as_json:
        session.out.json(found | {"eligibility_items": items})
        return
    session.out.facts(
        {
            "Offer": found["id"],
            "Title": found["title"],
            "By": found["offered_by_name"],
            "State": found["state"],
            "Because": found["withdrawn_because"],
            "For": ", ".join(found["askers"]),
            "Purposes": ", ".join(found["purposes"]),
            "Answered in": f"{found['answer_days']} days",
            "Lasts at most": f"{found['grant_days']} days",
            "How to get it": found["delivery"],
        }
    )
    session.out.text(f"\n{found['text']}\n")
    session.out.table(("ITEM", "WHAT AN ASKER MUST BE"), list(items.items()), empty="")


@tool.command()
@remote
def waiting(session: Remote) -> None:
    """See how long askers wait for an answer, by what they are.

    Example: firstlight tool waiting
    """
    found = session.client.get("tool-answer-times").json()
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("KIND", "ANSWERED", "WAITING", "LATE", "MEDIAN DAYS", "LONGEST DAYS"),
        [
            [
                *shown(row, "kind", "answered", "waiting", "late"),
                _days(row["middle_seconds"]),
                _days(row["longest_seconds"]),
            ]
            for row in found["items"]
        ],
        empty="",
    )


@tool.command()
@remote
@click.option("--title", required=True)
@click.option("--text", required=True, help="What it is and does.")
@click.option("--for", "askers", type=_KINDS, multiple=True, required=True, help="Repeatable.")
@_PURPOSE
@click.option("--answer-days", type=click.IntRange(1, 30), required=True, help="Your promise.")
@click.option("--grant-days", type=click.IntRange(1, 365), required=True)
@click.option("--delivery", default="", help="How to get a tool; told at each recorded use.")
@click.option("--engagement", help="Of a model: eng_...")
@click.option("--artefact", help="Of a model: its endpoint, art_...")
@click.option("--most-requests", type=click.IntRange(0), help="Of a model: budget of a grant.")
@click.option("--most-tokens", type=click.IntRange(0), help="Likewise.")
def offer(
    session: Remote,
    *,
    askers: Sequence[str],
    purposes: Sequence[str],
    engagement: str | None,
    artefact: str | None,
    most_requests: int | None,
    most_tokens: int | None,
    **given: object,
) -> None:
    """Offer a tool, or the endpoint of your model; all but `--delivery` is public at once.

    Example: firstlight tool offer --title "A scanner" --text "Finds known flaws"
    --for rural-hospital --purpose find-flaws --answer-days 5 --grant-days 90
    --delivery https://tools.example.gov/scanner
    """
    if (engagement is None) != (artefact is None):
        raise Invalid("a model needs --engagement and --artefact", field="artefact")
    body = given | {"askers": list(askers), "purposes": list(purposes)}
    body["kind"] = "model" if artefact else "tool"
    if artefact:
        budget = {"requests": most_requests, "tokens": most_tokens}
        body["endpoint"] = {"engagement": engagement, "artefact": artefact, "budget": budget}
    made = session.client.post("tools", body=body).json()
    _said(session.out, made, f"{made['id']}: offered. Requests: firstlight tool requests")


@tool.command("withdraw")
@remote
@_OFFER
@_REASON
def withdraw_offer(session: Remote, offer: str, reason: str) -> None:
    """Take an offer back: what waits is refused, what stands ends. It cannot be undone.

    Example: firstlight tool withdraw ofr_01kb6v0c5p2m8q4r7s9t1w3x5y --reason "it is replaced"
    """
    done = session.client.post("tools", offer, "withdrawal", body={"reason": reason}).json()
    _said(session.out, done, f"{done['id']}: {done['state']}")


@tool.command()
@remote
@_OFFER
@click.option("--kind", type=_KINDS, required=True, help="What your organisation is.")
@click.option("--sector", type=click.Choice([each.value for each in Sector]), required=True)
@click.option("--system", "systems", multiple=True, required=True, help="That you answer for.")
@_PURPOSE
@click.option("--text", required=True, help="Why.")
@click.option(
    "--meets", multiple=True, metavar="ITEM=WORDS", help="How you meet an item; see `tool show`."
)
def ask(
    session: Remote,
    offer: str,
    *,
    systems: Sequence[str],
    purposes: Sequence[str],
    meets: Sequence[str],
    **given: object,
) -> None:
    """Ask for an offer, in person and for systems that you answer for.

    Example: firstlight tool ask ofr_01kb6v0c5p2m8q4r7s9t1w3x5y --kind rural-hospital
    --sector healthcare-and-public-health --system "patient records" --purpose find-flaws
    --text "We have nobody for this" --meets "answers-for=We run them"
    """
    said = {}
    for each in meets:
        name, mark, words = each.partition("=")
        if not mark:
            raise Invalid(f"{each[:60]!r} is not ITEM=WORDS", field="meets")
        said[name.strip()] = words
    body = given | {"systems": list(systems), "purposes": list(purposes), "meets": said}
    made = session.client.post("tools", offer, "requests", body=body).json()
    _said(session.out, made, f"{made['id']}: asked. You are answered by {made['answer_by']}")


@tool.command()
@remote
@LIMIT
@click.option("--state", type=click.Choice([each.value for each in RequestState]))
def requests(session: Remote, limit: int, state: str | None) -> None:
    """List the requests of your organisation, or to it, and by when they are answered.

    Example: firstlight tool requests --state asked
    """
    found = session.pages("tool-requests", limit=limit, state=state)
    if session.out.as_json:
        session.out.json(found)
        return
    session.out.table(
        ("REQUEST", "STATE", "ANSWER BY", "LATE", "KIND", "ASKER", "TITLE"),
        [
            [
                *shown(row, "id", "state", "due"),
                "late" if row["late"] else "",
                *shown(row, "kind", "organisation_name", "title"),
            ]
            for row in found["items"]
        ],
        empty="No requests.",
    )


@tool.command()
@remote
@_REQUEST
def request(session: Remote, request: str) -> None:
    """Show a request: where it stands, by when it is answered, and what was used.

    Example: firstlight tool request req_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    found = session.client.get("tool-requests", request).json()
    uses = session.pages("tool-requests", request, "uses", limit=50)["items"]
    if session.out.as_json:
        session.out.json(found | {"uses": uses})
        return
    grant = found["grant"] or {}
    session.out.facts(
        {
            "Request": found["id"],
            "For": f"{found['title']} ({found['offer']})",
            "Asker": f"{found['organisation_name']}, {found['kind']}",
            "Offered by": found["offered_by_name"],
            "Systems": "; ".join(found["systems"]),
            "Purposes": ", ".join(found["purposes"]),
            "State": found["state"] + (" (late)" if found["late"] else ""),
            "Answer by": found["due"],
            "Grant": " ".join(str(grant[one]) for one in ("state", "ends") if grant),
            "Ended because": grant.get("ended_because"),
            "You may": ", ".join(found["moves"]),
        }
    )
    session.out.text(f"\n{found['text']}\n")
    session.out.table(
        ("AT", "ANSWER", "REASON"),
        [shown(one, "at", "move", "reason") for one in found["answers"]],
        empty="Not answered yet.",
    )
    session.out.table(
        ("USED AT", "PURPOSE", "SYSTEM", "NOTE"),
        [shown(one, "at", "purpose", "system", "note") for one in uses],
        empty="Not used yet.",
    )


@tool.command()
@remote
@_REQUEST
@click.option(
    "--move",
    type=click.Choice(("grant", "refuse", "uphold", "grant-appeal")),
    required=True,
    help="`uphold` and `grant-appeal` answer an appeal.",
)
@click.option("--reason", default="", help="Needed for all but a first grant.")
@click.option("--until", type=_DAY, metavar="DAY", help="End of a grant (UTC); else the longest.")
def answer(session: Remote, request: str, move: str, reason: str, until: datetime | None) -> None:
    """Answer a request, or an appeal.

    Example: firstlight tool answer req_01kb6v0c5p2m8q4r7s9t1w3x5y --move grant
    """
    body: dict[str, Any] = {"move": move, "reason": reason}
    if until is not None:
        body["until"] = datetime.combine(until.date(), time(), UTC).isoformat()
    _moved(session, request, "answers", body)


@tool.command()
@remote
@_REQUEST
@click.option("--text", required=True, help="Why the refusal should be looked at again.")
def appeal(session: Remote, request: str, text: str) -> None:
    """Appeal against a refusal; it is answered within the same promised days.

    Example: firstlight tool appeal req_01kb6v0c5p2m8q4r7s9t1w3x5y --text "It is one server"
    """
    _moved(session, request, "appeals", {"text": text})


@tool.command("take-back")
@remote
@_REQUEST
def take_back(session: Remote, request: str) -> None:
    """Take a request back while it waits.

    Example: firstlight tool take-back req_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _moved(session, request, "withdrawal", None)


@tool.command()
@remote
@_REQUEST
@click.option("--accept", metavar="DIGEST", help="Accept the terms of this digest, in person.")
def terms(session: Remote, request: str, accept: str | None) -> None:
    """Show the terms of a granted model, or accept them.

    Example: firstlight tool terms req_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    if accept:
        body = {"digest": accept}
        found = session.client.post("tool-requests", request, "acceptance", body=body).json()
    else:
        found = session.client.get("tool-requests", request, "terms").json()
    if session.out.as_json:
        session.out.json(found)
        return
    if not accept:
        for heading, text in found["texts"].items():
            session.out.text(f"{heading}\n{text}\n")
    session.out.facts(
        {
            "Version": found["number"],
            "Digest": found["digest"],
            "Out of purpose": ", ".join(found["excluded"]),
            "Accepted": "yes" if found["accepted"] else "no",
            "Grant": found["grant"],
            "Models": ", ".join(found["models"]),
        }
    )


@tool.command()
@remote
@_REQUEST
@click.option("--purpose", type=_PURPOSES, required=True)
@click.option("--system", required=True, help="One that your grant names.")
@click.option("--note", default="", help="What for, this time.")
def use(session: Remote, request: str, **given: str) -> None:
    """Write a use down, and be told how to get the tool.

    Example: firstlight tool use req_01kb6v0c5p2m8q4r7s9t1w3x5y --purpose find-flaws
    --system "patient records"
    """
    made = session.client.post("tool-requests", request, "uses", body=given).json()
    if session.out.as_json:
        session.out.json(made)
        return
    session.out.say(f"{made['use']['id']}: written down, {made['use']['at']}")
    session.out.text(made["delivery"])


@tool.command()
@remote
@_REQUEST
@_REASON
def revoke(session: Remote, request: str, reason: str) -> None:
    """End a grant that you gave, at once.

    Example: firstlight tool revoke req_01kb6v0c5p2m8q4r7s9t1w3x5y --reason "the key leaked"
    """
    _moved(session, request, "revocation", {"reason": reason})


@tool.command("return")
@remote
@_REQUEST
def give_back(session: Remote, request: str) -> None:
    """Give your grant back when you need it no longer.

    Example: firstlight tool return req_01kb6v0c5p2m8q4r7s9t1w3x5y
    """
    _moved(session, request, "return", None)


def _moved(session: Remote, request: str, step: str, body: object) -> None:
    done = session.client.post("tool-requests", request, step, body=body).json()
    _said(session.out, done, f"{done['id']}: {done['state']}")


def _said(out: Output, made: object, sentence: str) -> None:
    if out.as_json:
        out.json(made)
    out.say(sentence)


def _days(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 86_400:.1f}"
