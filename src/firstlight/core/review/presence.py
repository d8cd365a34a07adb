"""Presence: a second named person says that they are there, for a bounded time.

A grant with a two-person rule lets nobody in while none of its named people is present. Presence
ends by itself: every use compares the time. It says that somebody opened the session, from their
own account; it cannot say that they look at the screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.grants import Grant, GrantState
from firstlight.core.review.ids import GrantId, PresenceId

USUAL_MINUTES = 30
MOST_MINUTES = 240
"""half a working day; who stays longer says so again"""


@dataclass(frozen=True, kw_only=True)
class Presence:
    """One stretch of one second person's time."""

    id: PresenceId
    grant: GrantId
    person: PersonId
    began: Instant
    until: Instant
    """by itself, unless it is ended before"""
    ended: Instant | None = None

    @property
    def over(self) -> Instant:
        """When it is over, as far as is known."""
        return self.until if self.ended is None else min(self.until, self.ended)

    def lasts(self, now: Instant) -> bool:
        """Whether the person is there at `now`."""
        return self.began <= now < self.over


def begin(
    grant: Grant, person: PersonId, *, identifier: PresenceId, minutes: int, now: Instant
) -> Presence:
    """The person is there from now on.

    Raises:
        Missing: the person is not named in the grant.
        Conflict: the grant has ended.
        Invalid: not a sensible number of minutes.
    """
    if person not in grant.seconds:
        raise Missing(f"there is no {grant.id} for you")
    if grant.state is GrantState.REVOKED or grant.valid.end <= now:
        raise Conflict("this grant has ended")
    if not 1 <= minutes <= MOST_MINUTES:
        raise Invalid(f"a session lasts 1 to {MOST_MINUTES} minutes", field="minutes")
    until = now.plus(timedelta(minutes=minutes))
    return Presence(id=identifier, grant=grant.id, person=person, began=now, until=until)


def end(presence: Presence, now: Instant) -> Presence:
    """The person leaves. What is over stays as it is."""
    return presence if presence.over <= now else replace(presence, ended=now)


def there(presences: Iterable[Presence], now: Instant) -> list[Presence]:
    """Those that last at `now`, the one that lasts longest first."""
    lasting = [each for each in presences if each.lasts(now)]
    return sorted(lasting, key=lambda each: each.over, reverse=True)
