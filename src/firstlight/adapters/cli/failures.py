"""How a command ends: exit codes, and errors with code, sentence and hint."""

from __future__ import annotations

import json
import sys
from enum import IntEnum

from firstlight.adapters.cli.output import visible
from firstlight.core.kernel.errors import (
    Conflict,
    FirstlightError,
    Invalid,
    Missing,
    Refused,
    Unavailable,
)


class Exit(IntEnum):
    """Exit codes; the same for every command."""

    OK = 0
    """it was done, or every check passed"""
    CHECK_FAILED = 1
    """it was checked, and it does not hold"""
    USAGE = 2
    """the command was written wrongly"""
    REFUSED = 3
    """not signed in, not allowed, or too often"""
    INVALID = 4
    """the input cannot be read, or is too large"""
    CONFLICT = 5
    """the state does not allow it, or it has changed meanwhile"""
    MISSING = 6
    """nothing there for you under that name"""
    UNAVAILABLE = 7
    """the server or a part of it does not work at the moment"""


_BY_KIND: tuple[tuple[type[FirstlightError], Exit], ...] = (
    (Refused, Exit.REFUSED),
    (Invalid, Exit.INVALID),
    (Conflict, Exit.CONFLICT),
    (Missing, Exit.MISSING),
    (Unavailable, Exit.UNAVAILABLE),
    (FirstlightError, Exit.UNAVAILABLE),
)
_BY_STATUS: dict[int, Exit] = {
    401: Exit.REFUSED,
    403: Exit.REFUSED,
    429: Exit.REFUSED,
    404: Exit.MISSING,
    409: Exit.CONFLICT,
    412: Exit.CONFLICT,
}
_BROKEN = frozenset(
    {
        *("ledger.broken", "vault.receipt_invalid", "vault.act_invalid"),
        *("measure.commitment_broken", "measure.statement_broken"),
    }
)
"""by their codes, since their classes would bring whole parts into every help page"""
_CLIENT_ERRORS = range(400, 500)


class ServerSaid(FirstlightError):
    """The server refused; the code is its own."""

    code = "cli.server_said"

    def __init__(
        self, *, status: int, code: str, detail: str, hint: str, retry_after: int | None = None
    ) -> None:
        """From a problem document; `retry_after` in seconds, where the server says so."""
        super().__init__(detail, hint=hint, status=status)
        self.status = status
        self.retry_after = retry_after
        self.said = code


def code_of(error: FirstlightError) -> str:
    """The stable code, the server's where the server spoke."""
    return error.said if isinstance(error, ServerSaid) else error.code


def exit_of(error: FirstlightError) -> Exit:
    """The exit code of an error."""
    if isinstance(error, ServerSaid):
        otherwise = Exit.INVALID if error.status in _CLIENT_ERRORS else Exit.UNAVAILABLE
        return _BY_STATUS.get(error.status, otherwise)
    if error.code in _BROKEN:
        return Exit.CHECK_FAILED
    return next(code for kind, code in _BY_KIND if isinstance(error, kind))


def tell(error: FirstlightError, *, as_json: bool) -> None:
    """Write an error to stderr, for a program or for a person."""
    if as_json:
        told = {"code": code_of(error), "message": error.message, "hint": error.hint}
        line = json.dumps({"error": told | {"exit": int(exit_of(error))}})
    else:
        line = (
            f"error: {visible(error.message)}\n"
            f"  code: {visible(code_of(error))}\n"
            f"  hint: {visible(error.hint)}"
        )
    sys.stderr.write(line + "\n")
