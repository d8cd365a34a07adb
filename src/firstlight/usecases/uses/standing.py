"""A grant in its locked engagement, for what its own people do with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import GrantId
from firstlight.usecases.access.rules import Thing
from firstlight.usecases.access.table import Action, admits, allow
from firstlight.usecases.context import Context
from firstlight.usecases.reviews.step import Step


@dataclass(frozen=True, kw_only=True)
class Held:
    """A grant, and the step in its engagement that somebody takes."""

    grant: Grant
    step: Step


@contextmanager
def own_grant(context: Context, actor: Actor, identifier: GrantId) -> Iterator[Held]:
    """The actor's own grant, to use it.

    Raises:
        Missing: no such grant, or not this person's.
        NotSignedIn, Refused: the actor may not use anything.
    """
    allow(actor, Action.REVIEW_USE)
    with _held(context, actor, identifier, Action.REVIEW_USE) as held:
        grant = held.grant
        if actor.person != grant.person or actor.organisation != grant.organisation:
            raise _missing(identifier)
        allow(actor, Action.REVIEW_USE, thing_of_grant(held.step.engagement, grant))
        yield held


@contextmanager
def seconded_grant(context: Context, actor: Actor, identifier: GrantId) -> Iterator[Held]:
    """A grant in which the actor is named as a second person.

    Raises:
        Missing: no such grant, or the person is not named, or acts for neither side.
        NotSignedIn, Refused: the actor may be present nowhere.
    """
    allow(actor, Action.REVIEW_PRESENT)
    with _held(context, actor, identifier, Action.REVIEW_PRESENT) as held:
        thing = thing_of_second(held.step.engagement, held.grant, actor)
        named = actor.person in held.grant.seconds
        if not named or not admits(actor, Action.REVIEW_PRESENT, thing):
            raise _missing(identifier)
        yield held


def thing_of_grant(engagement: Engagement, grant: Grant) -> Thing:
    """A grant as the access table sees it."""
    return Thing(marking=engagement.marking, owner=grant.organisation)


def thing_of_second(engagement: Engagement, grant: Grant, actor: Actor) -> Thing:
    """A grant as the access table sees it for a second person of either side."""
    homes: set[OrganisationId | None] = {grant.organisation, engagement.model.developer}
    owner = actor.organisation if actor.organisation in homes else None
    return Thing(marking=engagement.marking, owner=owner)


@contextmanager
def _held(context: Context, actor: Actor, identifier: GrantId, action: Action) -> Iterator[Held]:
    clock = context.clock.now()
    with context.storage.begin() as work:
        engagement = work.engagements.lock(work.grants.get(identifier).engagement)
        newest = work.engagements.last_recorded(engagement.id)
        step = Step(
            context=context,
            work=work,
            actor=actor,
            action=action,
            engagement=engagement,
            now=max(clock, newest) if newest else clock,
        )
        yield Held(grant=work.grants.get(identifier), step=step)


def _missing(identifier: GrantId) -> Missing:
    return Missing(f"there is no {identifier} for you")
