"""An offered model is served like every other: through a grant of its engagement.

So the gateway, its keys, its budgets and its record of uses need to know nothing of offers; the
developer sees these grants among its own, can halt and revoke them, and a close ends them too.
"""

from __future__ import annotations

from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.parties import SYSTEM, Actor, Role
from firstlight.core.review import artefacts, grants
from firstlight.core.review.grants import Grant, GrantState, Purpose
from firstlight.core.review.ids import EngagementId, GrantId
from firstlight.core.review.terms import Acceptance
from firstlight.core.review.tools.access import ToolGrant
from firstlight.core.review.tools.ids import ToolRequestId
from firstlight.core.review.tools.offers import Endpoint, check_endpoint
from firstlight.core.review.window import Audience
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.reviews.arranging import accept_terms
from firstlight.usecases.reviews.step import person_of, told
from firstlight.usecases.tools.step import Step, known, unknown


def give_model(taken: Step, endpoint: Endpoint, valid: Period) -> GrantId:
    """Give the asker a grant of the engagement, within the step that answers the request.

    Raises:
        Invalid: the endpoint is no longer what was offered.
        Conflict, Missing: as `grants.check_new`.
    """
    work, request = taken.work, taken.request
    engagement = work.engagements.lock(endpoint.engagement)
    check_endpoint(taken.offer, engagement)
    now = _now(work, engagement.id, taken.now)
    grant = Grant(
        id=taken.context.mint.new(GrantId, now),
        engagement=engagement.id,
        audience=Audience.DEFENDERS,
        person=request.person,
        organisation=request.organisation,
        artefact=endpoint.artefact,
        purpose=Purpose.DEFENSIVE_USE,
        valid=valid,
        seconds=(),
        budget=endpoint.budget,
        state=GrantState.ACTIVE,
        given_by=taken.person,
        given_at=now,
    )
    grants.check_new(grant, artefacts.find(engagement.artefacts, endpoint.artefact), now)
    work.grants.add(grant)
    record(
        taken.context,
        work,
        now=now,
        actor=taken.actor,
        action=Action.REQUEST_DECIDE,
        subject=str(engagement.id),
        rule="2(c)(iii): a model that its developer offers to defenders",
        facts={
            "grant": str(grant.id),
            "person": str(grant.person),
            "organisation": str(grant.organisation),
            "artefact": str(grant.artefact),
            "purpose": grant.purpose.value,
            "request": str(request.id),
            "until": str(valid.end),
        },
    )
    return grant.id


def end_model(context: Context, work: UnitOfWork, ended: ToolGrant, *, now: Instant) -> None:
    """End what the gateway served, if anything; done already, it changes nothing."""
    if ended.through is None:
        return
    engagement = work.engagements.lock(work.grants.get(ended.through).engagement)
    grant = work.grants.get(ended.through)
    if grant.state is GrantState.REVOKED:
        return
    at = _now(work, engagement.id, now)
    because = ended.ended_because or "it was given back"
    work.grants.save(grants.end(grant, "end", Role.SYSTEM, because=because, now=at))
    record(
        context,
        work,
        now=at,
        actor=SYSTEM,
        action=Action.REVIEW_GRANT,
        subject=str(engagement.id),
        rule="what the grant hangs on has ended",
        facts={"grant": str(grant.id), "words": told(because)},
    )


def _now(work: UnitOfWork, engagement: EngagementId, now: Instant) -> Instant:
    """Time never runs backwards within an engagement."""
    newest = work.engagements.last_recorded(engagement)
    return max(now, newest) if newest else now


def accept_model_terms(
    context: Context, actor: Actor, identifier: ToolRequestId, *, digest_seen: str
) -> Acceptance:
    """Accept, for oneself, the terms of a model that was granted.

    Raises:
        Missing: no such request of the actor, or no model was granted for it.
        NotSignedIn, Refused: as usual.
        Conflict: the terms have changed meanwhile.
    """
    allow(actor, Action.TOOL_USE)
    with context.storage.begin() as work:
        request = work.tools.request(identifier)
        known(actor, Action.TOOL_USE, request)
        given = work.tools.of_request(identifier)
        if given is None or given.through is None or request.person != person_of(actor):
            raise unknown(identifier)
        engagement = work.grants.get(given.through).engagement
    return accept_terms(context, actor, engagement, digest_seen=digest_seen)
