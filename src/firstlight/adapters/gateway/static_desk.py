"""A desk over one SQLite file, for tests, benchmarks and trying out. Not for real reviews.

Grants are put in by hand, the developer's key lies in the file, content is not sealed. It keeps
every promise of the port that the gateway relies on (`conformance.py`), and says what it is:
`announce` warns, and the composition root refuses a desk whose `for_tests` is true.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from firstlight.adapters.gateway.static_rows import (
    SCHEMA,
    admission,
    budget,
    cost_of,
    spent,
    standing,
)
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing, Refused, Unavailable
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.ids import UseId
from firstlight.core.review.using import Closing, Part
from firstlight.usecases.ports.gateway import Admission, ArtefactNotGranted, KeyUnknown, Opening

_log = logging.getLogger(__name__)
_BUSY_SECONDS = 5.0


class NoSuchUse(Missing):
    """There is no such use."""

    code = "gateway.no_such_use"


@dataclass(frozen=True, kw_only=True)
class StaticGrant:
    """A grant, as tests write it. The two-person rule is met by `set_present`."""

    grant: str
    artefact: str = "artefact"
    dialects: tuple[Dialect, ...] = tuple(Dialect)
    models: tuple[str, ...] = ("model",)
    address: str
    upstream_key: str
    expires: Instant
    requests: int | None = None
    tokens: int | None = None
    money: int | None = None
    price_in: int | None = None
    price_out: int | None = None
    two_persons: bool = False
    keep_content: bool = False


class StaticDesk:
    """Implements `GatewayDesk` for several threads and several processes."""

    for_tests = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        self._db = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def announce(self) -> None:
        """Say in the log what this is."""
        _log.warning("static desk for tests: %s", self.path)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise Unavailable(f"the static desk cannot write: {error}") from error

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            try:
                return self._db.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise Unavailable(f"the static desk cannot read: {error}") from error

    # What a test decides

    def add(self, grant: StaticGrant) -> str:
        """Put a grant in; gives its key, which is kept as a digest only."""
        key = f"flg_{secrets.token_urlsafe(32)}"
        values = dataclasses.asdict(grant)
        values["dialects"] = json.dumps(grant.dialects)
        values["models"] = json.dumps(grant.models)
        values["expires"] = str(grant.expires)
        values["key_digest"] = _digest(key)
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        with self._writing() as db:
            db.execute(f"INSERT INTO grants ({names}) VALUES ({marks})", [*values.values()])  # noqa: S608  # names of our own fields
        return key

    def revoke(self, grant: str) -> None:
        """Take it back."""
        self._change(grant, "revoked = 1")

    def suspend(self, grant: str) -> None:
        """Suspend it."""
        self._change(grant, "suspended = 1")

    def set_present(self, grant: str, *, present: bool) -> None:
        """The second person comes or goes."""
        self._change(grant, f"present = {int(present)}")

    def set_expiry(self, grant: str, expires: Instant) -> None:
        """Move the end."""
        self._change(grant, "expires = ?", str(expires))

    def _change(self, grant: str, change: str, *values: object) -> None:
        with self._writing() as db:
            db.execute(f"UPDATE grants SET {change} WHERE grant = ?", [*values, grant])  # noqa: S608  # the callers above
            db.execute("UPDATE revision SET number = number + 1")

    # What a test looks at

    def uses(self) -> list[dict[str, object]]:
        """Every use in order; `outcome` is None while it is unfinished."""
        return [dict(row) for row in self._rows("SELECT * FROM uses ORDER BY number")]

    def kept(self, use: UseId, part: Part) -> bytes:
        """The content that was kept."""
        rows = self._rows(
            "SELECT piece FROM kept WHERE use = ? AND part = ? ORDER BY number", str(use), part
        )
        return b"".join(row["piece"] for row in rows)

    # The port

    def admit(self, key: str, dialect: Dialect, now: Instant) -> Admission:
        """What this key may do now."""
        rows = self._rows("SELECT * FROM grants WHERE key_digest = ?", _digest(key))
        if not rows:
            raise KeyUnknown
        if dialect not in json.loads(rows[0]["dialects"]):
            raise ArtefactNotGranted(f"This artefact does not speak {dialect}.")
        standing(rows[0], now)
        return admission(rows[0])

    def open_use(self, opening: Opening) -> UseId:
        """Write it down and reserve."""
        use = UseId.mint(opening.at.milliseconds(), secrets.token_bytes(10))
        wanted = opening.admission
        with self._writing() as db:
            row = db.execute("SELECT * FROM grants WHERE grant = ?", [wanted.grant]).fetchone()
            if row is None:
                raise KeyUnknown
            standing(row, opening.at)
            cost = cost_of(row, opening.most_tokens)
            spent(row).reserve(budget(row), tokens=opening.most_tokens, money=cost)
            db.execute(
                "UPDATE grants SET used_requests = used_requests + 1,"
                " used_tokens = used_tokens + ?, used_money = used_money + ? WHERE grant = ?",
                [opening.most_tokens, cost, wanted.grant],
            )
            db.execute(
                "INSERT INTO uses (use, grant, dialect, model, streamed, opened, salt,"
                " request_digest, request_bytes, reserved_tokens, reserved_money)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(str(use), wanted.grant, opening.dialect, opening.model, opening.streamed),
                    *(str(opening.at), opening.salt, opening.request_digest),
                    *(opening.request_bytes, opening.most_tokens, cost),
                ],
            )
        return use

    def keep(self, use: UseId, part: Part, piece: bytes) -> None:
        """Keep it, unsealed."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO kept (use, part, piece) VALUES (?, ?, ?)", [str(use), part, piece]
            )

    def close_use(self, use: UseId, closing: Closing) -> None:
        """Write the end down and settle."""
        usage = closing.usage
        with self._writing() as db:
            row = db.execute("SELECT * FROM uses WHERE use = ?", [str(use)]).fetchone()
            if row is None:
                raise NoSuchUse
            if row["outcome"] is not None:
                return
            db.execute(
                "UPDATE uses SET closed = ?, outcome = ?, reason = ?, status = ?,"
                " response_digest = ?, response_bytes = ?, input_tokens = ?, output_tokens = ?,"
                " counted = ?, cost = ? WHERE use = ?",
                [
                    *(str(closing.at), closing.outcome, closing.reason, closing.status),
                    *(closing.response_digest, closing.response_bytes, usage.input_tokens),
                    *(usage.output_tokens, usage.counted, closing.cost, str(use)),
                ],
            )
            db.execute(
                "UPDATE grants SET used_tokens = used_tokens + ?, used_money = used_money + ?"
                " WHERE grant = ?",
                [
                    usage.tokens - row["reserved_tokens"],
                    (closing.cost or 0) - row["reserved_money"],
                    row["grant"],
                ],
            )

    def revision(self) -> int:
        """Counts the changes of grants."""
        return int(self._rows("SELECT number FROM revision")[0]["number"])

    def ended(self, uses: Collection[UseId], now: Instant) -> Mapping[UseId, Refused]:
        """Those whose grant no longer stands."""
        found: dict[UseId, Refused] = {}
        for use in uses:
            rows = self._rows(
                "SELECT grants.* FROM grants JOIN uses USING (grant) WHERE use = ?", str(use)
            )
            try:
                if not rows:
                    raise KeyUnknown
                standing(rows[0], now, open_use=True)
            except Refused as error:
                found[use] = error
        return found


def _digest(key: str) -> str:
    # Keys have 256 random bits, so a plain digest cannot be guessed back.
    return hashlib.sha256(key.encode()).hexdigest()
