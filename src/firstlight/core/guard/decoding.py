"""What an encoding hides: from a view to the views that are written in it.

Read here: HTML entities and tags, percent signs, quoted-printable, backslashes, base64 (both
alphabets, wrapped, at any alignment, behind zlib or gzip), base32, base85, hexadecimal, rows of
decimal or binary numbers, Morse, the spelling alphabet, rotated by 13, backwards; in short texts
letters that are moved by any number, mirrored, or rotated by 47. Each result may
be written in another one; `judge` bounds how often and how much. What is encrypted, or compressed
in another way, cannot be read and is *opaque*.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from firstlight.core.guard.alphabets import MORSE, SPELT
from firstlight.core.guard.reading import TURNS, View

MOST_CIPHERED = 4 << 10
"""characters of a text on which ciphers are tried"""
_SMALL = "abcdefghijklmnopqrstuvwxyz"
MOST_UNPACKED = 64 << 10
"""bytes of one compressed run that are read"""
_LEAST_SHARE = 0.75
"""of printable characters in what counts as text"""
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{10,}={0,2}")
_WRAPPED = re.compile(
    r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{10,}+"
    r"(?:[ \t\r]{0,4}\n[> \t\r\n]{0,8}[A-Za-z0-9+/_-]+)+={0,2}"
)
_BASE32 = re.compile(r"\b[A-Z2-7]{16,}(?:\n[A-Z2-7]+)*={0,6}|\b[a-z2-7]{24,}={0,6}")
_HEX = re.compile(r"(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ \t\n:,;-]{0,2}){6,}")
_DECIMAL = re.compile(r"(?<!\d)(?:\d{2,3}[ ,;\n]{1,2}){5,}\d{2,3}(?!\d)")
_BINARY = re.compile(r"(?<![01])(?:[01]{8}\s?){5,}")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,12});?")
_QUOTED = re.compile(r"=\r?\n|(?:=[0-9A-F]{2})+")
_MARKUP = re.compile(r"<!--.{0,200}?-->|</?[A-Za-z][^<>]{0,80}>", re.DOTALL)
_ASCII85 = re.compile(r"<~[!-u\sz]{8,}~>|[!-~]{20,}")
_MORSE = re.compile(r"(?:[.\-\u2022\u2013]{1,5}[ /|]{1,3}){7,}[.\-\u2022\u2013]{1,5}")
_SPELT = re.compile(r"(?i)(?:\b(?:[a-z]|[a-z]{3,10})\b[\s,.\-]{1,3}){7,}\b[a-z]{1,10}\b")
_ESCAPE = re.compile(
    r"(?:\\u|%u)([0-9A-Fa-f]{4})|\\u\{([0-9A-Fa-f]{1,6})\}|U\+([0-9A-Fa-f]{4,6})(?:\s(?=U\+))?"
    r"|\\x([0-9A-Fa-f]{2})|\\([0-7]{3})"
)
_MARKS = str.maketrans("\u2022\u2013", ".-")
_DIGESTS = {32, 40, 48, 56, 64, 96, 128}
"""lengths of digests in hexadecimal; nothing hides in so little that anybody could read"""
_OPAQUE = re.compile(r"[A-Za-z0-9+_=-]{48,}")
_MIXED = (re.compile(r"[A-Z]"), re.compile(r"[a-z]"), re.compile(r"\d"))


@dataclass(frozen=True)
class Run:
    """Bytes that stood encoded in a text."""

    data: bytes
    start: int
    """where the run begins in the original"""
    end: int
    written: str


def runs(view: View) -> Iterator[Run]:
    """Bytes of every run that can be decoded, text or not."""
    for wide in (_BASE64, _WRAPPED):
        for found in wide.finditer(view.text):
            compact = re.sub(r"[\s>=]+", "", found[0]).replace("-", "+").replace("_", "/")
            for shift in range(4):
                if data := _base64(compact[shift:]):
                    yield _run(view, found, data, "base64")
    for pattern, name, read in _PATTERNS:
        for found in pattern.finditer(view.text):
            for data in read(found[0]):
                yield _run(view, found, data, name)


def unpacked(data: bytes) -> bytes:
    """The bytes behind zlib or gzip, bounded; the bytes themselves when it is neither."""
    if data[:2] not in {b"\x1f\x8b", b"\x78\x9c", b"\x78\xda", b"\x78\x01", b"\x78\x5e"}:
        return data
    try:
        return zlib.decompressobj(wbits=47).decompress(data, MOST_UNPACKED)
    except zlib.error:
        return data


def text_of(data: bytes) -> str:
    """Bytes as text, when they are that; empty otherwise."""
    if data.count(0) * 5 >= len(data) * 2:  # nearly every other one: UTF-16
        order = "utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le"
        return data.decode(order, errors="ignore").replace("\x00", "")
    text = data.decode(errors="replace")
    bad = text.count("\ufffd") + sum(not (c.isprintable() or c.isspace()) for c in text)
    return text if text and 1 - bad / len(text) >= _LEAST_SHARE else ""


def of_run(view: View, run: Run, text: str) -> View:
    """The decoded text; all of it stands where its run stands."""
    size = len(text)
    return View(text, [run.start] * size, [run.end] * size, view.path(run.written))


def inline(view: View) -> Iterator[View]:
    """The text with its escapes undone, each in its place."""
    for pattern, name, read in _INLINE:
        if pattern.search(view.text):
            changed = _replaced(view, pattern, name, read)
            if changed.text != view.text:
                yield changed


def turned(view: View) -> Iterator[View]:
    """The whole text rotated by 13, and backwards; each once, since twice is nothing."""
    turn, back = TURNS
    if turn not in view.written:
        rotated = codecs.encode(view.text, "rot13")
        yield View(rotated, view.starts, view.ends, view.path(turn))
    if back not in view.written:
        yield view.kept(range(len(view.text) - 1, -1, -1), back)


def ciphers(view: View) -> Iterator[View]:
    """A short text with its letters moved on by every number, mirrored, or rotated by 47."""
    if len(view.text) > MOST_CIPHERED:
        return
    for shift in range(1, len(_SMALL)):
        if shift != len(_SMALL) // 2:  # that is `turned`
            moved = _SMALL[shift:] + _SMALL[:shift]
            yield _ciphered(view, _SMALL, moved, f"moved by {shift}")
    yield _ciphered(view, _SMALL, _SMALL[::-1], "mirrored")
    text = "".join(
        chr(33 + (ord(each) - 33 + 47) % 94) if "!" <= each <= "~" else each for each in view.text
    )
    yield View(text, view.starts, view.ends, view.path("rotated by 47"))


def _ciphered(view: View, plain: str, moved: str, name: str) -> View:
    table = str.maketrans(plain + plain.upper(), moved + moved.upper())
    return View(view.text.translate(table), view.starts, view.ends, view.path(name))


def opaque(view: View) -> Iterator[tuple[int, int]]:
    """Where something long stands that looks encoded, digests and words aside."""
    for found in _OPAQUE.finditer(view.text):
        text = found[0].strip("=-")
        if not all(each.search(text) for each in _MIXED):
            continue
        digest = len(text) in _DIGESTS and re.fullmatch(r"[0-9A-Fa-f]+", text)
        if not digest and not re.search(r"[a-z]{7,}[_-]|[_-][a-z]{7,}", text):
            yield view.place(found.start(), found.end())


def _run(view: View, found: re.Match[str], data: bytes, name: str) -> Run:
    return Run(data, *view.place(found.start(), found.end()), name)


def _base64(text: str) -> bytes:
    whole = text[: len(text) // 4 * 4 + (0 if len(text) % 4 < 2 else len(text) % 4)]  # noqa: PLR2004
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4))
    except binascii.Error:
        return b""


def _base32(text: str) -> Iterator[bytes]:
    compact = re.sub(r"[\s=]+", "", text).upper()
    whole = compact[: len(compact) // 8 * 8] + _tail(compact[len(compact) // 8 * 8 :])
    with suppress(binascii.Error):
        yield base64.b32decode(whole)


def _tail(rest: str) -> str:
    """What remains of a group, when it can be one."""
    size = max((n for n in (7, 5, 4, 2, 0) if n <= len(rest)), default=0)
    return rest[:size] + "=" * (8 - size) if size else ""


def _hex(text: str) -> Iterator[bytes]:
    digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", text)
    for shift in range(2):
        yield bytes.fromhex(digits[shift : shift + (len(digits) - shift) // 2 * 2])


def _base85(text: str) -> Iterator[bytes]:
    body = text.removeprefix("<~").removesuffix("~>").encode(errors="ignore")
    for read in (base64.a85decode, base64.b85decode):
        with suppress(ValueError):
            yield read(body)


def _morse(text: str) -> Iterator[bytes]:
    marks = re.split(r"[ /|]+", text.translate(_MARKS))
    yield "".join(MORSE.get(mark, "") for mark in marks).encode()


def _spelt(text: str) -> Iterator[bytes]:
    words = re.findall(r"[a-z]+", text.lower())
    letters = "".join(SPELT.get(word, " ") for word in words)
    if len(letters.replace(" ", "")) * 2 >= len(letters):
        yield letters.strip().encode()


def _decimal(text: str) -> Iterator[bytes]:
    numbers = (int(each) for each in re.findall(r"\d+", text))
    yield bytes(each for each in numbers if each < 256)  # noqa: PLR2004  # a byte


def _binary(text: str) -> Iterator[bytes]:
    yield bytes(int(each, 2) for each in re.findall(r"[01]{8}", text))


def _percent(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode(errors="replace")


def _quoted(found: re.Match[str]) -> str:
    if "\n" in found[0]:
        return ""
    return bytes.fromhex(found[0].replace("=", "")).decode(errors="replace")


def _entity(found: re.Match[str]) -> str:
    return html.unescape(found[0] if found[0].endswith(";") else f"{found[0]};")


def _escape(found: re.Match[str]) -> str:
    *hexadecimal, octal = found.groups()
    digits = next((each for each in hexadecimal if each), "")
    number = int(digits, 16) if digits else int(octal, 8)
    return chr(number) if number <= sys.maxunicode else found[0]


def _replaced(
    view: View, pattern: re.Pattern[str], name: str, read: Callable[[re.Match[str]], str]
) -> View:
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for found in pattern.finditer(view.text):
        text.append(view.text[at : found.start()])
        starts.extend(view.starts[at : found.start()])
        ends.extend(view.ends[at : found.start()])
        shown = read(found)
        start, end = view.place(found.start(), found.end())
        text.append(shown)
        starts.extend([start] * len(shown))
        ends.extend([end] * len(shown))
        at = found.end()
    text.append(view.text[at:])
    starts.extend(view.starts[at:])
    ends.extend(view.ends[at:])
    return View("".join(text), starts, ends, view.path(name))


_PATTERNS: tuple[tuple[re.Pattern[str], str, Callable[[str], Iterator[bytes]]], ...] = (
    (_BASE32, "base32", _base32),
    (_HEX, "hexadecimal", _hex),
    (_ASCII85, "base85", _base85),
    (_MORSE, "Morse", _morse),
    (_SPELT, "spelt", _spelt),
    (_DECIMAL, "decimal", _decimal),
    (_BINARY, "binary", _binary),
)
_INLINE: tuple[tuple[re.Pattern[str], str, Callable[[re.Match[str]], str]], ...] = (
    (_MARKUP, "markup", lambda _: ""),
    (_ENTITY, "HTML entities", _entity),
    (_PERCENT, "percent", _percent),
    (_QUOTED, "quoted-printable", _quoted),
    (_ESCAPE, "backslashes", _escape),
)
