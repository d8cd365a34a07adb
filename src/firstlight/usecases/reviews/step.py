"""One step in an engagement: lock, authorise, decide, store, record.

Time never runs backwards within an engagement: a step that is taken by a clock that was set back
counts as taken at the newest moment on record. So a wrong clock can end access early, and can
neither prolong it nor keep a developer from launching, withdrawing or closing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, NotSignedIn, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import SYSTEM, Actor, Role
from firstlight.core.review import grants as rules
from firstlight.core.review.engagement import ENGAGEMENT_MOVES, Engagement, EngagementState
from firstlight.core.review.grants import Grant, GrantState
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.notices import Event, Recipient
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import PartnerState
from firstlight.core.review.window import Audience
from firstlight.usecases.access.rules import Thing
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews import telling

_TAKES_PART = frozenset({OfficeState.MEMBER})
_CONCERNED = _TAKES_PART | {OfficeState.ASKING}


def thing_of(work: UnitOfWork, engagement: Engagement, role: Role, action: Action) -> Thing:
    """An engagement as the access table sees it for a role.

    Its parties are the member offices for a reviewer, the agreed partners for a partner, those who
    were granted an offered model for an operator, and nobody for anyone else. An office that asks
    can do no more than take its request back.
    """
    parties: frozenset[OrganisationId] = frozenset()
    if role is Role.REVIEWER:
        offices = work.engagements.offices(engagement.id)
        counts = _CONCERNED if action is Action.REVIEW_ASK else _TAKES_PART
        parties = frozenset(each.organisation for each in offices if each.state in counts)
    elif role is Role.PARTNER:
        known = work.partners.of_engagement(engagement.id)
        parties = frozenset(p.organisation for p in known if p.state is PartnerState.AGREED)
    elif role is Role.OPERATOR:
        given = work.grants.of_engagement(engagement.id)
        parties = frozenset(each.organisation for each in given if _defends(each))
    return Thing(marking=engagement.marking, owner=engagement.model.developer, parties=parties)


def person_of(actor: Actor) -> PersonId:
    """The person who acts. Raises NotSignedIn when it is none."""
    if actor.person is None:
        raise NotSignedIn
    return actor.person


def organisation_of(actor: Actor) -> OrganisationId:
    """The organisation for which somebody acts. Raises Refused when there is none."""
    if actor.organisation is None:
        raise Refused("you act for no organisation")
    return actor.organisation


def told(words: str) -> str:
    """What the ledger keeps of words: their SHA-256. The words stand in the record."""
    return digest(words.encode()) if words else ""


def _defends(grant: Grant) -> bool:
    return grant.audience is Audience.DEFENDERS and grant.state is not GrantState.REVOKED


@dataclass(frozen=True, kw_only=True)
class Step:
    """An engagement that is locked, and somebody who may do what they are about to."""

    context: Context
    work: UnitOfWork
    actor: Actor
    action: Action
    engagement: Engagement
    now: Instant

    @property
    def person(self) -> PersonId:
        """Who acts. Raises NotSignedIn."""
        return person_of(self.actor)

    @property
    def organisation(self) -> OrganisationId:
        """For whom. Raises Refused."""
        return organisation_of(self.actor)

    def move(self, name: str) -> tuple[EngagementState, str]:
        """State and rule of one step of the engagement's table. Raises MoveNotAllowed."""
        row = ENGAGEMENT_MOVES.apply(name, self.engagement.state, self.actor.role)
        return row.target, row.rule

    def save(
        self, changed: Engagement, rule: str, facts: Mapping[str, Json] | None = None
    ) -> Engagement:
        """Store the engagement and write the step down."""
        saved = self.work.engagements.save(changed)
        self.note(rule, {"state": saved.state.value, "version": saved.version, **(facts or {})})
        return saved

    def note(
        self, rule: str, facts: Mapping[str, Json] | None = None, by: Actor | None = None
    ) -> None:
        """One ledger entry about the engagement, in its sequence."""
        record(
            self.context,
            self.work,
            now=self.now,
            actor=by or self.actor,
            action=self.action,
            subject=str(self.engagement.id),
            rule=rule,
            facts=facts,
        )

    def tell(self, event: Event, *recipients: Recipient) -> None:
        """Let those know whom it concerns, when this step is stored."""
        telling.tell(
            self.context,
            self.work,
            self.engagement,
            event,
            *recipients,
            now=self.now,
            by=self.actor.person,
        )

    def end_grants(self, because: str, organisation: OrganisationId | None = None) -> int:
        """End every grant that stands (of one organisation, or all). How many there were."""
        ended: list[Grant] = []
        for grant in self.work.grants.of_engagement(self.engagement.id):
            mine = organisation is None or grant.organisation == organisation
            if mine and grant.state is not GrantState.REVOKED:
                over = rules.end(grant, "end", Role.SYSTEM, because=because, now=self.now)
                ended.append(self.work.grants.save(over))
        for grant in ended:
            rule = "what the grant hangs on has ended"
            self.note(rule, {"grant": str(grant.id), "because": because}, by=SYSTEM)
        self.tell(Event.GRANT_ENDED, *(telling.holder(grant) for grant in ended))
        return len(ended)


@contextmanager
def step(
    context: Context,
    actor: Actor,
    identifier: EngagementId,
    action: Action,
    *,
    seen: int | None = None,
    also: frozenset[OrganisationId] = frozenset(),
) -> Iterator[Step]:
    """Lock an engagement for one step.

    Args:
        context: the ports
        actor: who asks
        identifier: which engagement
        action: what for
        seen: the version that the actor saw; None when it does not matter
        also: further parties, for a step of somebody whom the engagement refused

    Raises:
        Missing: no such engagement.
        NotSignedIn, Refused: the actor may not.
        Conflict: it is not the version that was seen.
    """
    clock = context.clock.now()
    with context.storage.begin() as work:
        engagement = work.engagements.lock(identifier)
        thing = thing_of(work, engagement, actor.role, action)
        allow(actor, action, replace(thing, parties=thing.parties | also))
        if seen is not None and seen != engagement.version:
            raise Conflict(
                f"{engagement.number} has changed since you looked",
                seen=seen,
                stored=engagement.version,
            )
        newest = work.engagements.last_recorded(identifier)
        yield Step(
            context=context,
            work=work,
            actor=actor,
            action=action,
            engagement=engagement,
            now=max(clock, newest) if newest else clock,
        )
