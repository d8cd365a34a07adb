from __future__ import annotations

import gzip
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.formats.epss import MAX_ROWS, MalformedEpss, parse_epss
from firstlight.core.clearinghouse.priority.sources import EpssScored
from firstlight.core.kernel.errors import BadEncoding, Invalid, TooLarge

COMMENT = "#model_version:v2025.03.14,score_date:2025-08-25T12:55:00Z"
COLUMNS = "cve,epss,percentile"
ROW = "CVE-2014-0160,0.94464,0.99996"


def file(*lines: str) -> bytes:
    """The bytes of a file of scores."""
    return "\n".join([*lines, ""]).encode()


def test_a_day_of_scores_is_read() -> None:
    """Model, day, probability and percentile come out as they were published."""
    scores = parse_epss(file(COMMENT, COLUMNS, ROW, "CVE-1999-0001,0.01141,0.77556"))
    assert scores.status(["CVE-2014-0160"]) == EpssScored(
        cve="CVE-2014-0160",
        probability=0.94464,
        percentile=0.99996,
        model="v2025.03.14",
        as_of=date(2025, 8, 25),
    )
    assert len(scores.scores) == 2


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(file(COMMENT, COLUMNS, ROW), mtime=0),
        file(COMMENT, COLUMNS, ROW).replace(b"\n", b"\r\n"),
        file(COMMENT, COLUMNS, ROW)[:-1],
        file("#model_version:v2025.03.14,score_date:2025-08-25T12:55:00+0000", COLUMNS, ROW),
    ],
    ids=["packed", "Windows line ends", "no last line end", "older form of the date"],
)
def test_the_same_scores_in_other_clothes(data: bytes) -> None:
    """How the file is packed or ended changes nothing."""
    assert parse_epss(data) == parse_epss(file(COMMENT, COLUMNS, ROW))


@given(
    st.dictionaries(
        st.integers(1000, 10**19 - 1).map(lambda number: f"CVE-2024-{number}"),
        st.tuples(st.integers(0, 10**5), st.integers(0, 10**5)),
        min_size=1,
    )
)
def test_what_was_written_is_read(shares: dict[str, tuple[int, int]]) -> None:
    """Every share of five places, 0 and 1 included, is read back."""
    rows = [f"{cve},{p / 10**5:.5f},{q / 10**5:.5f}" for cve, (p, q) in shares.items()]
    scores = parse_epss(file(COMMENT, COLUMNS, *rows)).scores
    assert scores == {cve: (p / 10**5, q / 10**5) for cve, (p, q) in shares.items()}


@pytest.mark.parametrize("share", ["0", "1", "0.0", "1.0", "1.00000", "9e-05", "9.5e-05"])
def test_forms_of_a_share_that_are_published(share: str) -> None:
    """Small shares come in scientific notation."""
    scores = parse_epss(file(COMMENT, COLUMNS, f"CVE-2014-0160,{share},{share}"))
    assert scores.scores["CVE-2014-0160"] == (float(share), float(share))


@pytest.mark.parametrize(
    "share",
    ["", "-0.1", "1.1", "1.00001", "2", "nan", "inf", " 0.5", "0_5", ".5", "0,5", "9e05", "9e-0"],
)
def test_what_is_no_share_is_refused(share: str) -> None:
    """Nothing outside 0 to 1 and nothing that merely converts is taken for a probability."""
    with pytest.raises(MalformedEpss) as caught:
        parse_epss(file(COMMENT, COLUMNS, ROW, f"CVE-2014-0161,{share},0.5"))
    assert caught.value.details["line"] == 4


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (file(COLUMNS, ROW), 1),
        (file("#model_version:v2025.03.14", COLUMNS, ROW), 1),
        (file(COMMENT.removesuffix("Z"), COLUMNS, ROW), 1),
        (file(COMMENT, ROW), 2),
        (file(COMMENT, "cve,percentile,epss", ROW), 2),
        (file(COMMENT, COLUMNS), 3),
        (file(COMMENT, COLUMNS, ROW, ""), 4),
        (file(COMMENT, COLUMNS, ROW, "CVE-2014-0161,0.5"), 4),
        (file(COMMENT, COLUMNS, ROW, "cve-2014-0161,0.5,0.5"), 4),
        (file(COMMENT, COLUMNS, ROW, ROW), 4),
        (file(COMMENT, COLUMNS, ROW, "CVE-2014-01"), 4),
        (file(COMMENT, COLUMNS, ROW, "CVE-2014-0161,0.5,0.5,0.5"), 4),
    ],
    ids=[
        "empty",
        "no comment",
        "no date",
        "date without zone",
        "no columns",
        "columns swapped",
        "no scores",
        "an empty line",
        "a cell missing",
        "lower case",
        "scored twice",
        "cut off",
        "a cell too many",
    ],
)
def test_a_wrong_file_is_refused_with_its_line(data: bytes, line: int) -> None:
    """One wrong line refuses the whole file and names itself."""
    with pytest.raises(MalformedEpss) as caught:
        parse_epss(data)
    assert caught.value.details["line"] == line


def test_the_error_shows_escapes_harmlessly_and_briefly() -> None:
    """A terminal escape in a line comes back quoted, a long line comes back short."""
    with pytest.raises(MalformedEpss) as caught:
        parse_epss(file(COMMENT, COLUMNS, "\x1b[2J" + "x" * 10_000))
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 200


def test_what_is_not_ascii_is_refused() -> None:
    """The format has no use for other characters; digits of other scripts stay out."""
    with pytest.raises(BadEncoding) as caught:
        parse_epss(file(COMMENT, COLUMNS, "CVE-2014-0160,\u0660.5,0.5"))
    assert caught.value.details["offset"] == len(file(COMMENT, COLUMNS)) + len("CVE-2014-0160,")


def test_too_many_rows_are_refused_before_they_are_read() -> None:
    """A file of line ends is refused by their number."""
    with pytest.raises(TooLarge):
        parse_epss(b"\n" * (MAX_ROWS + 3))


@given(st.binary(max_size=300))
def test_any_rest_of_a_file_is_read_or_refused(rest: bytes) -> None:
    """Bytes after a good beginning raise only `Invalid`; what is read keeps its beginning."""
    with suppress(Invalid):
        scores = parse_epss(file(COMMENT, COLUMNS, ROW) + rest).scores
        assert scores["CVE-2014-0160"] == (0.94464, 0.99996)
