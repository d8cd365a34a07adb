"""One act that stops everything in an engagement, and the way back.

Halting ends every open use within a second and lets nobody in, until the developer lets it go on;
that is the usual choice. Revoking does the same for good: the way back is to give new grants.
"""

from __future__ import annotations

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import grants
from firstlight.core.review.grants import GRANT_MOVES, GrantState, Suspension
from firstlight.core.review.ids import EngagementId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews.step import step, told

USUAL_REASON = "The developer stopped every use at once."
USUAL_CONDITIONS = "The developer says when it goes on."
GOES_ON = "The developer lets it go on."


def halt_everything(
    context: Context,
    actor: Actor,
    identifier: EngagementId,
    *,
    reason: str = USUAL_REASON,
    conditions: str = USUAL_CONDITIONS,
) -> int:
    """Halt every grant that stands, in one step; how many there were.

    Raises:
        Missing, Refused: no such engagement, or not this developer's.
        Unwritten: there is no reason, or no condition for going on.
    """
    with step(context, actor, identifier, Action.REVIEW_GRANT) as taken:
        suspension = Suspension(
            at=taken.now,
            by=taken.person,
            organisation=taken.organisation,
            reason=reason,
            conditions=conditions,
        )
        standing = [
            grant
            for grant in taken.work.grants.of_engagement(identifier)
            if grant.state is GrantState.ACTIVE
        ]
        rule = GRANT_MOVES.apply("suspend", GrantState.ACTIVE, actor.role).rule
        for grant in standing:
            taken.work.grants.save(grants.suspend(grant, suspension, actor.role))
            facts: dict[str, Json] = {
                "grant": str(grant.id),
                "by": str(suspension.organisation),
                "reason": told(suspension.reason),
                "conditions": told(suspension.conditions),
            }
            taken.note(rule, facts)
    return len(standing)


def let_go_on(
    context: Context, actor: Actor, identifier: EngagementId, *, note: str = GOES_ON
) -> int:
    """Lift every halt that the developer's own organisation made; how many there were.

    Raises:
        Missing, Refused: no such engagement, or not this developer's.
        Unwritten: nothing is said.
    """
    with step(context, actor, identifier, Action.REVIEW_GRANT) as taken:
        halted = [
            grant
            for grant in taken.work.grants.of_engagement(identifier)
            if grant.state is GrantState.SUSPENDED
            and grant.suspensions[-1].organisation == taken.organisation
        ]
        rule = GRANT_MOVES.apply("restore", GrantState.SUSPENDED, actor.role).rule
        for grant in halted:
            lifted = grants.restore(
                grant,
                actor.role,
                note=note,
                by=taken.person,
                organisation=taken.organisation,
                now=taken.now,
            )
            taken.work.grants.save(lifted)
            taken.note(rule, {"grant": str(grant.id), "note": told(note)})
    return len(halted)


def revoke_everything(
    context: Context, actor: Actor, identifier: EngagementId, *, reason: str = ""
) -> int:
    """Revoke every grant that has not ended, in one step, for good; how many there were.

    Raises:
        Missing, Refused: no such engagement, or not this developer's.
    """
    with step(context, actor, identifier, Action.REVIEW_GRANT) as taken:
        left = [
            grant
            for grant in taken.work.grants.of_engagement(identifier)
            if grant.state is not GrantState.REVOKED
        ]
        for grant in left:
            rule = GRANT_MOVES.apply("revoke", grant.state, actor.role).rule
            ended = grants.end(grant, "revoke", actor.role, because=reason, now=taken.now)
            taken.work.grants.save(ended)
            taken.note(rule, {"grant": str(grant.id), "words": told(reason.strip())})
    return len(left)
