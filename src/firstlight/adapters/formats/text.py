"""Text from outside, made safe for pages and terminals on the way in.

The rules, the same for every format:
1. Colour codes (ANSI SGR) carry no meaning and are dropped.
2. Line ends become newlines.
3. Every other control character (C0, DEL, C1), every character that reorders text (the
   bidirectional overrides and isolates of the "Trojan Source" attack), the invisible tag
   characters, and noncharacters become U+FFFD, so that a reader sees that something was there.
   Newline and tab stay.
4. What is too long is cut, and the cut is marked.
HTML stays as it is: it is text, and escaping belongs to the page that shows it.

Every rule runs in linear time.
"""

from __future__ import annotations

import re

_SGR = re.compile(r"\x1b\[[0-9;:]{0,64}m")
_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_INVISIBLE = (
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks, overrides, isolates
    r"\ufeff\ufff9-\ufffb\ufffe\uffff"  # byte-order mark, annotations, noncharacters
    r"\U000e0000-\U000e007f"  # tags: invisible ASCII
)
_UNSAFE = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_INVISIBLE}]")
_UNSAFE_IN_CODE = re.compile(rf"\r(?!\n)|[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f{_INVISIBLE}]")
_SPACES = re.compile(r"[\n\t ]+")
_SHOWN = "\ufffd"
_MARK = " [cut here; the original is longer]"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the mark of the cut included."""
    if len(text) <= limit:
        return text
    return text[: max(limit - len(_MARK), 0)] + _MARK[:limit]


def clean(text: str, limit: int) -> str:
    """Prose or a trace of several lines, safe to show, at most `limit` characters."""
    text = cut(text, limit)  # first, so that megabytes are not cleaned in order to be dropped
    return _UNSAFE.sub(_SHOWN, _ENDS.sub("\n", _SGR.sub("", text)))


def clean_line(text: str, limit: int) -> str:
    """A title or a name: one line, no leading or trailing space."""
    return cut(_SPACES.sub(" ", clean(text, 2 * limit)).strip(), limit)


def clean_code(text: str) -> str:
    """A patch or a test: as it is, CRLF and form feeds included, but safe to show."""
    return _UNSAFE_IN_CODE.sub(_SHOWN, text)
