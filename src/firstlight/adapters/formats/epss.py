"""EPSS scores (FIRST): the daily CSV file, plain or gzip, to an `EpssScores`.

The first line is a comment with the version of the model and the date of the scores, the second
names the columns `cve,epss,percentile`. A file without the comment (before 2022) is refused: its
scores could not be dated. A file is read whole or refused whole.
"""

from __future__ import annotations

import re
from types import MappingProxyType

from firstlight.adapters.formats._gzip import unpack
from firstlight.core.clearinghouse.priority.sources import EpssScores
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import BadEncoding, Invalid, TooLarge

MAX_BYTES = 64 << 20
"""of the unpacked file; the real one had about 10 MB in 2025"""
MAX_ROWS = 1_000_000
"""the real one had about 300,000 in 2025"""

_SHOWN = 64
_HEAD = re.compile(r"#\s*model_version:(?P<model>[^,\s]{1,64}),\s*score_date:(?P<date>\S{1,40})")
_COLUMNS = "cve,epss,percentile"
_SHARE = r"(?:0(?:\.[0-9]{1,17})?|1(?:\.0{1,17})?|[1-9](?:\.[0-9]{1,17})?[eE]-0?[1-9][0-9]?)"
"""a number from 0 to 1; the smallest are published as 9e-05"""
_ROW = re.compile(rf"(CVE-[0-9]{{4}}-[0-9]{{4,19}}),({_SHARE}),({_SHARE})")


class MalformedEpss(Invalid):
    """This is not a file of EPSS scores as FIRST publishes it."""

    code = "epss.malformed"
    next_step = "Get the day's CSV file of EPSS scores again; `line` says where it fails."


def parse_epss(data: bytes) -> EpssScores:
    """Read a day's scores.

    Raises:
        MalformedEpss: a line is wrong; the details hold its number and its beginning.
        TooLarge: larger than `MAX_BYTES` or `MAX_ROWS`.
        BadEncoding: not ASCII, which is all that the format uses.
    """
    unpacked = unpack(data, limit=MAX_BYTES, source="the EPSS file")
    if unpacked.count(b"\n") > MAX_ROWS + 2:
        raise TooLarge("the EPSS file has too many rows", limit=MAX_ROWS)
    try:
        text = unpacked.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadEncoding(
            f"byte {error.start} of the EPSS file is not ASCII", offset=error.start
        ) from None
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    head = _HEAD.fullmatch(lines[0])
    if head is None:
        raise _malformed(1, lines, "#model_version:...,score_date:... is expected")
    if lines[1:2] != [_COLUMNS]:
        raise _malformed(2, lines, f"{_COLUMNS} is expected")
    try:
        scored = Instant.parse(head["date"])
    except Invalid as error:
        raise _malformed(1, lines, error.message) from None
    return EpssScores(model=head["model"], scored=scored, scores=MappingProxyType(_scores(lines)))


def _scores(lines: list[str]) -> dict[str, tuple[float, float]]:
    scores: dict[str, tuple[float, float]] = {}
    for place in range(2, len(lines)):
        row = _ROW.fullmatch(lines[place])
        if row is None:
            raise _malformed(place + 1, lines, "a CVE identifier and two shares are expected")
        cve, probability, percentile = row.groups()
        if cve in scores:
            raise _malformed(place + 1, lines, "the identifier is scored twice")
        scores[cve] = (float(probability), float(percentile))
    if not scores:
        raise _malformed(3, lines, "at least one score is expected")
    return scores


def _malformed(number: int, lines: list[str], why: str) -> MalformedEpss:
    shown = repr(lines[number - 1][:_SHOWN]) if number <= len(lines) else "the end of the file"
    return MalformedEpss(f"line {number}: {shown}: {why}", line=number, value=shown)
