"""Make frames and messages comparable: what changes from run to run goes, what tells stays.

Every pattern here is linear in its input: no repetition follows another that can match the same
characters, and lines are bounded before they come here.
"""

from __future__ import annotations

import re

LINE_CAP = 80
"""Characters of one state line. Templates can be kilobytes long and differ only in their tail."""

_ADDRESS = re.compile(r"0x[a-fA-F0-9]{4,}U*")
_OFFSET = re.compile(r"\+0x[0-9a-fA-F]+$")
_NUMBER = re.compile(r"(?<![:0-9.])(?:[0-9.]{4,}|(?<=[@#])[0-9]+)(?![A-Za-z0-9.])")
_VERSUS = re.compile(r"\svs\.\s")
_QUOTED_VALUE = re.compile(r"[:=]\s*['\"]")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SCOPES_WITHOUT_NAME = (
    "non-virtual thunk to ",
    "(anonymous namespace)::",
    "`anonymous namespace'::",
)


def frame_name(text: str) -> str:
    """The bare name of a frame: no module, no anonymous scope, no arguments, no location."""
    for scope in _SCOPES_WITHOUT_NAME:
        text = text.replace(scope, "")
    text = text.rpartition("!")[2]
    cut = min((at for at in (text.find("("), text.find("[")) if at >= 0), default=-1)
    if cut > 0:
        return text[:cut].strip()
    return text.strip().split(" ", 1)[0]


def state_line(text: str) -> str:
    """A line of the state without addresses, long numbers and unprintable characters, bounded."""
    text = "".join(c for c in text if c.isprintable() or c == "\t")
    text = _OFFSET.sub("", text)
    text = _ADDRESS.sub("ADDRESS", text)
    text = _NUMBER.sub("NUMBER", text)
    # A bad cast is told by two type names; cutting the second would join unlike casts.
    return text if text.startswith("Bad-cast") else text[:LINE_CAP]


def condition(text: str) -> str:
    """The condition of a failed check, without the values it happened to have this time."""
    text = text.removeprefix("Check failed: ")
    failed = text.find("failed: ")
    if failed >= 0 and _VERSUS.search(text, failed + 7):
        text = text[: failed + 6]
    values = text.find(" (")
    if values >= 0 and _VERSUS.search(text, values):
        text = text[:values]
    if text.endswith(("'", '"')):
        value = _QUOTED_VALUE.search(text)
        if value and value.end() < len(text) and text[value.end() - 1] == text[-1]:
            text = text[: value.start()].rstrip()
    return text.strip(" .'\"[]")


def file_name(text: str) -> str:
    """The name of a source file without folders and line number."""
    text = text.strip(" .'\"[]")
    if _DRIVE.match(text):
        text = text[2:]
    text = text.split(":", 1)[0].split("(", 1)[0]
    return text.replace("\\", "/").rpartition("/")[2]
