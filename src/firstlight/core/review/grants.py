"""Grants: one person, one artefact, one purpose, one stretch of time.

A grant expires without a state of its own: every use compares the time. It can be suspended by
anyone in the engagement, never without a written reason and the conditions for lifting it, and
revoked by the developer at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.errors import Conflict, Invalid, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId
from firstlight.core.review.window import Audience
from firstlight.core.review.words import written

MOST_SUSPENSIONS = 100
MOST_SECONDS = 20
_MOST_COUNT = 1 << 53


class Purpose(StrEnum):
    """What access is for. What terms name as out of purpose is not among these."""

    CAPABILITY_EVALUATION = "capability-evaluation"
    """measuring what the model can do in cybersecurity"""
    SAFEGUARD_TESTING = "safeguard-testing"
    """trying to get past its safeguards"""
    CONTAINMENT_TESTING = "containment-testing"
    """trying whether it stays where it is run"""
    DEFENSIVE_USE = "defensive-use"
    """finding and mending flaws in systems that the partner answers for"""


class GrantState(StrEnum):
    """Whether a grant stands. Whether it lets anyone in at a moment is decided by the time."""

    ACTIVE = "active"
    """it stands"""
    SUSPENDED = "suspended"
    """somebody halted it; the reason and the conditions for lifting are in the grant"""
    REVOKED = "revoked"
    """it has ended"""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much may be used in all; None for no limit."""

    requests: int | None
    tokens: int | None
    """input and output together"""
    money: int | None
    """in millionths of the unit that the developer charges in"""

    def __post_init__(self) -> None:
        """Refuse amounts that are none."""
        for name in ("requests", "tokens", "money"):
            amount = getattr(self, name)
            if amount is not None and not 0 <= amount <= _MOST_COUNT:
                raise Invalid(f"{name} is no amount: {amount}", field=name)


@dataclass(frozen=True, kw_only=True)
class Suspension:
    """A halt. There is none without a reason, an author and the way back."""

    at: Instant
    by: PersonId
    organisation: OrganisationId
    """whose person halted it; the same organisation lifts it"""
    reason: str
    conditions: str
    """what must be so for it to be lifted"""
    lifted_at: Instant | None = None
    lifted_by: PersonId | None = None
    lifted_note: str = ""
    """how the conditions were met"""

    def __post_init__(self) -> None:
        """Refuse a halt without words, wherever it comes from."""
        object.__setattr__(self, "reason", written(self.reason, "reason"))
        object.__setattr__(self, "conditions", written(self.conditions, "conditions"))


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One person's access to one artefact."""

    id: GrantId
    engagement: EngagementId
    audience: Audience
    person: PersonId
    organisation: OrganisationId
    """the office or partner for which the person acts; when that membership ends, so does this"""
    artefact: ArtefactId
    purpose: Purpose
    valid: Period
    """within it, and within the audience's window"""
    seconds: Sequence[PersonId]
    """people of whom one must be present at each use; empty for no two-person rule"""
    budget: Budget
    state: GrantState
    given_by: PersonId
    given_at: Instant
    suspensions: Sequence[Suspension] = ()
    """oldest first; the last one is in force while the state says so"""
    ended_at: Instant | None = None
    ended_because: str = ""
    version: int = 1
    """grows with every change of the record"""


_DEVELOPER = frozenset({Role.DEVELOPER})
_ANYONE = frozenset({Role.DEVELOPER, Role.REVIEWER, Role.PARTNER})
_STANDING = frozenset({GrantState.ACTIVE, GrantState.SUSPENDED})

GRANT_MOVES: MoveTable[GrantState] = MoveTable(
    (
        Move(
            name="suspend",
            sources=frozenset({GrantState.ACTIVE}),
            target=GrantState.SUSPENDED,
            roles=_ANYONE,
            rule="anyone may halt a grant, with a written reason and the conditions for lifting",
        ),
        Move(
            name="restore",
            sources=frozenset({GrantState.SUSPENDED}),
            target=GrantState.ACTIVE,
            roles=_ANYONE,
            rule="whoever halted it says how the conditions were met",
        ),
        Move(
            name="revoke",
            sources=_STANDING,
            target=GrantState.REVOKED,
            roles=_DEVELOPER,
            rule="3(b): the developer ends access at once, and gives no reason if it likes",
        ),
        Move(
            name="end",
            sources=_STANDING,
            target=GrantState.REVOKED,
            roles=frozenset({Role.SYSTEM}),
            rule="what the grant hangs on has ended: engagement, office, partner or membership",
        ),
    )
)


def check_new(grant: Grant, artefact: Artefact, now: Instant) -> None:
    """What a new grant must be like.

    Raises:
        Invalid: it would be over at once, names the person as their own second, or names too many.
        Conflict: the artefact was taken back, or may not pass through the program.
    """
    if artefact.removed_at is not None:
        raise Conflict("this artefact was taken back")
    if not artefact.passes:
        raise Conflict("weights never pass through the program; their digest is on the list")
    if grant.valid.end <= now or grant.valid.end <= grant.valid.start:
        raise Invalid("this grant would be over at once", field="until")
    if grant.person in grant.seconds:
        raise Invalid("nobody is their own second person", field="seconds")
    if len(set(grant.seconds)) != len(grant.seconds) or len(grant.seconds) > MOST_SECONDS:
        raise Invalid(f"name each second person once, and at most {MOST_SECONDS}", field="seconds")


def suspend(grant: Grant, suspension: Suspension, role: Role) -> Grant:
    """Halted, with its reason.

    Raises:
        MoveNotAllowed: it is halted or has ended.
        Conflict: it was halted too often.
    """
    move = GRANT_MOVES.apply("suspend", grant.state, role)
    if len(grant.suspensions) >= MOST_SUSPENSIONS:
        raise Conflict("this grant was halted too often", hint="The developer can revoke it.")
    return replace(grant, state=move.target, suspensions=(*grant.suspensions, suspension))


def restore(
    grant: Grant,
    role: Role,
    *,
    note: str,
    by: PersonId,
    organisation: OrganisationId,
    now: Instant,
) -> Grant:
    """Standing again.

    Raises:
        MoveNotAllowed: it is not halted.
        Refused: another organisation halted it.
        Unwritten: it is not said how the conditions were met.
    """
    move = GRANT_MOVES.apply("restore", grant.state, role)
    last = grant.suspensions[-1]
    if last.organisation != organisation:
        raise Refused(
            "another organisation halted this grant",
            hint="That organisation lifts it; the developer can also revoke it and give another.",
        )
    lifted = replace(
        last, lifted_at=now, lifted_by=by, lifted_note=written(note, "how the conditions were met")
    )
    return replace(grant, state=move.target, suspensions=(*grant.suspensions[:-1], lifted))


def end(grant: Grant, name: str, role: Role, *, because: str, now: Instant) -> Grant:
    """Ended for good, by `revoke` or `end`. Raises MoveNotAllowed."""
    move = GRANT_MOVES.apply(name, grant.state, role)
    return replace(grant, state=move.target, ended_at=now, ended_because=because.strip())
