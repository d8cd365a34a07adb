"""May this person use this artefact at this moment? Decided by comparing times, never by a job.

The checks, each named by what it stops:

1. clocks that differ, or run behind what is on record (a clock set back to prolong a window);
2. an engagement that is not open, or a window that is not (the promise of 30 days);
3. an artefact that is not the grant's, or was taken back (a key used elsewhere);
4. a grant that has not begun, has expired, is halted or revoked;
5. a person, or an organisation, that no longer takes part (somebody left the agency); a later
   return revives no grant;
6. terms that were not accepted in their present version;
7. a second person who is needed and not there, not named, or not bound by the terms.

Left to the gateway: the budget, which needs the running count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Membership, Role
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant, GrantState
from firstlight.core.review.ids import ArtefactId
from firstlight.core.review.window import Audience, Shut, Window, look

MOST_SKEW = timedelta(seconds=2)
"""by how much two clocks may differ; NTP keeps machines within a few hundredths of a second"""


class Why(StrEnum):
    """Why a use is not admitted."""

    CLOCK = "clock"
    """the clocks differ too much, or run behind what is on record"""
    NOT_OPEN = "engagement-not-open"
    """the engagement was withdrawn or closed, or not opened yet"""
    NO_WINDOW = "no-window"
    """the developer has set no window"""
    NOT_BEGUN = "not-begun"
    """the window or the grant has not begun"""
    OVER = "window-over"
    """the window has ended"""
    WRONG_ARTEFACT = "wrong-artefact"
    """the grant is for another artefact"""
    REMOVED = "artefact-removed"
    """the developer took the artefact back"""
    EXPIRED = "expired"
    """the grant has expired"""
    SUSPENDED = "suspended"
    """the grant is halted; the reason and the conditions are in it"""
    REVOKED = "revoked"
    """the grant has ended"""
    LEFT = "membership-ended"
    """the person no longer belongs to the organisation"""
    ORGANISATION_OUT = "organisation-out"
    """the organisation no longer takes part in the engagement"""
    TERMS = "terms-not-accepted"
    """the person has not accepted the present terms"""
    SECOND_ABSENT = "second-person-absent"
    """a second person must be present"""
    SECOND_UNFIT = "second-person-not-admitted"
    """the second person is not named in the grant, has left, or has not accepted the terms"""


class UseDenied(Refused):
    """This use is not admitted."""

    code = "review.use_denied"
    next_step = "The reason is in the details; the developer decides about access."

    def __init__(self, why: Why, sentence: str) -> None:
        """`why` for machines, `sentence` for people."""
        super().__init__(sentence, why=why.value)
        self.why = why


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A use that is admitted, for as long as nothing changes."""

    grant: Grant
    artefact: Artefact
    until: Instant
    """the clock alone ends it here"""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """Everything that a decision looks at, as it was stored at one moment."""

    engagement: Engagement
    grant: Grant
    takes_part: bool
    """whether the grant's organisation is a member or an agreed partner, or what was offered to it
    still is"""
    accepted: Sequence[PersonId]
    """who accepted the present version of the terms"""
    memberships: Mapping[PersonId, Sequence[Membership]]
    """of the grant's person and its second people"""
    last_recorded: Instant | None
    """moment of the engagement's newest ledger entry"""


_ROLE = {
    Audience.OFFICES: Role.REVIEWER,
    Audience.PARTNERS: Role.PARTNER,
    Audience.DEFENDERS: Role.OPERATOR,
}
_SHUT = {
    Shut.NONE: (Why.NO_WINDOW, "the developer has set no window"),
    Shut.NOT_BEGUN: (Why.NOT_BEGUN, "the window has not begun"),
    Shut.OVER: (Why.OVER, "the window has ended"),
}


def decide(
    situation: Situation,
    *,
    artefact: ArtefactId,
    now: Instant,
    elsewhere: Instant,
    second: PersonId | None,
) -> Admission:
    """Admit a use, or say why not.

    Args:
        situation: as it is stored
        artefact: what is to be used
        now: the time here
        elsewhere: the time where the use begins (the gateway's clock)
        second: the second person who is present, if any

    Raises:
        UseDenied: with the first reason found.
    """
    moment = latest(now, elsewhere, situation.last_recorded)
    shown_until = _window(situation, moment)
    found = _artefact(situation, artefact)
    given_until = _standing(situation.grant, moment)
    _person(situation, moment)
    _second(situation, second, moment)
    return Admission(grant=situation.grant, artefact=found, until=min(shown_until, given_until))


def latest(now: Instant, elsewhere: Instant, recorded: Instant | None) -> Instant:
    """The latest of the times: nothing lasts longer because a clock runs behind.

    Raises:
        UseDenied: the clocks differ too much, or run behind what is on record.
    """
    late, early = max(now, elsewhere), min(now, elsewhere)
    if late.utc - early.utc > MOST_SKEW:
        raise UseDenied(Why.CLOCK, f"two clocks differ by {late.utc - early.utc}")
    if recorded is None:
        return late
    if recorded.utc - late.utc > MOST_SKEW:
        raise UseDenied(Why.CLOCK, f"the clock runs behind the record, which says {recorded}")
    return max(late, recorded)


def _window(situation: Situation, moment: Instant) -> Instant:
    if not situation.engagement.shows:
        state = situation.engagement.state.value
        raise UseDenied(Why.NOT_OPEN, f"the engagement is {state}")
    if situation.grant.audience is Audience.DEFENDERS:
        # No window: the offer is the developer's own act, and the grant says until when.
        return situation.grant.valid.end
    found = look(situation.engagement.windows, situation.grant.audience, moment)
    if not isinstance(found, Window):
        raise UseDenied(*_SHUT[found])
    return found.period.end


def _artefact(situation: Situation, artefact: ArtefactId) -> Artefact:
    if situation.grant.artefact != artefact:
        raise UseDenied(Why.WRONG_ARTEFACT, "the grant is for another artefact")
    for each in situation.engagement.artefacts:
        if each.id == artefact and each.removed_at is None and each.passes:
            return each
    raise UseDenied(Why.REMOVED, "the developer took this artefact back")


def _standing(grant: Grant, moment: Instant) -> Instant:
    if grant.state is GrantState.REVOKED:
        raise UseDenied(Why.REVOKED, "the grant was revoked")
    if grant.state is GrantState.SUSPENDED:
        raise UseDenied(Why.SUSPENDED, "the grant is halted; its reason is on record")
    if moment < grant.valid.start:
        raise UseDenied(Why.NOT_BEGUN, f"the grant begins at {grant.valid.start}")
    if moment >= grant.valid.end:
        raise UseDenied(Why.EXPIRED, f"the grant expired at {grant.valid.end}")
    return grant.valid.end


def _person(situation: Situation, moment: Instant) -> None:
    grant = situation.grant
    if not situation.takes_part:
        raise UseDenied(Why.ORGANISATION_OUT, "the organisation no longer takes part")
    held = situation.memberships.get(grant.person, ())
    role = _ROLE[grant.audience]
    if not any(one.role is role and _lasts(one, grant.organisation, grant, moment) for one in held):
        raise UseDenied(Why.LEFT, "the person no longer belongs to the organisation")
    if grant.person not in situation.accepted:
        raise UseDenied(Why.TERMS, "the person has not accepted the present terms")


def _second(situation: Situation, second: PersonId | None, moment: Instant) -> None:
    grant = situation.grant
    if not grant.seconds:
        return
    if second is None:
        raise UseDenied(Why.SECOND_ABSENT, "a second named person must be present")
    homes = {grant.organisation, situation.engagement.model.developer}
    held = situation.memberships.get(second, ())
    here = any(_lasts(one, home, grant, moment) for one in held for home in homes)
    if second not in grant.seconds or not here or second not in situation.accepted:
        raise UseDenied(Why.SECOND_UNFIT, "this second person is not admitted")


def _lasts(
    membership: Membership, organisation: OrganisationId, grant: Grant, moment: Instant
) -> bool:
    """Whether it has lasted since the grant was given."""
    return (
        membership.organisation == organisation
        and membership.started_at <= grant.given_at
        and membership.active(moment)
    )
