"""Requests for defensive tools, by people of agencies, authorities and operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from firstlight.core.kernel.parties import Actor
from firstlight.core.review.criteria import Sector
from firstlight.core.review.tools import asking, eligibility
from firstlight.core.review.tools.asking import REQUEST_MOVES, ToolRequest
from firstlight.core.review.tools.eligibility import AskerKind, Defence
from firstlight.core.review.tools.ids import OfferId, ToolRequestId
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.context import Context, record
from firstlight.usecases.reviews.step import organisation_of, person_of, told
from firstlight.usecases.tools.step import step


@dataclass(frozen=True, kw_only=True)
class NewRequest:
    """What an asker says."""

    kind: AskerKind
    sector: Sector
    systems: Sequence[str]
    """which it answers for, each by name"""
    purposes: Sequence[Defence]
    text: str
    meets: Mapping[str, str]
    """how it meets each item of the offer's eligibility"""


def ask(
    context: Context, accounts: AccountStore, actor: Actor, identifier: OfferId, new: NewRequest
) -> ToolRequest:
    """Ask for an offer, in person and for named systems.

    Raises:
        Missing: no such offer.
        NotSignedIn, Refused: the actor's role does not ask.
        Invalid, Unwritten, TooLarge: it is not for such an asker, or something is left out.
        Conflict: the offer was taken back, or this person has asked already and waits.
    """
    allow(actor, Action.REQUEST_MAKE)
    person, organisation = person_of(actor), organisation_of(actor)
    now = context.clock.now()
    with context.storage.begin() as work:
        # Locked, so that it is not taken back between the look and the request.
        offer = work.tools.lock_offer(identifier)
        home = accounts.organisation(organisation).organisation
        request = ToolRequest(
            id=context.mint.new(ToolRequestId, now),
            offer=identifier,
            offered_by=offer.offered_by,
            organisation=organisation,
            person=person,
            kind=eligibility.kind_of(home.kind, new.kind),
            sector=new.sector,
            systems=tuple(new.systems),
            purposes=tuple(new.purposes),
            text=new.text,
            eligibility=offer.eligibility,
            meets=eligibility.checked(offer.eligibility, new.meets),
            asked_at=now,
            answer_by=now.plus(timedelta(days=offer.answer_days)),
        )
        asking.check_new(request, offer)
        work.tools.add_request(request)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.REQUEST_MAKE,
            subject=str(request.id),
            rule="2(c)(iii): an asker says who it is, for which systems, and for what",
            facts={
                "offer": str(identifier),
                "organisation": str(organisation),
                "kind": request.kind.value,
                "systems": len(request.systems),
                "purposes": [each.value for each in request.purposes],
                "eligibility": request.eligibility,
                "answer_by": str(request.answer_by),
                "words": told(request.text),
            },
        )
    return request


def take_back(context: Context, actor: Actor, identifier: ToolRequestId) -> ToolRequest:
    """Want it no longer.

    Raises:
        Missing, NotSignedIn, Refused, MoveNotAllowed: as usual.
    """
    with step(context, actor, identifier, Action.REQUEST_MAKE, person=True) as taken:
        saved = taken.work.tools.save_request(asking.take_back(taken.request, actor.role))
        rule = REQUEST_MOVES.apply("take-back", taken.request.state, actor.role).rule
        taken.note(rule, {"move": "take-back", "state": saved.state.value})
    return saved


def appeal(context: Context, actor: Actor, identifier: ToolRequestId, *, text: str) -> ToolRequest:
    """Have a refusal looked at again, by the same promised time.

    Raises:
        Missing, NotSignedIn, Refused, MoveNotAllowed: as usual.
        Conflict: the offer was taken back, or there were too many appeals.
        Unwritten: it is not said why.
    """
    with step(context, actor, identifier, Action.REQUEST_MAKE, person=True) as taken:
        asking.check_new(taken.request, taken.offer)
        appealed = asking.appeal(
            taken.request,
            actor.role,
            text=text,
            by=taken.person,
            days=taken.offer.answer_days,
            now=taken.now,
        )
        saved = taken.work.tools.save_request(appealed)
        rule = REQUEST_MOVES.apply("appeal", taken.request.state, actor.role).rule
        taken.note(rule, {"move": "appeal", "state": saved.state.value, "words": told(text)})
    return saved
