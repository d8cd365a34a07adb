"""Tables of the static desk, and what its rows mean."""

from __future__ import annotations

import json
import sqlite3

from firstlight.core.kernel.clock import Instant
from firstlight.core.review.grants import Budget
from firstlight.core.review.spending import Prices, Spent
from firstlight.usecases.ports.gateway import (
    Admission,
    GrantExpired,
    GrantRevoked,
    GrantSuspended,
    SecondPerson,
    SecondPersonAbsent,
    Upstream,
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS grants (
    grant TEXT PRIMARY KEY, key_digest TEXT UNIQUE NOT NULL, artefact TEXT NOT NULL,
    dialects TEXT NOT NULL, models TEXT NOT NULL, address TEXT NOT NULL,
    upstream_key TEXT NOT NULL, expires TEXT NOT NULL,
    requests INTEGER, tokens INTEGER, money INTEGER, price_in INTEGER, price_out INTEGER,
    two_persons INTEGER NOT NULL, keep_content INTEGER NOT NULL,
    present INTEGER NOT NULL DEFAULT 0, revoked INTEGER NOT NULL DEFAULT 0,
    suspended INTEGER NOT NULL DEFAULT 0, used_requests INTEGER NOT NULL DEFAULT 0,
    used_tokens INTEGER NOT NULL DEFAULT 0, used_money INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS uses (
    number INTEGER PRIMARY KEY, use TEXT UNIQUE NOT NULL, grant TEXT NOT NULL,
    dialect TEXT NOT NULL, model TEXT NOT NULL, streamed INTEGER NOT NULL, opened TEXT NOT NULL,
    salt BLOB NOT NULL, request_digest BLOB NOT NULL, request_bytes INTEGER NOT NULL,
    reserved_tokens INTEGER NOT NULL, reserved_money INTEGER NOT NULL,
    closed TEXT, outcome TEXT, reason TEXT, status INTEGER, response_digest BLOB,
    response_bytes INTEGER, input_tokens INTEGER, output_tokens INTEGER, counted TEXT, cost INTEGER
);
CREATE TABLE IF NOT EXISTS kept (
    number INTEGER PRIMARY KEY, use TEXT NOT NULL, part TEXT NOT NULL, piece BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS revision (number INTEGER NOT NULL);
INSERT INTO revision SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM revision);
"""


def standing(row: sqlite3.Row, now: Instant, *, open_use: bool = False) -> None:
    """Refuse a grant that does not stand; one in use may come to the end of its budget.

    Raises:
        GrantRevoked, GrantSuspended, GrantExpired, SecondPersonAbsent, OverBudget: as named.
    """
    if row["revoked"]:
        raise GrantRevoked
    if row["suspended"]:
        raise GrantSuspended
    if Instant.parse(row["expires"]) <= now:
        raise GrantExpired
    if row["two_persons"] and not row["present"]:
        raise SecondPersonAbsent
    if not open_use:
        spent(row).check(budget(row))


def admission(row: sqlite3.Row) -> Admission:
    """What a grant that stands allows."""
    present = SecondPerson.PRESENT if row["two_persons"] else SecondPerson.NOT_REQUIRED
    return Admission(
        grant=row["grant"],
        artefact=row["artefact"],
        models=tuple(json.loads(row["models"])),
        upstream=Upstream(address=row["address"], key=row["upstream_key"]),
        expires=Instant.parse(row["expires"]),
        key_number=1,
        present_until=None,
        budget=spent(row).left(budget(row)),
        prices=_prices(row),
        second_person=present,
        keep_content=bool(row["keep_content"]),
    )


def cost_of(row: sqlite3.Row, tokens: int) -> int:
    """The most that so many tokens cost."""
    prices = _prices(row)
    return prices.most(tokens) if prices else 0


def _prices(row: sqlite3.Row) -> Prices | None:
    if row["price_in"] is None:
        return None
    return Prices(input=row["price_in"], output=row["price_out"] or 0)


def budget(row: sqlite3.Row) -> Budget:
    """What the grant gives in all."""
    return Budget(requests=row["requests"], tokens=row["tokens"], money=row["money"])


def spent(row: sqlite3.Row) -> Spent:
    """What of it is used or held."""
    return Spent(requests=row["used_requests"], tokens=row["used_tokens"], money=row["used_money"])
