"""Mail addresses, telephone and social security numbers in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MAIL = re.compile(
    r"(?<![\w.+/@-])(?P<local>[\w.+'-]{1,64})@(?P<host>[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24})"
)
_SPELT = re.compile(
    r"(?i)\b(?P<local>[\w.+-]{1,64})\s{0,4}(?:\(\s*at\s*\)|\[\s*at\s*\]|\{\s*at\s*\}|\s{1,4}at\s{1,4}|@)\s{0,4}"
    r"(?P<host>(?:[\w-]{1,63}\s{0,4}(?:\(\s*dot\s*\)|\[\s*dot\s*\]|\{\s*dot\s*\}|\s{1,4}dot\s{1,4})\s{0,4})+[a-z]{2,24})\b"
)
_PHONE = re.compile(
    r"(?<![\w.+-])(?:\+\d{1,3}[\s.-]?(?:\(\d{1,4}\)[\s.-]?)?\d(?:[\s.-]?\d){6,12}"
    r"|(?:\(\d{3}\)\s?|\d{3}[.\s-])\d{3}[.\s-]\d{4})(?![\w-])"
)
_SOCIAL = re.compile(r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-])")
_DOT = re.compile(r"(?i)\W*\bdot\b\W*")
_NOBODY = {"git", "noreply", "no-reply"}
_VERSION = re.compile(r"\d+\.\d")


def people_in(text: str, allowed: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where something stands by which a person is reached.

    Args:
        text: to look through
        allowed: addresses and numbers (digits alone) that may stand there, in lower case
    """
    for pattern in (_MAIL, _SPELT):
        for found in pattern.finditer(text):
            host = _DOT.sub(".", found["host"]).replace(" ", "").lower()
            address = f"{found['local'].lower()}@{host}"
            nobody = found["local"].lower() in _NOBODY or _VERSION.match(found["host"])
            if not nobody and address not in allowed:
                yield found.span()
    for pattern in (_PHONE, _SOCIAL):
        for found in pattern.finditer(text):
            if "".join(filter(str.isdigit, found[0])) not in allowed:
                yield found.span()
