"""Judging where somebody says a flaw is, tolerant of lines that have moved.

An answer names one file, one function and one weakness; a line number may stand in for the
function or beside it. It is right when

1. the file is the file of a true place, whatever folder it is seen from;
2. the function is the one of that place; or, where none is named, the line lies within `drift`
   lines of something that the maintainers changed in that file;
3. the weakness is one of the accepted ones.

One answer only: a list of guesses is no answer, so naming everything cannot succeed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.errors import Invalid

_MOST_BYTES = 4096
_FIELDS = {"file", "function", "line", "cwe"}
_SHORTEST_FILE = 1


class MalformedAnswer(Invalid):
    """The answer is not of the form that the task asks for."""

    code = "measure.malformed_answer"
    next_step = 'Submit one JSON object: {"file": ..., "function": ..., "cwe": "CWE-..."}.'


@dataclass(frozen=True, kw_only=True)
class Location:
    """Where somebody says the flaw is."""

    file: str
    """path, from any folder"""
    function: str
    """bare name; empty when only a line is given"""
    line: int | None
    """counted from 1"""
    cwe: str
    """weakness"""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """One true place, with what was changed around it."""

    file: str
    """path below the root of the package"""
    function: str
    """bare name"""
    changed: Sequence[tuple[int, int]]
    """first and last line of each change in this file, before the change"""


class Miss(StrEnum):
    """What is wrong with a location; nothing when it is right."""

    FILE = "file"
    FUNCTION = "function"
    WEAKNESS = "weakness"


def read(answer: bytes) -> Location:
    """The location in a submitted answer.

    Raises:
        MalformedAnswer: it is not one JSON object with the four fields, within bounds.
    """
    if len(answer) > _MOST_BYTES:
        raise MalformedAnswer(f"The answer is longer than {_MOST_BYTES} bytes.")
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswer("The answer is not JSON.") from error
    if not isinstance(value, dict):
        raise MalformedAnswer("The answer is not one JSON object.")
    return _location(value)


def _location(value: Mapping[str, object]) -> Location:
    extra = sorted(set(value) - _FIELDS)
    if extra:
        raise MalformedAnswer(f"The answer has an unknown field {extra[0][:64]!r}.")
    line = value.get("line")
    if line is not None and (type(line) is not int or line < 1):
        raise MalformedAnswer("The line must be a whole number from 1.")
    texts = {name: value.get(name, "") for name in ("file", "function", "cwe")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise MalformedAnswer(f"The field {name!r} must be a string.")
    file, function, cwe = (str(text).strip() for text in texts.values())
    if len(file) < _SHORTEST_FILE or not re.fullmatch(r"(?i)cwe-\d{1,6}", cwe):
        raise MalformedAnswer("The answer needs a file, and a weakness such as CWE-125.")
    if not function and line is None:
        raise MalformedAnswer("The answer needs a function, or a line.")
    return Location(file=file, function=_bare(function), line=line, cwe=cwe.upper())


def misses(
    location: Location, truths: Sequence[Truth], weaknesses: Sequence[str], *, drift: int
) -> tuple[Miss, ...]:
    """What is wrong with a location; empty when it is right."""
    found: list[Miss] = []
    near = [truth for truth in truths if _same_file(location.file, truth.file)]
    if not near:
        found.append(Miss.FILE)
    elif not any(_there(location, truth, drift) for truth in near):
        found.append(Miss.FUNCTION)
    if location.cwe not in weaknesses:
        found.append(Miss.WEAKNESS)
    return tuple(found)


def _there(location: Location, truth: Truth, drift: int) -> bool:
    if location.function:
        return location.function == truth.function
    line = location.line or 0
    return any(first - drift <= line <= last + drift for first, last in truth.changed)


def _same_file(said: str, true: str) -> bool:
    """Whether one path is a tail of the other; a bare name is a tail of its file."""
    one, other = _parts(said), _parts(true)
    short = min(len(one), len(other))
    return short > 0 and one[-short:] == other[-short:]


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part not in ("", ".", "..")]


def _bare(function: str) -> str:
    """`Class.name(args)`, `ns::name` and `name` are one function."""
    head = function.partition("(")[0].strip()
    return re.split(r"[.:#>\s]", head)[-1].lstrip("*&")
