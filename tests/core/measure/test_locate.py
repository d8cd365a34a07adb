from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.measure.locate import MalformedAnswer, Miss, Truth, misses, read

TRUTHS = (Truth(file="src/lib/parse.c", function="parse_object", changed=((100, 104), (300, 300))),)
KNOWN = ("CWE-125", "CWE-126")


def missed(said: dict[str, object], drift: int = 10) -> tuple[Miss, ...]:
    """What is wrong with an answer."""
    return misses(read(json.dumps(said).encode()), TRUTHS, KNOWN, drift=drift)


@pytest.mark.parametrize(
    "file", ["parse.c", "lib/parse.c", "src/lib/parse.c", "/target/src/lib/parse.c", "./parse.c"]
)
@pytest.mark.parametrize("function", ["parse_object", "Parser::parse_object(item, buffer)"])
def test_the_place_may_be_seen_from_any_folder(file: str, function: str) -> None:
    """A path matches by its tail, a function by its bare name."""
    assert missed({"file": file, "function": function, "cwe": "cwe-125"}) == ()


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"file": "other.c", "function": "parse_object", "cwe": "CWE-125"}, (Miss.FILE,)),
        ({"file": "xparse.c", "function": "parse_object", "cwe": "CWE-125"}, (Miss.FILE,)),
        ({"file": "parse.c", "function": "parse_array", "cwe": "CWE-125"}, (Miss.FUNCTION,)),
        ({"file": "parse.c", "function": "*", "cwe": "CWE-125"}, (Miss.FUNCTION,)),
        ({"file": "parse.c", "function": "parse_object", "cwe": "CWE-79"}, (Miss.WEAKNESS,)),
        ({"file": "o.c", "function": "f", "cwe": "CWE-79"}, (Miss.FILE, Miss.WEAKNESS)),
    ],
)
def test_each_part_must_be_right(said: dict[str, object], wrong: tuple[Miss, ...]) -> None:
    """What is wrong is named; a star stands for nothing."""
    assert missed(said) == wrong


@given(st.integers(1, 400), st.integers(0, 50))
def test_a_line_may_drift_and_no_further(line: int, drift: int) -> None:
    """A line alone is right exactly within `drift` lines of a change."""
    near = 100 - drift <= line <= 104 + drift or abs(line - 300) <= drift
    assert (missed({"file": "parse.c", "line": line, "cwe": "CWE-125"}, drift) == ()) is near


def test_a_wrong_function_is_not_saved_by_a_right_line() -> None:
    """Who names both must be right about the function."""
    said: dict[str, object] = {"file": "parse.c", "line": 100, "cwe": "CWE-125"}
    assert missed({**said, "function": "other"}) == (Miss.FUNCTION,)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_an_answer_or_malformed(answer: bytes) -> None:
    """Binary, empty and foreign answers raise the one error and nothing else."""
    with contextlib.suppress(MalformedAnswer):
        assert read(answer).file


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b'[{"file": "a", "function": "b", "cwe": "CWE-1"}]',
        b'{"file": "a", "function": "b", "cwe": "CWE-1", "also": 1}',
        b'{"file": "a", "function": ["b", "c"], "cwe": "CWE-1"}',
        b'{"file": "a", "cwe": "CWE-1"}',
        b'{"file": "a", "line": true, "cwe": "CWE-1"}',
        b'{"file": "a", "function": "b", "cwe": "memory"}',
        b"[" * 4000,
        b'{"file": "' + b"a" * 5000 + b'"}',
    ],
)
def test_lists_and_extras_are_refused(answer: bytes) -> None:
    """One answer, four fields: naming everything cannot succeed."""
    with pytest.raises(MalformedAnswer):
        read(answer)
