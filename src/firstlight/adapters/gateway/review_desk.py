"""The real desk: the reviews decide, the database and the ledger remember.

What a decision looks at is read once and believed for as long as the reviews' revision stays the
same, and never longer than a second; the revision itself is read for every question. Time, money
and the newest entry of the ledger are never remembered. The developer's key is opened anew for
each use, so a destruction counts at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Refused, Unavailable
from firstlight.core.review.artefacts import Dialect
from firstlight.core.review.engagement import planned
from firstlight.core.review.ids import EngagementId, GrantId, UseId
from firstlight.core.review.keys import key_digest
from firstlight.core.review.using import Closing, Part, Use
from firstlight.usecases.context import Context
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.gateway import (
    Admission,
    GrantRevoked,
    KeyReplaced,
    KeyUnknown,
    Opening,
    SecondPerson,
    Upstream,
)
from firstlight.usecases.ports.reviews import Memberships
from firstlight.usecases.ports.sealed import KeyDestroyed, SealedVault
from firstlight.usecases.uses import content, using
from firstlight.usecases.uses.endpoints import open_key
from firstlight.usecases.uses.using import Ground, Judged

_BELIEVED_SECONDS = 1.0
_MOST_OPEN = 10_000
"""uses that are remembered; the others are read when they end"""
_MOST_GROUNDS = 10_000
"""grants whose ground is remembered at one time; a few kilobytes each"""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A ground, and until when it is believed."""

    ground: Ground
    revision: int
    read: float


class ReviewDesk:
    """Implements `GatewayDesk` for several threads and several processes."""

    def __init__(self, context: Context, people: Memberships, vault: SealedVault) -> None:
        """Over the installation's own parts."""
        self._context = context
        self._people = people
        self._vault = vault
        self._known: dict[GrantId, _Known] = {}
        self._open: dict[UseId, Use] = {}
        """uses that were opened here, so that their ends need no reading; the database decides"""
        # One writer at a time in this process: the ledger lets no more in, and threads that wait
        # here do not make the database wait.
        self._writer = threading.Lock()

    def admit(self, key: str, dialect: Dialect, now: Instant) -> Admission:
        """What this key may do now."""
        with _refusals(), self._context.storage.look() as work:
            kept = work.keys.find(key_digest(key))
            if kept is None:
                raise KeyUnknown
            found = self._ground(work, kept.grant, now)
            if found.key is None or found.key.digest != kept.digest:
                raise KeyUnknown
            judged = self._judge(work, found, now)
            using.check_dialect(judged, dialect)
            spent = work.uses.spent(kept.grant)
            using.left_of(found, spent)
            stored = using.endpoint_of(found)
            grant = found.situation.grant
            return Admission(
                grant=str(grant.id),
                key_number=kept.number,
                artefact=str(grant.artefact),
                models=tuple(judged.artefact.models),
                upstream=Upstream(
                    address=stored.endpoint.address, key=open_key(self._vault, stored)
                ),
                expires=judged.until,
                present_until=judged.second.over if judged.second else None,
                budget=spent.left(grant.budget),
                prices=stored.endpoint.prices,
                second_person=(
                    SecondPerson.PRESENT if judged.second else SecondPerson.NOT_REQUIRED
                ),
                keep_content=planned(found.situation.engagement).keeps_content,
            )

    def open_use(self, opening: Opening) -> UseId:
        """Write the use down, durably, and reserve its share of the budget."""
        grant = GrantId(opening.admission.grant)
        engagement = self._engagement(grant, opening.at)
        with _refusals(), self._writer, self._context.storage.begin() as work:
            # The ledger's lock comes first: a revocation is seen here, or waits until the commit.
            last = work.ledger.last_of(str(engagement))
            found = self._ground(work, grant, opening.at)
            newest = last.entry.at if last else None
            judged = using.judge(found, now=opening.at, newest=newest)
            using.check_dialect(judged, opening.dialect)
            use = using.open_use(self._context, work, found, judged, opening, last=last)
        if len(self._open) >= _MOST_OPEN:
            self._open.clear()
        self._open[use.id] = use
        return use.id

    def keep(self, use: UseId, part: Part, piece: bytes) -> None:
        """Seal the next piece of content."""
        with _refusals(), self._writer, self._context.storage.begin() as work:
            content.keep(work, self._vault, work.uses.get(use), part, piece)

    def close_use(self, use: UseId, closing: Closing) -> None:
        """Write the end down, durably, and settle the reservation."""
        with _refusals(), self._writer, self._context.storage.begin() as work:
            opened = self._open.get(use) or work.uses.get(use)
            using.close_use(self._context, work, opened, closing)
        self._open.pop(use, None)

    def revision(self) -> int:
        """The reviews' own counter of changes."""
        with _refusals(), self._context.storage.look() as work:
            return work.engagements.revision()

    def ended(self, uses: Collection[UseId], now: Instant) -> Mapping[UseId, Refused]:
        """Those whose grant no longer stands, whose key was replaced, or that nobody knows."""
        found: dict[UseId, Refused] = {use: KeyUnknown() for use in uses}
        with _refusals(), self._context.storage.look() as work:
            judged: dict[GrantId, Ground | Refused] = {}
            for use, grant, key_number in work.uses.grants_of(list(uses)):
                if grant not in judged:
                    judged[grant] = self._standing(work, grant, now)
                stands = judged[grant]
                if isinstance(stands, Refused):
                    found[use] = stands
                elif stands.key is None or stands.key.number != key_number:
                    found[use] = KeyReplaced()
                else:
                    del found[use]
        return found

    def _standing(self, work: UnitOfWork, grant: GrantId, now: Instant) -> Ground | Refused:
        found = self._ground(work, grant, now)
        try:
            self._judge(work, found, now)
        except Refused as error:
            return error
        return found

    def _judge(self, work: UnitOfWork, found: Ground, now: Instant) -> Judged:
        newest = work.engagements.last_recorded(found.engagement)
        return using.judge(found, now=now, newest=newest)

    def _engagement(self, grant: GrantId, now: Instant) -> EngagementId:
        """Where a grant belongs, which never changes."""
        known = self._known.get(grant)
        if known is not None:
            return known.ground.engagement
        with _refusals(), self._context.storage.look() as work:
            return self._ground(work, grant, now).engagement

    def _ground(self, work: UnitOfWork, grant: GrantId, now: Instant) -> Ground:
        revision = work.engagements.revision()
        known, read = self._known.get(grant), time.monotonic()
        fresh = known is not None and read - known.read <= _BELIEVED_SECONDS
        if known is not None and fresh and known.revision == revision:
            return known.ground
        found = using.ground(work, self._people, grant, now)
        if len(self._known) >= _MOST_GROUNDS:
            self._known.clear()
        self._known[grant] = _Known(ground=found, revision=revision, read=read)
        return found


@contextmanager
def _refusals() -> Iterator[None]:
    """What a desk may raise beside its own errors.

    Raises:
        GrantRevoked: the engagement's keys were destroyed.
        Unavailable: two changes met; nobody can say at the moment.
    """
    try:
        yield
    except KeyDestroyed as error:
        raise GrantRevoked("The engagement was closed.") from error
    except Conflict as error:
        raise Unavailable(error.message) from error
