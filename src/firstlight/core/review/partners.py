"""Trusted partners, selected together (Executive Order 14409, 3(b)(iii)).

Either side proposes, the other agrees or refuses with a reason. The partner, or the side that
proposed, may appeal against a refusal; the appeal and its answer are dated and kept. None of this
touches a launch: a developer releases to whom it likes, partner or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.review.criteria import Sector
from firstlight.core.review.ids import EngagementId, PartnerId
from firstlight.core.review.words import written

MOST_APPEALS = 20


class PartnerState(StrEnum):
    """Where a partner stands."""

    PROPOSED = "proposed"
    """one side wants it; the other has not spoken"""
    AGREED = "agreed"
    """both sides want it"""
    REFUSED = "refused"
    """the other side does not; the reason is on record"""
    APPEALED = "appealed"
    """somebody asks the refusing side to look again"""
    ENDED = "ended"
    """was agreed, and one side ended it"""


class Side(StrEnum):
    """Who selects."""

    DEVELOPER = "developer"
    GOVERNMENT = "government"

    @property
    def other(self) -> Side:
        """The one that must agree."""
        return Side.GOVERNMENT if self is Side.DEVELOPER else Side.DEVELOPER


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One step of one side."""

    move: str
    """as the table of moves names it"""
    side: Side
    by: PersonId
    at: Instant
    reason: str
    """never empty for a refusal or an end"""


@dataclass(frozen=True, kw_only=True)
class Appeal:
    """Against a refusal."""

    by: PersonId
    organisation: OrganisationId
    at: Instant
    text: str
    answer: str = ""
    """empty until it is answered"""
    answered_by: PersonId | None = None
    answered_at: Instant | None = None
    granted: bool = False


@dataclass(frozen=True, kw_only=True)
class Partner:
    """An organisation's part in one engagement."""

    id: PartnerId
    engagement: EngagementId
    organisation: OrganisationId
    sector: Sector
    criteria: str
    """version of the published criteria"""
    meets: Mapping[str, str]
    """how it meets each of them"""
    proposed_by: Side
    proposed_at: Instant
    state: PartnerState
    decisions: Sequence[Decision] = ()
    """oldest first"""
    appeals: Sequence[Appeal] = ()
    """oldest first"""
    version: int = 1
    """grows with every change of the record"""


_SIDES = frozenset({Role.DEVELOPER, Role.REVIEWER})
_TOGETHER = "3(b)(iii): developer and government select trusted partners together"

PARTNER_MOVES: MoveTable[PartnerState] = MoveTable(
    (
        Move(
            name="agree",
            sources=frozenset({PartnerState.PROPOSED}),
            target=PartnerState.AGREED,
            roles=_SIDES,
            rule=_TOGETHER,
        ),
        Move(
            name="refuse",
            sources=frozenset({PartnerState.PROPOSED}),
            target=PartnerState.REFUSED,
            roles=_SIDES,
            rule=f"{_TOGETHER}; a refusal has a reason",
        ),
        Move(
            name="appeal",
            sources=frozenset({PartnerState.REFUSED}),
            target=PartnerState.APPEALED,
            roles=_SIDES | {Role.PARTNER},
            rule="a refusal can be appealed against, and the appeal is answered",
        ),
        Move(
            name="uphold",
            sources=frozenset({PartnerState.APPEALED}),
            target=PartnerState.REFUSED,
            roles=_SIDES,
            rule="the side that refused looked again and stays with it, with a reason",
        ),
        Move(
            name="grant-appeal",
            sources=frozenset({PartnerState.APPEALED}),
            target=PartnerState.AGREED,
            roles=_SIDES,
            rule="the side that refused looked again and agrees, with a reason",
        ),
        Move(
            name="end",
            sources=frozenset({PartnerState.PROPOSED, PartnerState.AGREED}),
            target=PartnerState.ENDED,
            roles=_SIDES,
            rule="either side ends it at once, with a reason",
        ),
    )
)


def side_of(role: Role) -> Side:
    """The side that a role speaks for.

    Raises:
        Refused: it speaks for none.
    """
    sides = {Role.DEVELOPER: Side.DEVELOPER, Role.REVIEWER: Side.GOVERNMENT}
    if role not in sides:
        raise Refused(f"your role ({role.value}) selects no partners")
    return sides[role]


def decide(
    partner: Partner, name: str, role: Role, *, reason: str, by: PersonId, now: Instant
) -> Partner:
    """The partner after `agree`, `refuse`, `uphold`, `grant-appeal` or `end`.

    Raises:
        MoveNotAllowed: not from this state.
        Refused: it is the other side's turn.
        Unwritten: everything but an agreement needs a reason.
    """
    move = PARTNER_MOVES.apply(name, partner.state, role)
    side = side_of(role)
    if name != "end" and side is not partner.proposed_by.other:
        raise Refused(f"your side proposed it; the {partner.proposed_by.other.value} decides")
    said = reason.strip() if name == "agree" else written(reason, "reason")
    decision = Decision(move=name, side=side, by=by, at=now, reason=said)
    appeals = list(partner.appeals)
    if partner.state is PartnerState.APPEALED:
        granted = name == "grant-appeal"
        appeals[-1] = replace(
            appeals[-1], answer=said, answered_by=by, answered_at=now, granted=granted
        )
    return replace(
        partner, state=move.target, decisions=(*partner.decisions, decision), appeals=tuple(appeals)
    )


def appeal(
    partner: Partner,
    role: Role,
    *,
    text: str,
    by: PersonId,
    organisation: OrganisationId,
    now: Instant,
) -> Partner:
    """The partner with an appeal against its refusal.

    Raises:
        MoveNotAllowed: it is not refused.
        Refused: the side that refused cannot appeal, nor can another organisation.
        Unwritten: an appeal says why.
        Conflict: there were too many.
    """
    move = PARTNER_MOVES.apply("appeal", partner.state, role)
    mine = (
        organisation == partner.organisation
        if role is Role.PARTNER
        else side_of(role) is partner.proposed_by
    )
    if not mine:
        raise Refused("the partner or the side that proposed it may appeal")
    if len(partner.appeals) >= MOST_APPEALS:
        raise Conflict(f"there were {MOST_APPEALS} appeals already")
    new = Appeal(by=by, organisation=organisation, at=now, text=written(text, "appeal"))
    return replace(partner, state=move.target, appeals=(*partner.appeals, new))
