"""Grants: the developer gives and revokes, anyone in the engagement suspends with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.errors import Invalid, Refused
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review import artefacts, grants
from firstlight.core.review.engagement import planned
from firstlight.core.review.grants import Budget, Grant, GrantState, Purpose, Suspension
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId
from firstlight.core.review.notices import Event, Recipient
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import PartnerState
from firstlight.core.review.window import Audience
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.reviews import Memberships
from firstlight.usecases.reviews import telling
from firstlight.usecases.reviews.step import Step, step, told

_ROLE = {
    Audience.OFFICES: Role.REVIEWER,
    Audience.PARTNERS: Role.PARTNER,
    Audience.DEFENDERS: Role.OPERATOR,
}


@dataclass(frozen=True, kw_only=True)
class NewGrant:
    """What a developer gives."""

    audience: Audience
    person: PersonId
    organisation: OrganisationId
    artefact: ArtefactId
    purpose: Purpose
    until: Instant
    since: Instant | None = None
    """None for from now on"""
    seconds: Sequence[PersonId] = ()
    """people of whom one must be present; empty for no two-person rule"""
    budget: Budget


def takes_part(
    work: UnitOfWork, engagement: EngagementId, audience: Audience, organisation: OrganisationId
) -> bool:
    """Whether an organisation is a member office, or an agreed partner."""
    if audience is Audience.DEFENDERS:
        return False  # they ask for an offer; nobody gives them a grant by name
    if audience is Audience.OFFICES:
        offices = work.engagements.offices(engagement)
        return any(
            each.organisation == organisation and each.state is OfficeState.MEMBER
            for each in offices
        )
    partners = work.partners.of_engagement(engagement)
    return any(
        each.organisation == organisation and each.state is PartnerState.AGREED for each in partners
    )


def give_grant(
    context: Context, people: Memberships, actor: Actor, identifier: EngagementId, new: NewGrant
) -> Grant:
    """Give one person access to one artefact for one purpose until one moment.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual; Missing also for an unknown artefact.
        Invalid: the organisation takes no part, the person does not belong to it, or the grant
            would mean nothing.
        Conflict: the artefact cannot be granted.
    """
    with step(context, actor, identifier, Action.REVIEW_GRANT) as taken:
        _, rule = taken.move("arrange")
        planned(taken.engagement)
        artefact = artefacts.find(taken.engagement.artefacts, new.artefact)
        _check_people(taken, people, new)
        since = taken.now if new.since is None else new.since
        if new.until < since:
            raise Invalid("a grant cannot end before it begins", field="until")
        grant = Grant(
            id=context.mint.new(GrantId, taken.now),
            engagement=identifier,
            audience=new.audience,
            person=new.person,
            organisation=new.organisation,
            artefact=new.artefact,
            purpose=new.purpose,
            valid=Period(start=since, end=new.until),
            seconds=tuple(new.seconds),
            budget=new.budget,
            state=GrantState.ACTIVE,
            given_by=taken.person,
            given_at=taken.now,
        )
        grants.check_new(grant, artefact, taken.now)
        taken.work.grants.add(grant)
        facts: dict[str, Json] = {
            "grant": str(grant.id),
            "person": str(grant.person),
            "organisation": str(grant.organisation),
            "artefact": str(grant.artefact),
            "purpose": grant.purpose.value,
            "from": str(grant.valid.start),
            "until": str(grant.valid.end),
            "seconds": [str(each) for each in grant.seconds],
        }
        taken.note(rule, facts)
        taken.tell(Event.GRANT_GIVEN, telling.holder(grant))
    return grant


def _check_people(taken: Step, people: Memberships, new: NewGrant) -> None:
    if not takes_part(taken.work, taken.engagement.id, new.audience, new.organisation):
        raise Invalid("this organisation takes no part in the engagement", field="organisation")
    role = _ROLE[new.audience]
    if not any(
        each.organisation == new.organisation and each.role is role and each.active(taken.now)
        for each in people.memberships(new.person)
    ):
        raise Invalid(f"this person is no {role.value} of the organisation", field="person")
    homes = {new.organisation, taken.engagement.model.developer}
    for second in new.seconds:
        held = people.memberships(second)
        if not any(each.organisation in homes and each.active(taken.now) for each in held):
            raise Invalid("a second person belongs to neither side", field="seconds")


def revoke_grant(context: Context, actor: Actor, identifier: GrantId, *, reason: str = "") -> Grant:
    """End a grant at once, by the developer.

    Raises:
        Missing, Refused: as usual.
        MoveNotAllowed: it has ended already.
    """
    with _grant(context, actor, identifier, Action.REVIEW_GRANT) as (taken, grant):
        ended = grants.end(grant, "revoke", actor.role, because=reason, now=taken.now)
        saved = taken.work.grants.save(ended)
        taken.note(
            _rule(grant, "revoke", actor.role), {"grant": str(grant.id), "words": told(reason)}
        )
        taken.tell(Event.GRANT_REVOKED, telling.holder(grant))
    return saved


def suspend_grant(
    context: Context, actor: Actor, identifier: GrantId, *, reason: str, conditions: str
) -> Grant:
    """Halt a grant, with a written reason and the conditions for lifting it.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Unwritten: there is no reason, or no condition for lifting.
    """
    with _grant(context, actor, identifier, Action.REVIEW_SUSPEND) as (taken, grant):
        suspension = Suspension(
            at=taken.now,
            by=taken.person,
            organisation=taken.organisation,
            reason=reason,
            conditions=conditions,
        )
        saved = taken.work.grants.save(grants.suspend(grant, suspension, actor.role))
        facts: dict[str, Json] = {
            "grant": str(grant.id),
            "by": str(suspension.organisation),
            "reason": told(suspension.reason),
            "conditions": told(suspension.conditions),
        }
        taken.note(_rule(grant, "suspend", actor.role), facts)
        taken.tell(Event.SUSPENDED, *_concerned(taken, grant))
    return saved


def restore_grant(context: Context, actor: Actor, identifier: GrantId, *, note: str) -> Grant:
    """Lift a halt, and say how its conditions were met.

    Raises:
        Missing, MoveNotAllowed: as usual.
        Refused: another organisation halted it.
        Unwritten: nothing is said.
    """
    with _grant(context, actor, identifier, Action.REVIEW_SUSPEND) as (taken, grant):
        lifted = grants.restore(
            grant,
            actor.role,
            note=note,
            by=taken.person,
            organisation=taken.organisation,
            now=taken.now,
        )
        saved = taken.work.grants.save(lifted)
        taken.note(
            _rule(grant, "restore", actor.role), {"grant": str(grant.id), "note": told(note)}
        )
        taken.tell(Event.RESTORED, *_concerned(taken, grant))
    return saved


@contextmanager
def _grant(
    context: Context, actor: Actor, identifier: GrantId, action: Action
) -> Iterator[tuple[Step, Grant]]:
    """A grant in its locked engagement. A partner reaches the grants of its own people only."""
    with context.storage.begin() as work:
        engagement = work.grants.get(identifier).engagement
    with step(context, actor, engagement, action) as taken:
        grant = taken.work.grants.get(identifier)
        if actor.role is Role.PARTNER and grant.organisation != actor.organisation:
            raise Refused("this grant is of another organisation")
        yield taken, grant


def _concerned(taken: Step, grant: Grant) -> tuple[Recipient, ...]:
    """The developer, at once, and the person."""
    return telling.developer_of(taken.engagement), telling.holder(grant)


def _rule(grant: Grant, name: str, role: Role) -> str:
    return grants.GRANT_MOVES.apply(name, grant.state, role).rule
