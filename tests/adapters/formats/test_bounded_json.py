from __future__ import annotations

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.adapters.formats import bounded_json
from firstlight.adapters.formats.bounded_json import (
    BadNumber,
    JsonLimits,
    LoneSurrogate,
    MalformedJson,
    TooManyElements,
    decode,
)
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import (
    BadEncoding,
    DuplicateKey,
    FirstlightError,
    TooDeep,
    TooLarge,
)

numbers = st.integers(-(2**64) + 1, 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text()
values: st.SearchStrategy[Json] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_what_json_dumps_writes_is_accepted_and_equal(value: Json, ascii_only: bool) -> None:  # noqa: FBT001  # Hypothesis passes it by position
    """Every bound is above what is sane, and nothing is changed on the way."""
    assert value == decode(json.dumps(value, ensure_ascii=ascii_only).encode())


@given(values, st.text(), values, values, st.lists(st.sampled_from("ao"), max_size=8))
def test_a_duplicate_key_is_refused_wherever_it_is(
    before: Json, key: str, first: Json, second: Json, way: list[str]
) -> None:
    """No depth, and no neighbour, hides a second meaning."""
    name = json.dumps(key)
    text = f"{{{name}:{json.dumps(first)},{name}:{json.dumps(second)}}}"
    for step in way:
        text = (
            f"[{json.dumps(before)},{text}]"
            if step == "a"
            else f'{{"before":{json.dumps(before)},"here":{text}}}'
        )
    with pytest.raises(DuplicateKey) as caught:
        decode(text.encode())
    expected = "$" + "".join("[1]" if step == "a" else ".here" for step in reversed(way))
    assert str(caught.value.details["path"]).startswith(expected)


def test_an_escaped_spelling_of_a_key_is_the_same_key() -> None:
    """The keys are compared as text, not as they are spelled."""
    with pytest.raises(DuplicateKey):
        decode(rb'{"a": 1, "\u0061": 2}')


WRONG_IN_ONE_WAY = {
    "byte_order_mark": (b"\xef\xbb\xbf{}", BadEncoding),
    "utf_16_with_mark": ('{"a": 1}'.encode("utf-16"), BadEncoding),
    "utf_16_without_mark": ('{"a": 1}'.encode("utf-16-le"), BadEncoding),
    "utf_32": ('{"a": 1}'.encode("utf-32-be"), BadEncoding),
    "latin_1": ('{"a": "é"}'.encode("latin-1"), BadEncoding),
    "overlong_utf_8": (b'"\xc0\x80"', BadEncoding),
    "surrogate_in_utf_8": (b'"\xed\xa0\x80"', BadEncoding),
    "lone_high_surrogate": (rb'"\ud800"', LoneSurrogate),
    "lone_low_surrogate": (rb'"\ude00"', LoneSurrogate),
    "surrogates_in_the_wrong_order": (rb'"\ude00\ud83d"', LoneSurrogate),
    "high_surrogate_then_text": (rb'"\ud83d x \ude00"', LoneSurrogate),
    "nan": (b"[NaN]", BadNumber),
    "infinity": (b'{"a": -Infinity}', BadNumber),
    "number_that_overflows": (b"[1e400]", BadNumber),
    "integer_of_65_bits": (b"[36893488147419103232]", BadNumber),
    "integer_of_10000_digits": (b"[" + b"9" * 10_000 + b"]", BadNumber),
    "real_of_10000_digits": (b"[1." + b"9" * 10_000 + b"]", BadNumber),
    "nothing": (b"", MalformedJson),
    "cut_short": (b'{"a": ', MalformedJson),
    "trailing_comma": (b"[1,]", MalformedJson),
    "comment": (b"[1] // one", MalformedJson),
    "two_documents": (b"{} {}", MalformedJson),
    "single_quotes": (b"{'a': 1}", MalformedJson),
    "control_character_in_a_string": (b'"\x1b[31m"', MalformedJson),
    "not_json_at_all": (b"<html></html>", MalformedJson),
    "unclosed_string": (b'"' + b'\\"' * 1000, MalformedJson),
    "deeply_nested": (b"[" * 97 + b"]" * 97, TooDeep),
    "nested_without_end": (b"[" * 1_000_000, TooDeep),
    "objects_without_end": (b'{"a":' * 1_000_000, TooDeep),
    "too_many_elements": (b"[" + b"1," * 500_000 + b"1]", TooManyElements),
    "too_large": (b'"' + b"x" * (16 << 20) + b'"', TooLarge),
}


@pytest.mark.parametrize("name", WRONG_IN_ONE_WAY)
def test_one_fault_gives_its_own_error(name: str) -> None:
    """Each fault is told apart, with its code, and in well under a second."""
    document, expected = WRONG_IN_ONE_WAY[name]
    started = time.perf_counter()
    with pytest.raises(FirstlightError) as caught:
        decode(document)
    assert expected is type(caught.value)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (b'{"a": [{"b": 1}, {"b": 1, "c": 2, "b": 3}]}', "$.a[1].b"),
        (b'{"x": {"y,]}": 1}, "z": [0, 1e999]}', "$.z[1]"),
        (b'[{"k": "\\"{"}, {"k": [[NaN]]}]', "$[1].k[0][0]"),
    ],
)
def test_the_error_names_the_place(document: bytes, path: str) -> None:
    """A person finds the fault without counting brackets."""
    with pytest.raises((DuplicateKey, BadNumber)) as caught:
        decode(document)
    assert path == caught.value.details["path"]


@given(st.integers(1, 90), st.sampled_from(["[", "{"]), st.text('[]{}\\",', max_size=30))
def test_depth_is_counted_outside_strings_only(depth: int, bracket: str, inside: str) -> None:
    """Brackets, quotes and backslashes within a string do not count, however they are escaped."""
    text = json.dumps(inside)
    for _ in range(depth):
        text = f"[{text}]" if bracket == "[" else f'{{"k":{text}}}'
    document = text.encode()
    assert decode(document, JsonLimits(depth=depth)) is not None
    with pytest.raises(TooDeep):
        decode(document, JsonLimits(depth=depth - 1))


def test_escaped_backslashes_do_not_make_a_surrogate() -> None:
    r"""The text \\ud800 is a backslash and letters."""
    assert decode(rb'["\\ud800", "\ud83d\ude00"]') == ["\\ud800", "😀"]


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_an_error_of_ours(document: bytes) -> None:
    """Nothing else ever escapes."""
    with suppress(FirstlightError):
        decode(document)


def test_the_limits_are_written_down() -> None:
    """A change of a limit is a decision, not an accident."""
    assert (
        bounded_json.DEFAULT.size,
        bounded_json.DEFAULT.depth,
        bounded_json.DEFAULT.elements,
    ) == (16 << 20, 96, 500_000)
