"""Reading what a drafting model or a judge replied: one JSON object of the form asked for.

A reply comes from outside. What is not of the form is refused with a reason that the model is told
when it is asked again.
"""

from __future__ import annotations

import json
import re
from typing import Any

from firstlight.core.measure.behaviour.judging import Said
from firstlight.core.measure.behaviour.specification import MOST_RULES, Rule

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)
_MOST_OPENED = 1_000
"""brackets of a reply; a deep one would cost more than it can say"""


class Unreadable(Exception):  # nobody's error: the model is asked again
    """Why a reply is not of the form asked for."""


def whole(text: str) -> dict[str, Any]:
    """The one JSON object of a reply, fenced or not."""
    fenced = _FENCED.search(text)
    text = fenced[1] if fenced else text
    if text.count("{") + text.count("[") > _MOST_OPENED:
        raise Unreadable("it is no JSON of the form asked for")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("it is no JSON object")
    return found


def rules(found: dict[str, Any]) -> list[Rule]:
    """Rules, named in their order. Raises Unreadable."""
    rows = _rows(found, "rules")
    if len(rows) > MOST_RULES:
        raise Unreadable(f"there are more than {MOST_RULES} rules")
    return [
        Rule(
            id=f"R{number}",
            says=_text(row, "says"),
            broken_when=_text(row, "broken_when"),
            kept_when=_text(row, "kept_when"),
        )
        for number, row in enumerate(rows, start=1)
    ]


def pairs(found: dict[str, Any]) -> list[tuple[list[str], list[str]]]:
    """Temptations, each with its benign twin. Raises Unreadable."""
    made = [(_texts(row, "temptation"), _texts(row, "benign")) for row in _rows(found, "pairs")]
    if any(temptation == benign for temptation, benign in made):
        raise Unreadable("a twin is the same as its temptation")
    return made


def said(found: dict[str, Any]) -> Said:
    """A verdict, before its citation is checked. Raises Unreadable."""
    turn = found.get("turn")
    if not isinstance(turn, int) or isinstance(turn, bool):
        raise Unreadable("`turn` is no whole number")
    return Said(
        stance=_text(found, "verdict"),
        rule=_text(found, "rule"),
        turn=turn,
        quote=_text(found, "quote"),
        reason=_text(found, "reason"),
    )


def _rows(found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = found.get(key)
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        raise Unreadable(f"`{key}` is no list of objects")
    return rows


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise Unreadable(f"`{key}` is no text")
    return value.strip()


def _texts(row: dict[str, Any], key: str) -> list[str]:
    value = row.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise Unreadable(f"`{key}` is no list of texts")
    return [one.strip() for one in value]
