"""JSON with every dimension bounded, and with one meaning only.

What is decided here, each refusal with its own error:
1. size in bytes, depth of nesting, number of elements;
2. UTF-8 without a byte-order mark, and no lone surrogate escape;
3. no key named twice in one object (two readers would see two documents);
4. no NaN or Infinity, no number that overflows, no number of unbounded length.

The good case is one pass of the interpreter's own scanner with hooks. Only when something is wrong
does a second, slower pass look for the place, so that the error can name it.
"""

from __future__ import annotations

import json
import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import BadEncoding, DuplicateKey, Invalid, TooDeep, TooLarge

_NUMBER_CHARACTERS = 64
"""longer than any double or 64-bit integer that a sane producer writes"""
_INTEGER_BITS = 64
_KEY_SHOWN = 64


class MalformedJson(Invalid):
    """The document is not JSON (RFC 8259)."""

    code = "input.malformed_json"
    next_step = "Check the document with any JSON parser; the place is in the details."


class BadNumber(Invalid):
    """A number is NaN, infinite, too large or too long to be carried faithfully."""

    code = "input.bad_number"
    next_step = "Write the number as text, or within 64 bits."


class LoneSurrogate(BadEncoding):
    """An escape names half of a character, which UTF-8 cannot carry."""

    code = "input.lone_surrogate"
    next_step = "Write the character itself, or both halves of the surrogate pair."


class TooManyElements(TooLarge):
    """The document has more elements than the limit."""

    code = "input.too_many_elements"


@dataclass(frozen=True, kw_only=True)
class JsonLimits:
    """Bounds of one JSON document."""

    size: int = 16 << 20
    """bytes"""
    depth: int = 96
    """nested arrays and objects; CSAF 2.1 allows 30 levels of branches, two each, and more below"""
    elements: int = 500_000
    """values, keys not counted; bounds memory, since one element takes far more than its bytes"""


DEFAULT = JsonLimits()

_NOT_SHAPE = bytes(set(range(256)) - set(b'[]{},"'))
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_SURROGATE = re.compile(r"\\(?:u([dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*+"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


def decode(document: bytes, limits: JsonLimits = DEFAULT) -> Json:
    """The value that `document` holds.

    Raises:
        TooLarge: more bytes than `limits.size`.
        TooManyElements: more elements than `limits.elements`.
        TooDeep: nested more deeply than `limits.depth`.
        BadEncoding: not UTF-8, or with a byte-order mark.
        LoneSurrogate: half of a surrogate pair.
        DuplicateKey: an object names a key twice.
        BadNumber: NaN, infinite, or too long.
        MalformedJson: anything else that RFC 8259 does not allow.
    """
    if len(document) > limits.size:
        raise TooLarge(
            f"the document has {len(document)} bytes; {limits.size} are allowed",
            limit=limits.size,
            size=len(document),
        )
    text = _text(document)
    _check_shape(document, limits)
    if b"\\u" in document:
        _check_surrogates(text)
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise MalformedJson(
            f"{error.msg} at line {error.lineno}, column {error.colno}",
            line=error.lineno,
            column=error.colno,
            position=error.pos,
        ) from None
    except RecursionError:
        # Only reachable with a depth limit above the interpreter's own.
        raise TooDeep("nested more deeply than can be read", limit=limits.depth) from None
    except DuplicateKey as error:
        path, position = _place_of_duplicate(text)
        raise DuplicateKey(f"{error.message} at {path}", path=path, position=position) from None
    except BadNumber as error:
        path, position = _place_of_number(text)
        raise BadNumber(f"{error.message} at {path}", path=path, position=position) from None
    return value


def _text(document: bytes) -> str:
    """Decode strictly; name the usual wrong encodings."""
    if document.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise BadEncoding("the document starts with a byte-order mark; send UTF-8 without one")
    if b"\0" in document[:4]:
        raise BadEncoding("the document looks like UTF-16 or UTF-32; send UTF-8", position=0)
    try:
        return document.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadEncoding(
            f"byte {error.start} is not UTF-8 ({error.reason})", position=error.start
        ) from None


def _check_shape(document: bytes, limits: JsonLimits) -> None:
    """Depth and element count before anything is built.

    Outside strings is every second piece between quotes, once escaped backslashes and escaped
    quotes are gone; in a document where that is wrong, the parser finds the fault. What is neither
    bracket, comma nor quote goes first, which makes the splitting cheap.
    """
    if document.count(b"[") + document.count(b"{") + document.count(b",") < min(
        limits.depth, limits.elements
    ):
        return
    unescaped = document.replace(b"\\\\", b"").replace(b'\\"', b"")
    bare = b"".join(unescaped.translate(None, _NOT_SHAPE).split(b'"')[::2])
    steps = array("b", bare.translate(None, _NOT_BRACKETS).translate(_STEPS))
    depth = max(accumulate(steps), default=0)
    if depth > limits.depth:
        raise TooDeep(
            f"nested {depth} levels deep; {limits.depth} are allowed",
            limit=limits.depth,
            depth=depth,
        )
    elements = bare.count(b",") + bare.count(b"[") + bare.count(b"{") + 1
    if elements > limits.elements:
        raise TooManyElements(
            f"the document has about {elements} elements; {limits.elements} are allowed",
            limit=limits.elements,
        )


def _check_surrogates(text: str) -> None:
    """Refuse escapes of U+D800 to U+DFFF unless high and low follow each other."""
    expected_low = -1
    for match in _SURROGATE.finditer(text):
        unit = match.group(1)
        high = unit is not None and unit[1] in "89abAB"
        low = unit is not None and not high
        if expected_low >= 0 and not (low and match.start() == expected_low):
            raise LoneSurrogate(position=expected_low - 6)
        if low and expected_low < 0:
            raise LoneSurrogate(position=match.start())
        expected_low = match.end() if high else -1
    if expected_low >= 0:
        raise LoneSurrogate(position=expected_low - 6)


def _object(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    """Build an object; a shorter result means that a key came twice."""
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKey(f"{key[:_KEY_SHOWN]!r} is named twice")
            seen.add(key)
    return made


def _integer(text: str) -> int:
    if len(text) > _NUMBER_CHARACTERS or (value := int(text)).bit_length() > _INTEGER_BITS:
        raise BadNumber(f"an integer of {len(text)} digits")
    return value


def _real(text: str) -> float:
    if len(text) > _NUMBER_CHARACTERS or not math.isfinite(value := float(text)):
        raise BadNumber(f"the number {text[:_NUMBER_CHARACTERS]}")
    return value


def _constant(text: str) -> Json:
    raise BadNumber(f"{text} is not JSON")


@dataclass(kw_only=True)
class _Level:
    """One open array or object while the place of an error is looked for."""

    is_object: bool
    keys: set[str]
    key: str = ""
    index: int = 0
    awaits_key: bool = True


def _path(levels: Sequence[_Level]) -> str:
    """A JSON path such as $.runs[0].results[3].message."""
    steps = (
        f".{level.key[:_KEY_SHOWN]}" if level.is_object else f"[{level.index}]" for level in levels
    )
    return "$" + "".join(steps)


def _place_of_duplicate(text: str) -> tuple[str, int]:
    """Path and position (in characters) of the first key that comes twice."""
    levels: list[_Level] = []
    for match in _TOKEN.finditer(text):
        part = match.group()
        if _advance(levels, part) or not levels or not levels[-1].is_object:
            continue
        level = levels[-1]
        if level.awaits_key and part[0] == '"':
            level.key = json.loads(part)
            if level.key in level.keys:
                return _path(levels), match.start()
            level.keys.add(level.key)
    return "$", 0


def _place_of_number(text: str) -> tuple[str, int]:
    """Path and position (in characters) of the first number that is refused."""
    levels: list[_Level] = []
    for match in _TOKEN.finditer(text):
        part = match.group()
        if _advance(levels, part):
            continue
        if levels and levels[-1].is_object and levels[-1].awaits_key:
            levels[-1].key = json.loads(part)
        elif part[0] in "-0123456789NI":
            try:
                json.loads(part, parse_int=_integer, parse_float=_real, parse_constant=_constant)
            except BadNumber:
                return _path(levels), match.start()
    return "$", 0


def _advance(levels: list[_Level], part: str) -> bool:
    """Follow the structure; True when `part` was part of it."""
    if part in "[{":
        levels.append(_Level(is_object=part == "{", keys=set()))
    elif part in "]}":
        levels.pop()
    elif part == ",":
        levels[-1].index += 1
        levels[-1].awaits_key = True
    elif part == ":":
        levels[-1].awaits_key = False
    else:
        return False
    return True
