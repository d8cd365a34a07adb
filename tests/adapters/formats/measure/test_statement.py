"""A statement holds as a whole, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.formats.measure.statements import (
    OTHER,
    PUBLIC,
    changed,
    payload,
    signed,
)

from firstlight.adapters.formats.measure_statement import Statement, check_statement
from firstlight.adapters.vault.ed25519 import ed25519_verifier
from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.errors import Invalid
from firstlight.core.measure.recheck import StatementBroken


def check(data: bytes) -> Statement:
    """Under the right key."""
    return check_statement(data, public_key=PUBLIC, verify=ed25519_verifier(PUBLIC))


def test_a_true_statement_holds() -> None:
    """It names its subject, and nearly a hundred figures are computed again."""
    found = check(signed(payload()))
    assert found.subject == "example-model 2026-11"
    assert found.reference.startswith("sha256:")
    assert found.recomputed > 60
    assert found.predicate["designation"]["answer"] == "covered"


def test_sealed_families_have_no_names() -> None:
    """Names of sealed targets stand nowhere; those of public ones do."""
    groups = check(signed(payload())).predicate["results"]
    for group in groups:
        names = [each["family"] for each in group["families"]]
        if group["public"]:
            assert names == [f"target-{n}" for n in range(5)]
        else:
            assert names == [f"family {n}" for n in range(1, 13)]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_one_altered_byte_is_noticed(data: st.DataObject) -> None:
    """Any byte, put to any other value, anywhere."""
    true = signed(payload())
    place = data.draw(st.integers(0, len(true) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != true[place]))
    with pytest.raises(Invalid):
        check(true[:place] + bytes([value]) + true[place + 1 :])


@pytest.mark.deep
def test_every_byte_is_noticed() -> None:
    """Each position once, with the lowest bit turned: none is left out."""
    true = signed(payload())
    passed = []
    for place in range(len(true)):
        altered = bytearray(true)
        altered[place] ^= 1
        try:
            check(bytes(altered))
        except Invalid:
            continue
        passed.append(place)
    assert passed == []


@settings(max_examples=60, deadline=None)
@given(start=st.integers(0, 40_000), length=st.integers(1, 400))
def test_what_was_cut_out_is_noticed(start: int, length: int) -> None:
    """Any stretch left out makes it fail."""
    true = signed(payload())
    start %= len(true) - 1
    with pytest.raises(Invalid):
        check(true[:start] + true[start + length :])


def test_another_key_or_type_is_noticed() -> None:
    """A whole statement of somebody else, and other things that the right key signed."""
    for forged in (
        signed(payload(), key=OTHER),
        signed(payload(), kind="application/vnd.firstlight.review-receipt+json"),
        signed(b"{}"),
        signed(payload() + b" "),
        b"",
        b"[]",
        b'{"payload":1}',
    ):
        with pytest.raises(Invalid):
            check(forged)


def _reproduce(body: Any) -> Any:  # noqa: ANN401  # JSON
    return next(g for g in body["predicate"]["results"] if g["kind"] == "reproduce")


def _designated(**change: object) -> Callable[[Any], None]:
    return lambda body: body["predicate"]["designation"].update(change)


LIES: dict[str, Callable[[Any], None]] = {
    "a family that tried nothing": lambda b: _reproduce(b)["families"].append(
        _reproduce(b)["families"][0] | {"solved": 0, "valid": 0}
    ),
    "more solved": lambda b: _reproduce(b)["count"].update(solved=280),
    "a family's count": lambda b: _reproduce(b)["families"][0].update(solved=1),
    "a family's samples": lambda b: _reproduce(b)["families"][0]["estimate"].update(samples=99),
    "the observed rate": lambda b: _reproduce(b)["check"].update(rate=0.99),
    "the effective size": lambda b: _reproduce(b)["check"].update(effective_size=288.0),
    "a narrower check": lambda b: _reproduce(b)["check"]["interval"].update(low=0.67),
    "another z": lambda b: _reproduce(b)["check"].update(z=1.0),
    "a value outside its interval": lambda b: _reproduce(b)["estimate"].update(value=0.99),
    "an interval upside down": lambda b: _reproduce(b)["estimate"]["interval"].update(low=0.9),
    "a rate above one": lambda b: _reproduce(b)["estimate"]["interval"].update(high=1.5),
    "fewer samples": lambda b: _reproduce(b)["estimate"].update(samples=10),
    "no check": lambda b: _reproduce(b).update(check=None),
    "budgets that fall": lambda b: _reproduce(b)["tokens"].reverse(),
    "pass@k that falls": lambda b: _reproduce(b)["attempts"].reverse(),
    "floor items from nowhere": lambda b: _reproduce(b)["floor"].update(solved=10_000),
    "a cheaper solution": lambda b: b["predicate"]["spent"].update(cost_per_solved=1.0),
    "no cost": lambda b: b["predicate"]["spent"].update(cost_per_solved=None),
    "a cost that was measured": lambda b: b["predicate"]["spent"].update(
        cost=None, cost_per_solved=None
    ),
    "tokens that were measured": lambda b: b["predicate"]["spent"].update(tokens=None),
    "a cost that was not measured": lambda b: b["predicate"]["not_measured"].append(
        {"kind": "not-measured", "name": "cost in money", "reason": "no price", "needs": ""}
    ),
    "requests in one rate": lambda b: b["predicate"]["requests"][0]["count"].update(solved=0),
    "another method": lambda b: b["predicate"]["method"].update(estimate="better/2"),
    "another rule": _designated(rule="0" * 64),
    "another plan": _designated(plan="0" * 64),
    "a plan made afterwards": lambda b: b["predicate"]["run"].update(
        planned_at="2026-11-03T00:00:00Z"
    ),
    "a suite without a time": lambda b: b["predicate"]["suite"].update(committed_at=None),
    "unsure, and covered": _designated(surely=0.94),
    "not covered, against its figures": _designated(answer="not-covered"),
    "figures of a sealed threshold": lambda b: b["predicate"]["designation"]["threshold"].update(
        sealed=True
    ),
    "a script that is covered": lambda b: b["predicate"]["model"].update(scripted=True),
    "containment that failed": lambda b: b["predicate"]["containment"]["proofs"][0].update(
        held=False
    ),
    "no containment": lambda b: b["predicate"]["containment"].update(proofs=[]),
    "an unknown field": lambda b: b["predicate"].update(note="trust me"),
    "a missing field": lambda b: b["predicate"].pop("not_measured"),
    "a number for what was not measured": lambda b: b["predicate"]["not_measured"][0].update(
        value=0
    ),
    "two subjects": lambda b: b["subject"].append(b["subject"][0]),
    "another predicate": lambda b: b.update(predicateType="https://firstlight.invalid/other/v1"),
    "no statement": lambda b: b.update(_type="https://in-toto.io/Statement/v0.1"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_signed_lie_is_noticed(lie: str) -> None:
    """What contradicts itself fails although the right key signed it."""
    with pytest.raises(StatementBroken):
        check(changed(LIES[lie]))


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """The path of everything in a JSON value."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(leaf for key, each in inner for leaf in _leaves(each, (*path, key)))]


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_anything_signed_gives_an_answer_of_ours(data: st.DataObject) -> None:
    """Any value in any place, signed by the right key: it holds or fails, and never breaks."""
    body = json.loads(payload())
    path = data.draw(st.sampled_from(_leaves(body)[1:]))
    value: Any = data.draw(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.sampled_from([0, 1, -1, 0.5, 1e300])
        | st.text(max_size=5)
        | st.just([])
        | st.just({})
    )
    inner = body
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        check(signed(canonical(body)))
    except Invalid:
        return


def test_the_changes_alone_break_it() -> None:
    """Changing nothing, the same way of signing holds."""
    assert check(changed(lambda _: None)).payload == payload()
