from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from cvss import CVSS2, CVSS3, CVSS4
from cvss.constants2 import METRICS_VALUES as VALUES_2
from cvss.constants3 import METRICS_VALUES as VALUES_3
from cvss.constants4 import (
    METRICS_VALUE_NAMES as VALUES_4,
)
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.clearinghouse.priority.severity import (
    MAX_VECTOR,
    CvssVersion,
    InvalidVector,
    Rating,
    parse_cvss,
)

BASE = {
    "": ("AV", "AC", "Au", "C", "I", "A"),
    "CVSS:3.0/": ("AV", "AC", "PR", "UI", "S", "C", "I", "A"),
    "CVSS:3.1/": ("AV", "AC", "PR", "UI", "S", "C", "I", "A"),
    "CVSS:4.0/": ("AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"),
}
VALUES = {"": VALUES_2, "CVSS:3.0/": VALUES_3, "CVSS:3.1/": VALUES_3, "CVSS:4.0/": VALUES_4}
HIGH_3_1 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"


@st.composite
def vectors(draw: st.DrawFn) -> str:
    """A vector of any version with all base metrics and any of the others, in any order."""
    prefix = draw(st.sampled_from(sorted(BASE)))
    values = {metric: sorted(values) for metric, values in VALUES[prefix].items()}
    optional = [metric for metric in sorted(values) if metric not in BASE[prefix]]
    chosen = [*BASE[prefix], *draw(st.lists(st.sampled_from(optional), unique=True))]
    parts = [f"{m}:{draw(st.sampled_from(values[m]))}" for m in draw(st.permutations(chosen))]
    return prefix + "/".join(parts)


@pytest.mark.parametrize(
    ("vector", "version", "score", "rating"),
    [
        ("AV:N/AC:L/Au:N/C:P/I:N/A:N", CvssVersion.V2_0, "5.0", Rating.MEDIUM),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", CvssVersion.V3_0, "10.0", Rating.CRITICAL),
        (HIGH_3_1, CvssVersion.V3_1, "7.5", Rating.HIGH),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N", CvssVersion.V3_1, "0.0", Rating.NONE),
        (
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            CvssVersion.V4_0,
            "9.3",
            Rating.CRITICAL,
        ),
    ],
)
def test_scores_of_each_version(
    vector: str, version: CvssVersion, score: str, rating: Rating
) -> None:
    """Known vectors have the scores that FIRST's calculators give."""
    parsed = parse_cvss(vector)
    assert (parsed.version, parsed.base_score, parsed.base_rating) == (
        version,
        Decimal(score),
        rating,
    )
    assert (parsed.score, parsed.rating) == (parsed.base_score, parsed.base_rating)


@pytest.mark.parametrize(
    ("vector", "base", "full"),
    [
        (f"{HIGH_3_1}/E:U", "7.5", "6.9"),
        (f"{HIGH_3_1}/CR:L", "7.5", "5.7"),
        (f"{HIGH_3_1}/E:X/CR:X", "7.5", "7.5"),
        ("AV:N/AC:L/Au:N/C:P/I:N/A:N/E:U", "5.0", "4.3"),
        ("AV:N/AC:L/Au:N/C:P/I:N/A:N/TD:N", "5.0", "0.0"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", "9.3", "8.1"),
    ],
)
def test_the_base_score_stands_apart_from_the_full_one(vector: str, base: str, full: str) -> None:
    """Threat and environment move the full score and leave the base score alone."""
    parsed = parse_cvss(vector)
    assert (parsed.base_score, parsed.score) == (Decimal(base), Decimal(full))


@given(vectors())
def test_every_well_formed_vector_is_scored(vector: str) -> None:
    """Any combination of metrics of any version has scores from 0 to 10, given back as written."""
    parsed = parse_cvss(vector)
    assert parsed.vector == vector
    assert Decimal(0) <= parsed.base_score <= Decimal(10)
    assert Decimal(0) <= parsed.score <= Decimal(10)


@given(vectors())
def test_the_library_is_the_judge(vector: str) -> None:
    """The full score is one that the library computes for the whole vector, never our own."""
    whole = {"CVSS:4": CVSS4, "CVSS:3": CVSS3}.get(vector[:6], CVSS2)(vector)
    assert float(parse_cvss(vector).score) in whole.scores()


@pytest.mark.parametrize(
    "vector",
    [
        "",
        "CVSS:3.1",
        "CVSS:3.1/",
        "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
        "CVSS:4.1/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N",
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:Q",
        f"{HIGH_3_1}/A:N",
        f"{HIGH_3_1}/",
        f" {HIGH_3_1}",
        HIGH_3_1.lower(),
        "7.5",
    ],
    ids=[
        "empty",
        "prefix without slash",
        "prefix alone",
        "version 3.2",
        "version 4.1",
        "a metric missing",
        "a value unknown",
        "a metric twice",
        "a slash at the end",
        "a space before",
        "lower case",
        "a bare score",
    ],
)
def test_what_is_no_vector_is_refused_with_its_value(vector: str) -> None:
    """The error names the offending value."""
    with pytest.raises(InvalidVector) as caught:
        parse_cvss(vector)
    assert caught.value.details["value"] == vector
    assert caught.value.code == "priority.invalid_cvss"


def test_a_long_vector_is_refused_without_being_parsed_or_repeated() -> None:
    """Megabytes in the field come back as 80 characters."""
    with pytest.raises(InvalidVector, match="longer than") as caught:
        parse_cvss("A" * (MAX_VECTOR + 1))
    assert len(str(caught.value.details["value"])) == 80


@given(st.text(max_size=MAX_VECTOR) | st.text("CVS:3.14/AVNCLPRUIHSX", max_size=MAX_VECTOR))
def test_any_text_is_scored_or_refused(text: str) -> None:
    """No text raises anything but this one error, and what is scored has a score in range."""
    with suppress(InvalidVector):
        assert Decimal(0) <= parse_cvss(text).score <= Decimal(10)
