"""A window that slides over JSON of any length: one value is in memory at a time.

The standard library's scanner reads each value where it stands (`raw_decode`), which is faster than
any event parser; this module only moves the window and walks the outer objects and arrays. What is
decided here: nothing is ever larger than `Bounds` says, a value that cannot be read has a position,
and reading can go on behind it. Keys that come twice are not noticed here (the last one counts);
the strict reader sees each record again before it becomes a report.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from firstlight.adapters.formats.bounded_json import BadNumber, MalformedJson
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import BadEncoding, FirstlightError, TooDeep, TooLarge

_BLANK = re.compile(r"[ \t\r\n]*")
_OUTSIDE = re.compile(r'["\[\]{},\n]')
_TAIL = 2
"""characters of a number that the scanner leaves when the digits behind them are missing: e+"""
_WORD = 16
"""characters of the longest word of JSON, with room"""
_INSIDE = re.compile(r'["\\]')


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Of one file that is read in a window."""

    chunk: int = 1 << 20
    """bytes that are read at once"""
    value: int = 4 << 20
    """characters of one record; a result with its code flows is below 100,000"""
    head: int = 32 << 20
    """characters of what stands beside the records: rules, artefacts"""
    total: int = 16 << 30
    """bytes after decompression"""


BOUNDS = Bounds()


def _constant(name: str) -> NoReturn:
    raise BadNumber(f"{name} is not JSON")


class Window:
    """A place in a file. Every method leaves it behind what it has read."""

    def __init__(self, file: BinaryIO, bounds: Bounds = BOUNDS) -> None:
        """Read from where the file stands."""
        self._file = file
        self._bounds = bounds
        self._decode = codecs.getincrementaldecoder("utf-8")()
        self._scan = json.JSONDecoder(parse_constant=_constant).raw_decode
        self._ended = False
        self._bytes = 0
        self._text = ""
        self._at = 0
        self._before = 0

    @property
    def position(self) -> int:
        """Characters before this place."""
        return self._before + self._at

    def _fill(self) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        data = self._file.read(self._bounds.chunk)
        self._bytes += len(data)
        if self._bytes > self._bounds.total:
            raise TooLarge(
                f"the file has more than {self._bounds.total} bytes", limit=self._bounds.total
            )
        self._ended = not data
        try:
            new = self._decode.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise BadEncoding(
                f"near byte {self._bytes - len(data) + error.start}: not UTF-8 ({error.reason})"
            ) from None
        self._before += self._at
        self._text = self._text[self._at :] + new
        self._at = 0
        return True

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        if self._at < len(self._text) and self._text[self._at] > " ":
            return self._text[self._at]
        while True:
            match = _BLANK.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill():
                return ""

    def take(self, character: str) -> None:
        """Step over this one. Raises MalformedJson for another."""
        found = self.peek()
        if found != character:
            raise self.malformed(f"{character!r} is expected, {found!r} stands there")
        self._at += 1

    def malformed(self, what: str) -> MalformedJson:
        """What is wrong, and where."""
        return MalformedJson(f"{what} at character {self.position}", position=self.position)

    def value(self, limit: int | None = None) -> Json:
        """The value here. Raises as `scanned`."""
        return self.scanned(limit)[0]

    def scanned(self, limit: int | None = None) -> tuple[Json, str]:
        """The value here and its text.

        Raises:
            TooLarge: it is longer than the limit; the window stands where it began.
            MalformedJson, TooDeep, BadNumber: likewise.
        """
        self.peek()
        bound = limit or self._bounds.value
        while True:
            start = self._at
            fault: FirstlightError | None = None
            try:
                value, end = self._scan(self._text, start)
            except json.JSONDecodeError as error:
                fault = self.malformed(error.msg)
                # A string without end begins anywhere; all else is wrong where it is noticed.
                if error.pos < len(self._text) - _WORD and not error.msg.startswith("Unterm"):
                    raise fault from None
            except RecursionError:
                fault = TooDeep(f"nested too deeply at character {self.position}")
            except ValueError:  # the interpreter's own bound on the digits of a number
                fault = BadNumber(f"a number is too long at character {self.position}")
            # A number may go on in the next piece, its point or exponent cut in two.
            if fault is None and (end + _TAIL < len(self._text) or self._ended):
                if end - start > bound:
                    raise TooLarge(f"a record has more than {bound} characters", limit=bound)
                self._at = end
                return value, self._text[start:end]
            if len(self._text) - start > bound:
                raise (
                    fault
                    if isinstance(fault, TooDeep | BadNumber)
                    else TooLarge(
                        f"no value of at most {bound} characters at character {self.position}",
                        limit=bound,
                    )
                )
            if not self._fill() and fault is not None:
                raise fault

    def back(self, characters: int) -> None:
        """Stand before what was scanned last."""
        self._at -= characters

    def mentions(self, words: Sequence[str]) -> bool:
        """Whether one of these texts stands anywhere from here on; leaves the window at the end."""
        overlap = max(map(len, words))
        while True:
            if any(word in self._text for word in words):
                return True
            self._at = max(len(self._text) - overlap, self._at)
            if not self._fill():
                return False

    def members(self) -> Iterator[str]:
        """The keys of the object here; whoever asks for the next one has read the value before."""
        self.take("{")
        if self.peek() == "}":
            self.take("}")
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise self.malformed("a key is expected")
            self.take(":")
            yield key
            if self.peek() == "}":
                break
            self.take(",")
            if self.peek() != '"':
                raise self.malformed("a key is expected")
        self.take("}")

    def elements(self) -> Iterator[int]:
        """The places of the array here; likewise."""
        self.take("[")
        if self.peek() == "]":
            self.take("]")
            return
        index = 0
        while True:
            yield index
            following = self.peek()
            if following == "]":
                break
            if following != ",":
                raise self.malformed(f"a comma is expected, {following!r} stands there")
            self._at += 1
            index += 1
        self.take("]")

    def skip(self) -> None:
        """Step over the value here, however long and however broken inside.

        Stops before the comma or bracket that follows it in its own array or object.
        """
        self.peek()
        depth = 0
        while True:
            match = _OUTSIDE.search(self._text, self._at)
            if match is None:
                self._at = len(self._text)
                if not self._fill():
                    return
                continue
            mark = match.group()
            if depth == 0 and mark in ",]}":
                self._at = match.start()
                return
            self._at = match.end()
            if mark == '"':
                self._skip_string()
            elif mark in "[{":
                depth += 1
            elif mark in "]}":
                depth -= 1
                if depth == 0:
                    return

    def _skip_string(self) -> None:
        while True:
            match = _INSIDE.search(self._text, self._at)
            if match is None:
                self._at = len(self._text)
                if not self._fill():
                    return
            elif match.group() == '"':
                self._at = match.end()
                return
            else:
                self._at = match.end()
                if self._at == len(self._text) and not self._fill():
                    return
                self._at += 1

    def skip_line(self) -> None:
        """Step behind the next line end."""
        while (end := self._text.find("\n", self._at)) < 0:
            self._at = len(self._text)
            if not self._fill():
                return
        self._at = end + 1
