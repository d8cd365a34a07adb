"""Presence is bounded, ends by itself, and never outlasts its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.errors import Conflict, Invalid, Missing
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.review import presence
from firstlight.core.review.grants import Budget, Grant, GrantState, Purpose
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId, PresenceId
from firstlight.core.review.presence import MOST_MINUTES
from firstlight.core.review.window import Audience

NOW = Instant.parse("2026-11-02T09:00:00Z")
SECOND = PersonId.mint(2, bytes(10))
NAME = PresenceId.mint(1, bytes(10))


def grant(state: GrantState = GrantState.ACTIVE, days: float = 5) -> Grant:
    """One that names the second person."""
    return Grant(
        id=GrantId.mint(1, bytes(10)),
        engagement=EngagementId.mint(1, bytes(10)),
        audience=Audience.OFFICES,
        person=PersonId.mint(1, bytes(10)),
        organisation=OrganisationId.mint(1, bytes(10)),
        artefact=ArtefactId.mint(1, bytes(10)),
        purpose=Purpose.SAFEGUARD_TESTING,
        valid=Period(start=NOW, end=NOW.plus(timedelta(days=days))),
        seconds=(SECOND,),
        budget=Budget(requests=None, tokens=None, money=None),
        state=state,
        given_by=PersonId.mint(3, bytes(10)),
        given_at=NOW,
    )


@given(st.integers(1, MOST_MINUTES), st.integers(0, 20_000), st.none() | st.integers(0, 20_000))
def test_it_lasts_exactly_until_its_end(minutes: int, after: int, left: int | None) -> None:
    """From its beginning to its end or to the person's leaving, whichever comes first."""
    found = presence.begin(grant(), SECOND, identifier=NAME, minutes=minutes, now=NOW)
    if left is not None:
        found = presence.end(found, NOW.plus(timedelta(seconds=left)))
    end = min(minutes * 60, minutes * 60 if left is None else left)
    moment = NOW.plus(timedelta(seconds=after))
    assert found.lasts(moment) is (after < end)
    assert bool(presence.there([found], moment)) is (after < end)


def test_leaving_twice_changes_nothing() -> None:
    """The first end stays."""
    found = presence.begin(grant(), SECOND, identifier=NAME, minutes=30, now=NOW)
    gone = presence.end(found, NOW.plus(timedelta(minutes=5)))
    assert presence.end(gone, NOW.plus(timedelta(minutes=9))) == gone


@pytest.mark.parametrize("minutes", [0, -1, MOST_MINUTES + 1])
def test_no_time_without_end(minutes: int) -> None:
    """At least a minute, at most half a working day."""
    with pytest.raises(Invalid):
        presence.begin(grant(), SECOND, identifier=NAME, minutes=minutes, now=NOW)


def test_only_who_is_named_and_only_while_it_stands() -> None:
    """The grant's own person is nobody's second; an ended grant needs nobody."""
    with pytest.raises(Missing):
        presence.begin(grant(), grant().person, identifier=NAME, minutes=1, now=NOW)
    for over in (grant(GrantState.REVOKED), grant(days=0)):
        with pytest.raises(Conflict):
            presence.begin(over, SECOND, identifier=NAME, minutes=1, now=NOW)
