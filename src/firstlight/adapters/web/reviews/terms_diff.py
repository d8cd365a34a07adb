"""What a developer changed of the standard terms, line by line, for people to read.

Made from the two texts, not by reading a diff back: no line that somebody wrote can pass for one
of the diff's own.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from firstlight.core.review.terms import Heading, StandardTerms, Terms

_CONTROL = 3
"""lines that a unified diff of one piece begins with"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line."""

    kind: str
    """add, del or same"""
    text: str


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A heading with all its lines."""

    name: str
    lines: Sequence[Line]


def changed(terms: Terms, standard: StandardTerms) -> list[Changed]:
    """Headings whose text is not the standard one; uses that are not named as out of purpose."""
    pairs = [
        (heading.value, standard.texts[heading].splitlines(), terms.texts[heading].splitlines())
        for heading in Heading
    ]
    named = [[use.value for use in excluded] for excluded in (standard.excluded, terms.excluded)]
    pairs.append(("out-of-purpose", named[0], named[1]))
    return [Changed(name=name, lines=_lines(old, new)) for name, old, new in pairs if old != new]


def _lines(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    whole = len(old) + len(new)
    told = list(difflib.unified_diff(old, new, lineterm="", n=whole))[_CONTROL:]
    kinds = {"+": "add", "-": "del"}
    return [Line(kind=kinds.get(line[:1], "same"), text=line[1:]) for line in told]
