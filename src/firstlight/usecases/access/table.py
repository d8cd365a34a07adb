"""ONE access table: role x action x marking. What has no row is denied.

A row says how far a role's action reaches (`Reach`) and up to which marking. Use cases ask `allow`
for one thing; queries turn `rule` into a filter, so that a list can never show what a page would
refuse. Nothing else in the program decides about access. Each context has a file of rows; they are
joined here, once.
"""

from __future__ import annotations

from collections.abc import Mapping

from firstlight.core.kernel.errors import NotSignedIn, Refused
from firstlight.core.kernel.parties import Actor, Role
from firstlight.usecases.access import (
    administration,
    clearinghouse,
    directives,
    measurements,
    review,
    suites,
    tools,
)
from firstlight.usecases.access.rules import COMMUNITY, DENIED, Action, Reach, Rule, Thing

TABLE: Mapping[Role, Mapping[Action, Rule]] = {
    role: {
        **clearinghouse.ROWS.get(role, {}),
        **administration.ROWS.get(role, {}),
        **directives.ROWS.get(role, {}),
        **review.ROWS.get(role, {}),
        **tools.ROWS.get(role, {}),
        **measurements.ROWS.get(role, {}),
        **suites.ROWS.get(role, {}),
    }
    for role in Role
}

__all__ = ["DENIED", "TABLE", "Action", "Reach", "Rule", "Thing", "admits", "allow", "rule"]


def rule(actor: Actor, action: Action) -> Rule:
    """The row for this actor; a token without the scope has none."""
    if actor.scopes is not None and action.value not in actor.scopes:
        return DENIED
    return TABLE.get(actor.role, {}).get(action, DENIED)


def admits(actor: Actor, action: Action, thing: Thing) -> bool:
    """Whether the table lets `actor` do `action` to `thing`."""
    row = rule(actor, action)
    if not thing.marking.at_most(row.ceiling):
        return False
    mine = actor.organisation is not None
    return (
        row.reach is Reach.EVERYTHING
        or (row.reach >= Reach.PARTY and mine and actor.organisation in thing.parties)
        or (row.reach >= Reach.OWN and mine and actor.organisation == thing.owner)
        or (row.reach >= Reach.PUBLISHED and thing.published and thing.marking.at_most(COMMUNITY))
    )


def allow(actor: Actor, action: Action, thing: Thing | None = None) -> None:
    """Let the actor pass, or raise.

    Args:
        actor: who asks
        action: what for
        thing: what it is done to; None when the action is not done to a stored thing

    Raises:
        NotSignedIn: nobody has signed in, and signing in might help.
        Refused: the table does not admit it.
    """
    if thing is None:
        admitted = rule(actor, action).reach is not Reach.NOTHING
    else:
        admitted = admits(actor, action, thing)
    if admitted:
        return
    if actor.role is Role.ANONYMOUS:
        raise NotSignedIn
    raise Refused(f"your role ({actor.role.value}) does not include {action.value}", action=action)
