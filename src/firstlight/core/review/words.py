"""What people write: never empty where a reason is owed, and never without end."""

from __future__ import annotations

import re

from firstlight.core.kernel.errors import Invalid, TooLarge

LONGEST_LINE = 200
LONGEST_TEXT = 20_000
"""characters; some six pages"""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Unwritten(Invalid):
    """This step needs words, and there are none."""

    code = "review.unwritten"
    next_step = "Write down the named field; the others in the engagement read it."


def line(text: str, field: str) -> str:
    """One line without surplus blanks.

    Raises:
        Unwritten: nothing is left.
        Invalid: it cannot be printed.
        TooLarge: more than 200 characters.
    """
    cleaned = " ".join(text.split())
    if not cleaned:
        raise Unwritten(f"{field} is empty", field=field)
    if len(cleaned) > LONGEST_LINE:
        raise TooLarge(f"{field} has {len(cleaned)} characters", field=field, limit=LONGEST_LINE)
    if not cleaned.isprintable():
        raise Invalid(f"{field} holds characters that cannot be printed", field=field)
    return cleaned


def written(text: str, field: str) -> str:
    """Text of any lines, without blanks around it.

    Raises:
        Unwritten: nothing is left.
        TooLarge: more than 20,000 characters.
    """
    cleaned = text.strip()
    if not cleaned:
        raise Unwritten(f"{field} is empty", field=field)
    if len(cleaned) > LONGEST_TEXT:
        raise TooLarge(f"{field} has {len(cleaned)} characters", field=field, limit=LONGEST_TEXT)
    return cleaned


def sha256(text: str, field: str) -> str:
    """A SHA-256 in hex, in lower case.

    Raises:
        Invalid: it is not one.
    """
    cleaned = text.strip().lower().removeprefix("sha256:")
    if not _SHA256.fullmatch(cleaned):
        raise Invalid(f"{field} is no SHA-256 in hex", field=field)
    return cleaned
