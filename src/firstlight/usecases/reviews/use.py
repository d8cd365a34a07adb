"""May somebody use an artefact now? For the gateway and for sealed documents.

Nothing is written here: whoever admits a use writes it down, durably, before it begins.
"""

from __future__ import annotations

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import PersonId
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import ArtefactId, GrantId
from firstlight.core.review.tools.access import serves
from firstlight.core.review.use import Admission, Situation, decide
from firstlight.core.review.window import Audience
from firstlight.usecases.context import Context
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.reviews import Memberships
from firstlight.usecases.reviews.granting import takes_part


def situation(work: UnitOfWork, people: Memberships, identifier: GrantId) -> Situation:
    """Everything that a decision looks at, as one unit of work sees it. Raises Missing."""
    grant = work.grants.get(identifier)
    engagement = work.engagements.get(grant.engagement)
    terms = engagement.present_terms
    return Situation(
        engagement=engagement,
        grant=grant,
        takes_part=_takes_part(work, engagement, grant),
        accepted=[
            each.person
            for each in work.engagements.acceptances(engagement.id)
            if terms and (each.number, each.digest) == (terms.number, terms.digest)
        ],
        memberships={
            person: people.memberships(person) for person in (grant.person, *grant.seconds)
        },
        last_recorded=work.engagements.last_recorded(engagement.id),
    )


def _takes_part(work: UnitOfWork, engagement: Engagement, grant: Grant) -> bool:
    """A member office, an agreed partner, or a defender whose offer still stands."""
    if grant.audience is not Audience.DEFENDERS:
        return takes_part(work, engagement.id, grant.audience, grant.organisation)
    given = work.tools.served_by(grant.id)
    return serves(given, work.tools.offer(given.offer) if given else None, engagement)


def check_use(
    context: Context,
    people: Memberships,
    *,
    grant: GrantId,
    artefact: ArtefactId,
    now: Instant,
    second_person: PersonId | None = None,
) -> Admission:
    """Admit a use, or say why not.

    Args:
        context: the ports
        people: who belongs where
        grant: whose
        artefact: what is to be used
        now: the time where the use begins; the clock here is compared with it
        second_person: who is present beside the grant's person

    Raises:
        Missing: no such grant.
        UseDenied: with its reason.
    """
    with context.storage.begin() as work:
        return admit(
            context,
            work,
            people,
            grant=grant,
            artefact=artefact,
            now=now,
            second_person=second_person,
        )


def admit(
    context: Context,
    work: UnitOfWork,
    people: Memberships,
    *,
    grant: GrantId,
    artefact: ArtefactId,
    now: Instant,
    second_person: PersonId | None = None,
) -> Admission:
    """Like `check_use`, within the unit of work that also writes the use down."""
    return decide(
        situation(work, people, grant),
        artefact=artefact,
        now=context.clock.now(),
        elsewhere=now,
        second=second_person,
    )
