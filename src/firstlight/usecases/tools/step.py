"""One step about an offer, a request or a grant: lock, authorise, decide, store, record.

Time never runs backwards for one request: a step taken by a clock that was set back counts as
taken at the newest moment on record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.tools.access import ToolGrant
from firstlight.core.review.tools.asking import MARKING, ToolRequest
from firstlight.core.review.tools.ids import ToolRequestId
from firstlight.core.review.tools.offers import Offer
from firstlight.usecases.access.rules import Thing
from firstlight.usecases.access.table import Action, admits, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews.step import person_of


def thing_of_offer(offer: Offer) -> Thing:
    """An offer as a step sees it: that it is public gives nobody a right to change it."""
    return Thing(marking=Marking.CLEAR, owner=offer.offered_by)


def thing_of(request: ToolRequest | ToolGrant, role: Role) -> Thing:
    """A request or its grant: the asker's own, and for the others of whoever offers."""
    owner = request.organisation if role is Role.OPERATOR else request.offered_by
    return Thing(marking=MARKING, owner=owner)


def unknown(identifier: ToolRequestId) -> Missing:
    """Somebody else's request: that it exists is not told."""
    return Missing(f"there is no {identifier} for you")


def known(actor: Actor, action: Action, request: ToolRequest) -> None:
    """Let those pass to whom the request is known. Raises Missing."""
    if not admits(actor, action, thing_of(request, actor.role)):
        raise unknown(request.id)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A request that is locked, and somebody who may do what they are about to."""

    context: Context
    work: UnitOfWork
    actor: Actor
    action: Action
    offer: Offer
    """locked too"""
    request: ToolRequest
    now: Instant

    @property
    def person(self) -> PersonId:
        """Who acts. Raises NotSignedIn."""
        return person_of(self.actor)

    def note(self, rule: str, facts: Mapping[str, Json]) -> None:
        """One ledger entry about the request, in its sequence."""
        record(
            self.context,
            self.work,
            now=self.now,
            actor=self.actor,
            action=self.action,
            subject=str(self.request.id),
            rule=rule,
            facts=facts,
        )


@contextmanager
def step(
    context: Context,
    actor: Actor,
    identifier: ToolRequestId,
    action: Action,
    *,
    person: bool = False,
) -> Iterator[Step]:
    """Lock a request for one step.

    Args:
        context: the ports
        actor: who asks
        identifier: which request
        action: what for
        person: only the person who asked may do this

    Raises:
        Missing: no such request, or somebody else's, whose existence is not told.
        NotSignedIn, Refused: the actor may not.
    """
    clock = context.clock.now()
    allow(actor, action)
    with context.storage.begin() as work:
        # The offer first, as whoever takes it back does: two steps never wait for each other.
        offer = work.tools.lock_offer(work.tools.request(identifier).offer)
        request = work.tools.lock_request(identifier)
        known(actor, action, request)
        if person and request.person != person_of(actor):
            raise unknown(identifier)
        newest = work.tools.last_recorded(identifier)
        yield Step(
            context=context,
            work=work,
            actor=actor,
            action=action,
            offer=offer,
            request=request,
            now=max(clock, newest) if newest else clock,
        )
