"""Observations and the developer's responses: advice, and what was made of it."""

from __future__ import annotations

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import observations
from firstlight.core.review.ids import EngagementId, ObservationId
from firstlight.core.review.notices import Event, Recipient
from firstlight.core.review.observations import Observation, wording
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import telling
from firstlight.usecases.reviews.step import Step, step, told


def observe(
    context: Context, actor: Actor, identifier: EngagementId, *, title: str, text: str
) -> Observation:
    """Tell the developer something.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Unwritten, Invalid, TooLarge: title or text is none.
    """
    with step(context, actor, identifier, Action.REVIEW_ADVISE) as taken:
        _, rule = taken.move("advise")
        observation = Observation(
            id=context.mint.new(ObservationId, taken.now),
            engagement=identifier,
            organisation=taken.organisation,
            wordings=(wording(1, title, text, taken.person, taken.now),),
        )
        taken.work.observations.add(observation)
        _note(taken, observation, rule, text)
        taken.tell(Event.OBSERVATION, telling.developer_of(taken.engagement))
    return observation


def reword(
    context: Context, actor: Actor, identifier: ObservationId, *, title: str, text: str
) -> Observation:
    """Say it anew; the earlier version stays.

    Raises:
        Missing, MoveNotAllowed: as usual.
        Refused: it is another organisation's.
        Conflict: there are too many versions.
    """
    with context.storage.begin() as work:
        engagement = work.observations.get(identifier).engagement
    with step(context, actor, engagement, Action.REVIEW_ADVISE) as taken:
        _, rule = taken.move("advise")
        found = taken.work.observations.get(identifier)
        if found.organisation != taken.organisation:
            raise Refused("this observation is of another organisation")
        changed = observations.reword(found, title, text, taken.person, taken.now)
        saved = taken.work.observations.save(changed)
        _note(taken, saved, rule, text)
        taken.tell(Event.OBSERVATION, telling.developer_of(taken.engagement))
    return saved


def respond(
    context: Context, actor: Actor, identifier: ObservationId, *, wording: int, text: str
) -> Observation:
    """The developer's response to one version; it stands beside it.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual; Missing also for a version that is not there.
        Unwritten, TooLarge: the text is none.
    """
    with context.storage.begin() as work:
        engagement = work.observations.get(identifier).engagement
    with step(context, actor, engagement, Action.REVIEW_ARRANGE) as taken:
        _, rule = taken.move("respond")
        found = taken.work.observations.get(identifier)
        answered = observations.respond(found, wording, text, taken.person, taken.now)
        saved = taken.work.observations.save(answered)
        _note(taken, saved, rule, text)
        taken.tell(Event.RESPONSE, *_authors(taken, saved))
    return saved


def _authors(taken: Step, observation: Observation) -> list[Recipient]:
    """The side that wrote it, whichever it was."""
    sides = telling.audience(taken.work, taken.engagement, None)
    return [each for each in sides if each.organisation == observation.organisation]


def _note(taken: Step, observation: Observation, rule: str, text: str) -> None:
    facts: dict[str, Json] = {
        "observation": str(observation.id),
        "wordings": len(observation.wordings),
        "responses": len(observation.responses),
        "words": told(text),
    }
    taken.note(rule, facts)
