"""A second named person opens and ends a session for a grant, from their own account."""

from __future__ import annotations

from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import presence as rules
from firstlight.core.review.ids import GrantId, PresenceId
from firstlight.core.review.presence import USUAL_MINUTES, Presence
from firstlight.usecases.context import Context
from firstlight.usecases.uses.standing import seconded_grant

_RULE = "insider risk: a second named person is present at each use"


def begin_presence(
    context: Context, actor: Actor, identifier: GrantId, *, minutes: int = USUAL_MINUTES
) -> Presence:
    """Be there for so many minutes from now; done again, it renews the time.

    Raises:
        Missing: no such grant, or the actor is not named in it.
        NotSignedIn, Refused: as the access table says; Refused also when the actor has not
            accepted the present terms.
        Conflict: the grant has ended.
        Invalid: not a sensible number of minutes.
    """
    with seconded_grant(context, actor, identifier) as held:
        taken = held.step
        terms = taken.engagement.present_terms
        accepted = taken.work.engagements.acceptances(taken.engagement.id)
        if terms is None or not any(
            (one.person, one.number, one.digest) == (taken.person, terms.number, terms.digest)
            for one in accepted
        ):
            raise Refused(
                "you have not accepted the present terms", hint="Read and accept them first."
            )
        found = rules.begin(
            held.grant,
            taken.person,
            identifier=context.mint.new(PresenceId, taken.now),
            minutes=minutes,
            now=taken.now,
        )
        taken.work.presences.add(found)
        facts = {"grant": str(identifier), "presence": str(found.id), "until": str(found.until)}
        taken.note(_RULE, facts)
    return found


def end_presence(context: Context, actor: Actor, identifier: GrantId) -> int:
    """Leave: every session of the actor for this grant ends now. How many did.

    Raises:
        Missing: no such grant, or the actor is not named in it.
        NotSignedIn, Refused: as the access table says.
    """
    with seconded_grant(context, actor, identifier) as held:
        taken = held.step
        mine = [
            one
            for one in taken.work.presences.of_grant(identifier, taken.now)
            if one.person == taken.person and one.lasts(taken.now)
        ]
        for one in mine:
            taken.work.presences.save(rules.end(one, taken.now))
            taken.note(_RULE, {"grant": str(identifier), "presence": str(one.id), "ended": True})
    return len(mine)
