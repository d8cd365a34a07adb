"""Where the bars of the chart of uses stand: requests and tokens, by person and purpose.

Across, lengths are percentages, so that the drawing fits every width; down, they are `rem`, so that
it grows with the reader's letters. A table beside it says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from firstlight.adapters.web.templatetags.firstlight import words
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.using import Tally

_ROW = 3.6
"""rem for each row: one line of words and two bars"""
_WORDS = 1.1
_REQUESTS = 1.6
_TOKENS = 2.3
_BAR = 0.5
_LEAST = 0.6
"""percent: a bar that stands for something can be seen"""
MOST_ROWS = 30


@dataclass(frozen=True, kw_only=True)
class Row:
    """One person and purpose."""

    name: str
    purpose: str
    tally: Tally
    words_y: str
    requests_y: str
    requests_width: str
    tokens_y: str
    tokens_width: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The whole drawing."""

    height: str
    bar: str
    rows: Sequence[Row]
    words: str
    """what a person hears instead of seeing it"""


def draw(tallies: Sequence[Tally], names: Mapping[PersonId, str]) -> Chart:
    """The chart of at most thirty rows; each kind of bar has its own scale, up to the longest."""
    shown = tallies[:MOST_ROWS]
    requests = max((one.requests for one in shown), default=1) or 1
    tokens = max((one.tokens for one in shown), default=1) or 1
    rows = [
        Row(
            name=names.get(one.person, "somebody"),
            purpose=words(one.purpose),
            tally=one,
            words_y=_rem(place * _ROW + _WORDS),
            requests_y=_rem(place * _ROW + _REQUESTS),
            requests_width=_share(one.requests, requests),
            tokens_y=_rem(place * _ROW + _TOKENS),
            tokens_width=_share(one.tokens, tokens),
        )
        for place, one in enumerate(shown)
    ]
    said = "; ".join(
        f"{row.name}, {row.purpose}: {row.tally.requests} requests, {row.tally.tokens} tokens"
        for row in rows
    )
    return Chart(height=_rem(len(rows) * _ROW), bar=_rem(_BAR), rows=rows, words=said)


def _share(amount: int, most: int) -> str:
    return f"{max(_LEAST, 100 * amount / most):.2f}%" if amount else "0%"


def _rem(amount: float) -> str:
    return f"{amount:.2f}rem"
