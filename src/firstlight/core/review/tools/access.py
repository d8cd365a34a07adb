"""Grants of tools and of offered models, and whether one admits a use at this moment.

Decided by comparing times, never by a job. The checks, each named by what it stops:

1. a clock that runs behind what is on record (set back to prolong a grant);
2. an offer that was taken back;
3. a grant that has not begun, has expired or was ended;
4. a person who left; a later return revives no grant;
5. a system that the grant does not name (looking at what the asker does not answer for).

An offered model is served by the gateway through a grant of its engagement, and decided about in
`firstlight.core.review.use` like every other; only whether the offer still stands is asked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.errors import Conflict, Invalid, Missing, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Membership, Role
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.ids import GrantId
from firstlight.core.review.tools.eligibility import Defence
from firstlight.core.review.tools.ids import OfferId, ToolGrantId, ToolRequestId, ToolUseId
from firstlight.core.review.tools.offers import OFFERERS, Offer, OfferState, check_endpoint
from firstlight.core.review.use import UseDenied, Why, latest
from firstlight.core.review.words import line, written

MOST_USES = 10_000
"""of one grant; whoever needs more asks anew"""


class ToolGrantState(StrEnum):
    """Whether a grant stands. Whether it admits a use at a moment is decided by the time."""

    ACTIVE = "active"
    """it stands"""
    ENDED = "ended"
    """it has ended; the reason is on record"""


@dataclass(frozen=True, kw_only=True)
class ToolGrant:
    """One person's access to one offer, for named systems."""

    id: ToolGrantId
    request: ToolRequestId
    offer: OfferId
    offered_by: OrganisationId
    person: PersonId
    organisation: OrganisationId
    """for which the person acts; when that membership ends, so does this"""
    through: GrantId | None
    """the engagement's grant by which the gateway serves an offered model; None for a tool"""
    purposes: Sequence[Defence]
    systems: Sequence[str]
    valid: Period
    given_by: PersonId
    given_at: Instant
    state: ToolGrantState = ToolGrantState.ACTIVE
    ended_at: Instant | None = None
    ended_because: str = ""
    version: int = 1
    """grows with every change of the record"""


@dataclass(frozen=True, kw_only=True)
class ToolUse:
    """One use of a tool, written down before the tool is handed out."""

    id: ToolUseId
    grant: ToolGrantId
    person: PersonId
    at: Instant
    purpose: Defence
    system: str
    """one of the grant's"""
    note: str
    """what it is used for this time; may be empty"""


@dataclass(frozen=True, kw_only=True)
class ToolSituation:
    """Everything that a decision looks at, as it was stored at one moment."""

    offer: Offer
    grant: ToolGrant
    memberships: Sequence[Membership]
    """of the grant's person"""
    last_recorded: Instant | None
    """moment of the newest ledger entry about the request"""


@dataclass(frozen=True, kw_only=True)
class ToolAdmission:
    """A use that is admitted, for as long as nothing changes."""

    grant: ToolGrant
    offer: Offer
    until: Instant
    """the clock alone ends it here"""


TOOL_GRANT_MOVES: MoveTable[ToolGrantState] = MoveTable(
    (
        Move(
            name="revoke",
            sources=frozenset({ToolGrantState.ACTIVE}),
            target=ToolGrantState.ENDED,
            roles=OFFERERS,
            rule="whoever gave a grant ends it at once, with a reason",
        ),
        Move(
            name="give-back",
            sources=frozenset({ToolGrantState.ACTIVE}),
            target=ToolGrantState.ENDED,
            roles=frozenset({Role.OPERATOR}),
            rule="who holds a grant needs it no longer",
        ),
    )
)


def end(grant: ToolGrant, name: str, role: Role, *, because: str, now: Instant) -> ToolGrant:
    """Ended, by `revoke` or `give-back`. Raises MoveNotAllowed; Unwritten without a reason."""
    move = TOOL_GRANT_MOVES.apply(name, grant.state, role)
    said = written(because, "reason") if name == "revoke" else because.strip()
    return replace(grant, state=move.target, ended_at=now, ended_because=said)


def decide(situation: ToolSituation, now: Instant) -> ToolAdmission:
    """Admit a use of a tool, or say why not.

    Args:
        situation: as it is stored
        now: the operation's moment

    Raises:
        UseDenied: with the first reason found.
    """
    moment = latest(now, now, situation.last_recorded)
    grant, offer = situation.grant, situation.offer
    if offer.state is not OfferState.PUBLISHED:
        raise UseDenied(Why.REVOKED, "the offer was taken back")
    if grant.through is not None:
        raise UseDenied(Why.WRONG_ARTEFACT, "the grant is for a model; the gateway serves it")
    if grant.state is ToolGrantState.ENDED:
        raise UseDenied(Why.REVOKED, "the grant has ended; its reason is on record")
    if moment < grant.valid.start:
        raise UseDenied(Why.NOT_BEGUN, f"the grant begins at {grant.valid.start}")
    if moment >= grant.valid.end:
        raise UseDenied(Why.EXPIRED, f"the grant expired at {grant.valid.end}")
    if not any(_lasts(each, grant, moment) for each in situation.memberships):
        raise UseDenied(Why.LEFT, "the person no longer belongs to the organisation")
    return ToolAdmission(grant=grant, offer=offer, until=grant.valid.end)


def new_use(
    admission: ToolAdmission,
    *,
    identifier: ToolUseId,
    purpose: Defence,
    system: str,
    note: str,
    now: Instant,
    before: int,
) -> ToolUse:
    """A use of an admitted grant.

    Args:
        admission: the grant that lets it in
        identifier: of the use
        purpose: one of the grant's
        system: one that the grant names
        note: what it is used for this time; may be empty
        now: when
        before: how many uses there were

    Raises:
        Refused: the grant does not name this purpose or this system.
        Conflict: there were too many.
    """
    grant = admission.grant
    if purpose not in grant.purposes:
        raise Refused("the grant is for another purpose", hint="Ask anew for this purpose.")
    if system not in grant.systems:
        raise Refused(
            "the grant does not name this system",
            hint="Access is for systems that you answer for and named: ask anew for this one.",
        )
    if before >= MOST_USES:
        raise Conflict(f"a grant has at most {MOST_USES} uses", hint="Ask anew.")
    said = line(note, "note") if note.strip() else ""
    return ToolUse(
        id=identifier,
        grant=grant.id,
        person=grant.person,
        at=now,
        purpose=purpose,
        system=system,
        note=said,
    )


def serves(grant: ToolGrant | None, offer: Offer | None, engagement: Engagement) -> bool:
    """Whether an offered model may still be used by a grant; the review decides about the rest."""
    if grant is None or offer is None or grant.state is not ToolGrantState.ACTIVE:
        return False
    if offer.state is not OfferState.PUBLISHED:
        return False
    try:
        check_endpoint(offer, engagement)
    except (Invalid, Missing):
        return False
    return True


def _lasts(membership: Membership, grant: ToolGrant, moment: Instant) -> bool:
    """Whether it has lasted since the grant was given."""
    return (
        membership.organisation == grant.organisation
        and membership.role is Role.OPERATOR
        and membership.started_at <= grant.given_at
        and membership.active(moment)
    )


def period_of(start: Instant, until: Instant, most: Instant) -> Period:
    """From `start` to `until`, no longer than the offer allows. Raises Invalid."""
    if until <= start:
        raise Invalid("this grant would be over at once", field="until")
    if until > most:
        raise Invalid(f"the offer allows a grant until {most} at most", field="until")
    return Period(start=start, end=until)
