"""No door can make a gate of a review: no operation, field or message approves or blocks a launch.

Every word that smells of a gate and stands in the description of the API or in the help of the
command line, near a review, is listed here with its sentence. A new one fails until somebody has
read it and found that it decides nothing about a launch (Executive Order 14409, 3(c)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click
import pytest
from tests import databases

from firstlight.adapters.cli.app import root
from firstlight.core.kernel.parties import Role
from firstlight.usecases.access.table import TABLE, Action, Reach

databases.ready()

_SMELLS = re.compile(
    r"approv|permi|licen[cs]|clear|gate|condition|certif|authori[sz]|allow|block|veto|verdict"
    r"|forbid|refus|reject|den[iy]|must|comply|complian|mandat|oblig|await|wait|grade|pending",
    re.IGNORECASE,
)
EXPLAINED = {
    # A partner is refused, never a launch; and criteria say what a partner is.
    "Appeal against a refusal",
    "appealRefusal",
    "Agree to a partner, refuse, answer an appeal, or end it",
    "Newest first, refused and ended ones too.",
    "Proposed, agreed, refused with the reason; newest first. Empty for anyone but a partner.",
    "With every decision, refusal and appeal.",
    "Read what a trusted partner must be",
    "Read what a trusted partner must be.",
    "By the partner or the side that proposed it; the other side looks again and answers.",
    "Refuse a partner, with the reason.",
    "refuse",
    "refused",
    "What a trusted partner must be.",
    "Against a refusal, with its answer.",
    "Why the refusing side should look again.",
    "Ask the side that refused to look again.",
    "Answer an appeal against your side's refusal.",
    "Agree after all, or stay with the refusal.",
    "List the partners of a review, refused and ended ones too.",
    "Trusted partners: proposed by one side, agreed or refused by the other.",
    # The conditions under which a halt of one grant is lifted.
    "conditions",
    "--conditions",
    "Conditions",
    "what must be so for it to be lifted",
    "What must be so for it to be lifted.",
    "By the organisation that halted it; says how the conditions were met.",
    "How the conditions were met.",
    # A second person in a session; an act's own signature.
    "people of whom one must be present at each use",
    "One of these must be present; repeat it.",
    "The developer's own public key; its signature must be there.",
    # Keys of sealed documents, as retention and the developer's legal hold say.
    "Grants end, keys of sealed documents are destroyed as soon as allowed, a receipt is signed.",
    "End a review: grants end, keys are destroyed as soon as allowed, a receipt is signed.",
    # How long developers wait for an answer; a launch waits for nothing.
    "readWaiting",
    "Compare how long developers wait for an answer",
    "Compare how long developers wait for an answer, by their size.",
    "By size of developer; what is not answered yet counts as waiting.",
    "The developer's alone, from every state, at any time. Nobody is asked; nothing waits.",
    "WaitingList",
    "WaitingShown",
    "waiting",
    "How long developers of one size waited for an answer.",
    "asked and not answered yet",
    "Waiting",
    # A sector, and a marking of who may be told.
    "nuclear",
    "TLP:CLEAR",
    "Set how long sealed documents are kept, and whether the law forbids destroying them.",
    "why the law forbids destruction; empty for no hold",
    "types that can carry a reader's mark; others are refused",
    # The service between a reviewer and the developer's endpoint.
    "How a use ended. A use without an outcome is unfinished: the gateway died.",
    "null: running, or the gateway died",
    "ended by the gateway",
}


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401  # decoded JSON
    """Every name and sentence within; names of JSON Schema's own are left out."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield str(name)
            yield from texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from texts(below)
    elif isinstance(value, str):
        yield from value.split("\n\n")


def described() -> Iterator[str]:
    """What the API says of reviews: operations, parameters, and every shape that they use."""
    from firstlight.adapters.api.app import openapi  # noqa: PLC0415  # needs Django

    whole = openapi()
    shapes: dict[str, Any] = whole["components"]["schemas"]
    todo: list[Any] = []
    seen: set[str] = set()
    for path, methods in whole["paths"].items():
        if "/reviews" not in path:
            continue
        for operation in methods.values():
            told = {key: operation[key] for key in ("operationId", "summary", "description")}
            own = [one for one in operation["parameters"] if one["in"] != "header"]
            todo.append([told, own, operation.get("requestBody"), _good(operation)])
    while todo:
        for text in texts(todo.pop()):
            yield text
            name = text.removeprefix("#/components/schemas/")
            if name != text and name not in seen:
                seen.add(name)
                todo.append({name: shapes[name]})


def _good(operation: dict[str, Any]) -> list[Any]:
    return [
        answer.get("content") for code, answer in operation["responses"].items() if code[0] == "2"
    ]


def helped() -> Iterator[str]:
    """What the command line says of reviews: names, sentences, options."""

    def walk(command: click.Command) -> Iterator[str]:
        yield command.name or ""
        text = (command.help or "").partition("Example:")[0]
        yield from (" ".join(part.split()) for part in text.split("\n\n"))
        for parameter in command.params:
            yield from parameter.opts
            yield str(getattr(parameter, "help", None) or "")
        if isinstance(command, click.Group):
            for name in command.commands:
                yield from walk(command.commands[name])

    review = root.get_command(click.Context(root), "review")
    assert review is not None
    yield from walk(review)


@pytest.mark.parametrize("door", [described, helped], ids=["api", "command line"])
def test_every_word_of_a_gate_is_explained(door: Any) -> None:  # noqa: ANN401  # a generator
    """A new one near a review fails here until it is read and listed."""
    unexplained = {
        text
        for text in door()
        if _SMELLS.search(text) and text not in EXPLAINED and not text.startswith("#/")
    }
    assert unexplained == set()


def test_the_walk_sees_words() -> None:
    """The check can fail: it reads shapes as deep as enums, and the explained sentences occur."""
    seen = {*described(), *helped()}
    assert {"grant-appeal", "retention_days", "listed", "--keep-access"} <= seen
    assert [sentence for sentence in EXPLAINED if sentence not in seen] == []


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("launchModel", {"to", "keeps_access"}),
        ("withdrawModel", {"words"}),
        ("closeReview", set()),
        ("writeObservation", {"title", "text"}),
        ("rewordObservation", {"title", "text"}),
    ],
)
def test_these_bodies_have_no_further_field(operation: str, fields: set[str]) -> None:
    """A launch names nothing but itself; advice has words and nothing that could hang on them."""
    from firstlight.adapters.api.app import openapi  # noqa: PLC0415  # needs Django

    whole = openapi()
    found = next(
        one
        for methods in whole["paths"].values()
        for one in methods.values()
        if one["operationId"] == operation
    )
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = body.get("schema", {}).get("$ref", "").rpartition("/")[2]
    shape = whole["components"]["schemas"][name] if name else {"properties": {}}
    assert set(shape["properties"]) == fields
    assert not [one for one in found["parameters"] if one["name"] == "If-Match"]


def test_only_a_developer_passes_the_doors_of_a_launch() -> None:
    """Launch, withdrawal and close stand behind one action, and one role has it."""
    from firstlight.adapters.api.app import api  # noqa: PLC0415  # needs Django
    from firstlight.adapters.api.describe import actions  # noqa: PLC0415  # likewise

    gates = actions(api)
    assert {name for name, gate in gates.items() if gate.action is Action.REVIEW_END} == {
        "launchModel",
        "withdrawModel",
        "closeReview",
    }
    held = {role for role in Role if (row := TABLE[role].get(Action.REVIEW_END)) and row.reach}
    assert held == {Role.DEVELOPER}
    assert TABLE[Role.DEVELOPER][Action.REVIEW_END].reach is Reach.OWN
