"""Answers to requests, and the end of grants, by whoever offers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.tools import access, asking
from firstlight.core.review.tools.access import TOOL_GRANT_MOVES, ToolGrant
from firstlight.core.review.tools.asking import REQUEST_MOVES, RequestState, ToolRequest
from firstlight.core.review.tools.ids import ToolGrantId, ToolRequestId
from firstlight.core.review.tools.offers import OfferState
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.ports.reviews import Memberships
from firstlight.usecases.reviews.step import told
from firstlight.usecases.tools.models import end_model, give_model
from firstlight.usecases.tools.step import Step, step


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A request after its answer, and what was given."""

    request: ToolRequest
    grant: ToolGrant | None
    """None unless the answer was yes"""


def answer_request(
    context: Context,
    people: Memberships,
    actor: Actor,
    identifier: ToolRequestId,
    *,
    move: str,
    reason: str = "",
    until: Instant | None = None,
) -> Decided:
    """Grant, refuse, or answer an appeal.

    Args:
        context: the ports
        people: who belongs where
        actor: somebody of the organisation that offers
        identifier: which request
        move: `grant`, `refuse`, `uphold` or `grant-appeal`
        reason: needed for everything but a first grant
        until: when a grant ends; as late as the offer allows when left out

    Raises:
        Missing, NotSignedIn, Refused, MoveNotAllowed: as usual.
        Unwritten: a reason is owed.
        Invalid: the grant would be over at once, or last too long.
        Conflict: the offer was taken back, or the asker has left its organisation.
    """
    with step(context, actor, identifier, Action.REQUEST_DECIDE) as taken:
        answered = asking.answer(
            taken.request, move, actor.role, reason=reason, by=taken.person, now=taken.now
        )
        saved = taken.work.tools.save_request(answered)
        rule = REQUEST_MOVES.apply(move, taken.request.state, actor.role).rule
        facts: dict[str, Json] = {"move": move, "state": saved.state.value, "words": told(reason)}
        grant = None
        if saved.state is RequestState.GRANTED:
            grant = _give(taken, people, until)
            facts |= {
                "grant": str(grant.id),
                "person": str(grant.person),
                "through": str(grant.through) if grant.through else "",
                "from": str(grant.valid.start),
                "until": str(grant.valid.end),
            }
        taken.note(rule, facts)
    return Decided(request=saved, grant=grant)


def _give(taken: Step, people: Memberships, until: Instant | None) -> ToolGrant:
    offer, request = taken.offer, taken.request
    if offer.state is not OfferState.PUBLISHED:
        raise Conflict("this offer was taken back")
    if not any(
        each.organisation == request.organisation
        and each.role is Role.OPERATOR
        and each.active(taken.now)
        for each in people.memberships(request.person)
    ):
        raise Conflict("the asker has left the organisation", hint="Refuse it, and say so.")
    most = taken.now.plus(timedelta(days=offer.grant_days))
    valid = access.period_of(taken.now, until or most, most)
    through = give_model(taken, offer.endpoint, valid) if offer.endpoint else None
    grant = ToolGrant(
        id=taken.context.mint.new(ToolGrantId, taken.now),
        request=request.id,
        offer=offer.id,
        offered_by=offer.offered_by,
        person=request.person,
        organisation=request.organisation,
        through=through,
        purposes=tuple(request.purposes),
        systems=tuple(request.systems),
        valid=valid,
        given_by=taken.person,
        given_at=taken.now,
    )
    taken.work.tools.add_grant(grant)
    return grant


def revoke(context: Context, actor: Actor, identifier: ToolGrantId, *, reason: str) -> ToolGrant:
    """End a grant at once, by whoever gave it.

    Raises:
        Missing, NotSignedIn, Refused, MoveNotAllowed: as usual.
        Unwritten: without a reason.
    """
    return _end(
        context, actor, identifier, action=Action.REQUEST_DECIDE, move="revoke", reason=reason
    )


def give_back(context: Context, actor: Actor, identifier: ToolGrantId) -> ToolGrant:
    """Need it no longer, by the person who holds it.

    Raises:
        Missing, NotSignedIn, Refused, MoveNotAllowed: as usual.
    """
    return _end(context, actor, identifier, action=Action.TOOL_USE, move="give-back", reason="")


def _end(
    context: Context,
    actor: Actor,
    identifier: ToolGrantId,
    *,
    action: Action,
    move: str,
    reason: str,
) -> ToolGrant:
    with context.storage.begin() as work:
        request = work.tools.grant(identifier).request
    holder = action is Action.TOOL_USE
    with step(context, actor, request, action, person=holder) as taken:
        grant = taken.work.tools.grant(identifier)
        over = access.end(grant, move, actor.role, because=reason, now=taken.now)
        saved = taken.work.tools.save_grant(over)
        end_model(taken.context, taken.work, saved, now=taken.now)
        rule = TOOL_GRANT_MOVES.apply(move, grant.state, actor.role).rule
        taken.note(rule, {"move": move, "grant": str(identifier), "words": told(reason)})
    return saved
