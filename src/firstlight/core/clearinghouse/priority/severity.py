"""CVSS vectors: parsed and scored by the `cvss` library, with its errors translated.

The base score is the one to publish; the full score also weighs the threat (temporal) and
environmental metrics that the vector carries. Specifications: FIRST, CVSS 2.0, 3.0, 3.1 and 4.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cvss import (
    CVSS2,
    CVSS3,
    CVSS4,
)
from cvss.exceptions import CVSSError

from firstlight.core.kernel.errors import Invalid

MAX_VECTOR = 512
"""characters; the longest vector of any version with every metric needs about 200"""

_TEMPORAL = {"E", "RL", "RC"}
_BASE_2_3 = {"AV", "AC", "Au", "PR", "UI", "S", "C", "I", "A"}
_BASE_4 = {"AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"}
_NOT_DEFINED = {"X", "ND"}


class InvalidVector(Invalid):
    """This is not a CVSS vector."""

    code = "priority.invalid_cvss"
    next_step = "Send a whole vector of CVSS 2.0, 3.0, 3.1 or 4.0; see first.org/cvss."


class CvssVersion(StrEnum):
    """Versions of CVSS that are read."""

    V2_0 = "2.0"
    """withdrawn by most; still in old records"""
    V3_0 = "3.0"
    """replaced by 3.1; still in old records"""
    V3_1 = "3.1"
    """the one most records carry"""
    V4_0 = "4.0"
    """the present one"""


class Rating(StrEnum):
    """The qualitative scale of the specifications, the least severe first."""

    NONE = "none"
    """0.0; CVSS 2.0 has no such rating and calls it low"""
    LOW = "low"
    """0.1 to 3.9"""
    MEDIUM = "medium"
    """4.0 to 6.9"""
    HIGH = "high"
    """7.0 to 8.9; in CVSS 2.0 up to 10.0"""
    CRITICAL = "critical"
    """9.0 to 10.0; not in CVSS 2.0"""


@dataclass(frozen=True, kw_only=True)
class CvssScore:
    """A vector and what it amounts to."""

    vector: str
    """as it was given"""
    version: CvssVersion
    base_score: Decimal
    """of the base metrics alone, 0.0 to 10.0"""
    base_rating: Rating
    score: Decimal
    """of all metrics that the vector defines; equal to the base score when it has no others"""
    rating: Rating


def parse_cvss(vector: str) -> CvssScore:
    """Parse and score a vector; version 2.0 has no prefix, the others name theirs.

    Raises:
        InvalidVector: not a vector of these versions; the details hold the beginning of it.
    """
    if len(vector) > MAX_VECTOR:
        raise _invalid(vector, f"it is longer than {MAX_VECTOR} characters")
    try:
        if vector.startswith("CVSS:4"):
            return _version_4(vector)
        return _version_2_or_3(vector)
    except CVSSError as error:
        raise _invalid(vector, str(error)) from None


def _invalid(vector: str, why: str) -> InvalidVector:
    shown = vector[:80]
    return InvalidVector(f"{shown!r} is not a CVSS vector: {why[:200]}", field="cvss", value=shown)


def _defined(vector: str) -> set[str]:
    """Abbreviations of the metrics to which the vector gives a value, the prefix included."""
    pairs = (part.partition(":") for part in vector.split("/"))
    return {metric for metric, _, value in pairs if value not in _NOT_DEFINED}


def _level(vector: str) -> int:
    """Which of base, temporal and environmental score (0, 1, 2) weighs all that is defined."""
    optional = _defined(vector) - _BASE_2_3 - {"CVSS"}
    if optional - _TEMPORAL:
        return 2
    return 1 if optional else 0


def _version_2_or_3(vector: str) -> CvssScore:
    if vector.startswith("CVSS:3"):
        parsed, version = CVSS3(vector), CvssVersion(vector[len("CVSS:") : len("CVSS:3.x")])
    else:
        parsed, version = CVSS2(vector), CvssVersion.V2_0
    scores, ratings, level = parsed.scores(), parsed.severities(), _level(vector)
    return CvssScore(
        vector=vector,
        version=version,
        base_score=_decimal(scores[0]),
        base_rating=_rating(ratings[0]),
        score=_decimal(scores[level]),
        rating=_rating(ratings[level]),
    )


def _version_4(vector: str) -> CvssScore:
    """CVSS 4.0 has one score; that of the base metrics comes from a vector of those alone."""
    parsed = CVSS4(vector)
    base_parts = [part for part in vector.split("/") if part.partition(":")[0] in _BASE_4]
    base = CVSS4("/".join(["CVSS:4.0", *base_parts]))
    return CvssScore(
        vector=vector,
        version=CvssVersion.V4_0,
        base_score=_decimal(base.base_score),
        base_rating=_rating(base.severity),
        score=_decimal(parsed.base_score),
        rating=_rating(parsed.severity),
    )


def _decimal(score: float) -> Decimal:
    return Decimal(str(score)).quantize(Decimal("0.1"))


def _rating(name: str) -> Rating:
    return Rating(name.lower())
