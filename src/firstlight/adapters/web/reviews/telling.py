"""A report's JSON as labelled facts, for a page and for a printed file. Nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from firstlight.adapters.web.names import Known
from firstlight.adapters.web.wording import PLAIN
from firstlight.core.kernel.canonical import Json

_LABELS: Mapping[str, str] = {
    "anchor": "Days lie before",
    "appeals_answered_count": "Appeals that were answered",
    "days_of_access": "Days of access for offices",
    "days_of_access_limit": "of at most",
    "days_to_answer": "Days until each answer",
    "launched": "Launched to",
    "launched_before_window_ended": "Launched before the window ended",
    "legal_hold": "Legal hold",
    "meets": "How it meets the criteria",
    "observations_answered_count": "Observations with a response",
    "out_of_purpose": "Uses named as out of purpose",
    "questions_answered_count": "Questions that were answered",
    "suspensions": "Halts",
    "suspensions_count": "Number of halts",
    "terms_changed_headings_count": "Headings of the terms that the developer changed",
    "terms_standard": "Standard terms, version",
    "two_person": "Two people needed",
    "undo": "What can and cannot be undone",
    "withdrawn_because": "Withdrawn because",
}
_COUNT = "_count"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of a report, or one with parts below it."""

    label: str
    text: str = ""
    parts: Sequence[Sequence[Fact]] = ()
    """what hangs below it: for each thing its facts"""


def tell(report: Mapping[str, Json], names: Mapping[str, Known]) -> list[Fact]:
    """Short facts first, in the report's order, then those with parts."""
    facts = [_fact(_label(name), value, names) for name, value in report.items()]
    return [each for each in facts if not each.parts] + [each for each in facts if each.parts]


def labels_in(value: Json) -> list[str]:
    """Every text of a report that could be an identifier."""
    if isinstance(value, Mapping):
        return [found for each in value.values() for found in labels_in(each)]
    if isinstance(value, list | tuple):
        return [found for each in value for found in labels_in(each)]
    return [value] if isinstance(value, str) else []


def artefacts_in(report: Mapping[str, Json]) -> dict[str, Known]:
    """The artefacts that a report lists, by identifier."""
    listed = report.get("artefacts")
    found = (
        [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    )
    return {str(each["artefact"]): Known(words=str(each["name"])) for each in found}


def _fact(label: str, value: Json, names: Mapping[str, Known]) -> Fact:
    if isinstance(value, Mapping):
        if all(isinstance(each, int) for each in value.values()):
            return Fact(label=label, text=_tally(value))
        return Fact(label=label, parts=[tell(value, names)])
    if isinstance(value, list | tuple):
        things = [each for each in value if isinstance(each, Mapping)]
        if things:
            return Fact(label=label, parts=[tell(each, names) for each in things])
        told = [_text(each, names) for each in value]
        between = " " if all(each.endswith(".") for each in told) else ", "
        return Fact(label=label, text=between.join(told) or "none")
    return Fact(label=label, text=_text(value, names))


def _label(name: str) -> str:
    if name in _LABELS:
        return _LABELS[name]
    words = name.removesuffix(_COUNT).replace("_", " ").replace("-", " ")
    return f"Number of {words}" if name.endswith(_COUNT) else words.capitalize()


def _tally(counts: Mapping[str, Json]) -> str:
    told = (f"{count} {name.replace('-', ' ')}" for name, count in counts.items())
    return ", ".join(told) or "none"


def _text(value: Json, names: Mapping[str, Known]) -> str:
    if value is None:
        return "not yet, or not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if known := names.get(text):
        return known.words
    if _MOMENT.fullmatch(text):
        utc = datetime.fromisoformat(text)
        return f"{utc.day} {utc:%B %Y, %H:%M:%S} UTC"
    return PLAIN.get(text, text) or "none"
