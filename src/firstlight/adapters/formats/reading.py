"""Walking a decoded document: typed steps that fail with the JSON path, and texts on a budget.

A missing key is an empty node, never an error, because an incomplete report is welcome. A value of
the wrong type is an error that names its place, because guessing would change what was said.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from firstlight.adapters.formats.limits import ReadLimits
from firstlight.adapters.formats.text import clean, clean_code, clean_line
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid, TooLarge

_T = TypeVar("_T")

_KEY_SHOWN = 64
_BAG_ITEMS = 200
"""of a list in a property bag"""
_SEARCHED = 2_000
"""characters of one text in which names of flaws are looked for"""
_WEB = re.compile(r"https?://[!#-;=?-\[\]_a-z~]{1,2000}")
_CWE = re.compile(r"\bcwe[-_/ :]{0,2}0{0,3}([1-9][0-9]{0,5})\b", re.IGNORECASE)
_FLAW = re.compile(
    r"\b(?:CVE-[0-9]{4}-[0-9]{4,10}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}"
    r"|PYSEC-[0-9]{4}-[0-9]{1,6})\b"
)


class WrongType(Invalid):
    """A value has another JSON type than its place demands."""

    code = "input.wrong_type"


class BadBase64(Invalid):
    """A file in the document is not valid base64."""

    code = "input.bad_base64"


@dataclass(frozen=True)
class Node:
    """A value with the way to it."""

    value: Json
    parent: Node | None = None
    step: str | int = "$"

    @property
    def path(self) -> str:
        """A JSON path such as $.runs[0].results[3]."""
        if self.parent is None:
            return "$"
        step = f"[{self.step}]" if isinstance(self.step, int) else f".{self.step[:_KEY_SHOWN]}"
        return self.parent.path + step

    @property
    def missing(self) -> bool:
        """Whether there is nothing here; null counts as nothing."""
        return self.value is None

    def _fail(self, expected: str) -> WrongType:
        return WrongType(
            f"{self.path}: {expected} is needed here", path=self.path, expected=expected
        )

    def _object(self) -> dict[str, Json]:
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self._fail("an object")
        return self.value

    def get(self, key: str) -> Node:
        """The member `key`; empty when missing here."""
        return Node(self._object().get(key), self, key)

    def at(self, *keys: str) -> Node:
        """The member below several keys."""
        node = self
        for key in keys:
            node = node.get(key)
        return node

    def members(self) -> Iterator[tuple[str, Node]]:
        """Keys and values of an object."""
        return ((key, Node(value, self, key)) for key, value in self._object().items())

    def items(self) -> Sequence[Node]:
        """Elements of an array; none when missing."""
        if self.value is None:
            return ()
        if not isinstance(self.value, list):
            raise self._fail("an array")
        return [Node(value, self, index) for index, value in enumerate(self.value)]

    def item(self, index: int | None) -> Node:
        """One element of an array; empty when there is no such index."""
        if self.value is None or index is None:
            return Node(None, self, -1)
        if not isinstance(self.value, list):
            raise self._fail("an array")
        inside = 0 <= index < len(self.value)
        return Node(self.value[index] if inside else None, self, index)

    def string(self) -> str:
        """The raw text; empty when missing. Pass it through an `Intake` before keeping it."""
        if self.value is None:
            return ""
        if not isinstance(self.value, str):
            raise self._fail("a string")
        return self.value

    def number(self) -> int | None:
        """A whole number; None when missing."""
        if self.value is None:
            return None
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self._fail("a whole number")
        return self.value

    def loose(self, key: str) -> Node:
        """The member `key` of a free-form property bag; empty when this is no object."""
        return Node(self.value.get(key) if isinstance(self.value, dict) else None, self, key)

    def scalar(self) -> str:
        """A string or number of a property bag as text; empty for anything else."""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return str(self.value)
        return ""

    def scalars(self) -> list[str]:
        """The texts of a property that is a string or a list of strings; the first 200."""
        if isinstance(self.value, list):
            return [item for item in islice(self.value, _BAG_ITEMS) if isinstance(item, str)]
        return [self.scalar()] if self.scalar() else []


class Intake:
    """Takes text and files out of one document, within its limits.

    One instance reads one document, since the budget is the document's.
    """

    def __init__(self, limits: ReadLimits) -> None:
        """Start with the whole budget."""
        self.limits = limits
        self._text = 0
        self._bytes = 0
        self._known: dict[tuple[str, int], str] = {}

    def _spend(self, text: str) -> str:
        self._spend_characters(len(text))
        return text

    def _spend_characters(self, count: int) -> None:
        self._text += count
        if self._text > self.limits.text:
            raise TooLarge(
                f"the reports hold more than {self.limits.text} characters together",
                limit=self.limits.text,
            )

    def once(self, make: Callable[[], _T]) -> Callable[[], _T]:
        """Make a value that many reports share a single time, and charge the budget each time.

        Without it, a small document with thousands of reports would do the same work, and fill the
        store with the same text, thousands of times.
        """
        made: list[_T] = []
        cost = [0, 0]

        def shared() -> _T:
            if not made:
                before = self._text, self._bytes
                made.append(make())
                cost[:] = self._text - before[0], self._bytes - before[1]
                return made[0]
            self._spend_characters(cost[0])
            self._take(cost[1], "files of the whole document", single=False)
            return made[0]

        return shared

    def line(self, text: str) -> str:
        """A title or a name."""
        return self._spend(clean_line(text, self.limits.line))

    def block(self, text: str, limit: int | None = None) -> str:
        """Prose. A rule's text is cleaned once, however many results repeat it."""
        bound = limit or self.limits.block
        known = self._known.get((text, bound))
        if known is None:
            known = clean(text, bound).strip()
            if len(self._known) < self.limits.reports:
                self._known[text, bound] = known
        return self._spend(known)

    def crash(self, text: str) -> str:
        """A trace."""
        return self.block(text, self.limits.crash)

    def code(self, text: str, path: str) -> str:
        """A patch or a test: kept whole or refused, since half of one is worth nothing.

        Raises:
            TooLarge: it, or all files together, exceed the limit.
        """
        self._take(len(text), path)
        return clean_code(text)

    def file(self, encoded: str, path: str) -> bytes:
        """Bytes from base64.

        Raises:
            BadBase64: it is none.
            TooLarge: the file, or all files together, exceed the limit.
        """
        if len(encoded) // 2 > self.limits.file_bytes:  # cheap, before anything is decoded
            raise TooLarge(f"{path} is too large", path=path, limit=self.limits.file_bytes)
        try:
            data = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadBase64(f"{path}: {str(error)[:100]}", path=path) from None
        return self.raw(data, path)

    def raw(self, data: bytes, path: str) -> bytes:
        """Bytes that need no decoding.

        Raises:
            TooLarge: the file, or all files together, exceed the limit.
        """
        self._take(len(data), path)
        return data

    def _take(self, size: int, path: str, *, single: bool = True) -> None:
        self._bytes += size
        if single and size > self.limits.file_bytes:
            raise TooLarge(
                f"{path} has {size} bytes; {self.limits.file_bytes} are allowed",
                path=path,
                limit=self.limits.file_bytes,
            )
        if self._bytes > self.limits.files_bytes:
            raise TooLarge(
                f"the files together exceed {self.limits.files_bytes} bytes at {path}",
                path=path,
                limit=self.limits.files_bytes,
            )

    def lines(self, texts: Sequence[str]) -> tuple[str, ...]:
        """A list of names without repetition, in order, bounded."""
        unique = dict.fromkeys(text for text in texts if text.strip())
        kept = dict.fromkeys(self.line(text) for text in list(unique)[: self.limits.items])
        return tuple(line for line in kept if line)

    def links(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Web addresses only; a `javascript:` or `file:` address is dropped."""
        good = dict.fromkeys(text.strip() for text in texts if is_link(text.strip()))
        return tuple(self._spend(link) for link in list(good)[: self.limits.items])


def is_link(text: str) -> bool:
    """Whether it is an http or https address in plain ASCII, safe to make a link of."""
    return _WEB.fullmatch(text) is not None


def cwes(texts: Sequence[str]) -> tuple[str, ...]:
    """CWE-<number> wherever it is named, leading zeros dropped; 20 at most."""
    found = (match.group(1) for text in texts for match in _CWE.finditer(text, 0, _SEARCHED))
    return tuple(dict.fromkeys(f"CWE-{number}" for number in found))[:20]


def flaw_names(texts: Sequence[str]) -> tuple[str, ...]:
    """CVE, GHSA and PYSEC names wherever they appear; 50 at most."""
    found = (match.group() for text in texts for match in _FLAW.finditer(text, 0, _SEARCHED))
    return tuple(dict.fromkeys(found))[:50]
