"""Where the database's errors become ours, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, InterfaceError, OperationalError

from firstlight.core.kernel.errors import Conflict, Unavailable

_RACES = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock (PostgreSQL, appendix A)"""


class AppendOnly(Conflict):
    """This row is part of the ledger; it is never changed or removed."""

    code = "ledger.append_only"
    next_step = "Append a correcting entry."


@contextmanager
def border() -> Iterator[None]:
    """Translate what leaves this block.

    Raises:
        Conflict: somebody else was first, or a row that is referred to is not there.
        Unavailable: the database cannot be reached, or is locked for too long.
    """
    try:
        yield
    except IntegrityError as error:
        if "append-only" in str(error):
            raise AppendOnly from error
        raise Conflict(hint="Somebody else was first; read it again, then decide.") from error
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in _RACES:
            raise Conflict(hint="Two changes met; try again.") from error
        raise Unavailable("the database cannot be used at the moment") from error
    except InterfaceError as error:
        raise Unavailable("the connection to the database is gone") from error
