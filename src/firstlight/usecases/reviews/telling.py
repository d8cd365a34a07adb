"""Telling: a notice is stored with the change that it is about, in the same unit of work.

It names a side, not people: who belongs to the side, and how each is reached, is looked up when it
leaves (`spreading`). So no use case has to know addresses, and a person who left gets nothing.
"""

from __future__ import annotations

from firstlight.core.kernel.canonical import canonical
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.grants import Grant
from firstlight.core.review.ids import NoticeId
from firstlight.core.review.notices import Event, Notice, Recipient, distinct, role_of
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import PartnerState
from firstlight.core.review.window import Audience
from firstlight.usecases.context import Context
from firstlight.usecases.ports import Message, UnitOfWork

NOTICE = "notice"
"""kind of the message"""


def tell(
    context: Context,
    work: UnitOfWork,
    engagement: Engagement,
    event: Event,
    *recipients: Recipient,
    now: Instant,
    by: PersonId | None = None,
    key: str = "",
) -> None:
    """Store a notice for each recipient, once each.

    Args:
        context: for identifiers
        work: the running unit of work
        engagement: in which it happened
        event: what
        recipients: whom it concerns
        now: when
        by: who did it; they get no mail about it
        key: names what happened, where the same may be told again; empty where it cannot be
    """
    for told in distinct(recipients):
        notice = Notice(
            id=context.mint.new(NoticeId, now),
            event=event,
            engagement=engagement.id,
            number=engagement.number,
            recipient=told,
            at=now,
            by=by,
        )
        message = Message(
            kind=NOTICE,
            to=str(told.person or told.organisation),
            subject=event.value,
            body=canonical(notice.to_json()).decode(),
        )
        once = f"{engagement.id} {told.organisation} {told.role.value} {key}" if key else notice.id
        work.outbox.put(message, key=f"notice {once}")


def developer_of(engagement: Engagement) -> Recipient:
    """The developer's people."""
    return Recipient(organisation=engagement.model.developer, role=Role.DEVELOPER)


def office(organisation: OrganisationId) -> Recipient:
    """An office's reviewers."""
    return Recipient(organisation=organisation, role=Role.REVIEWER)


def partner(organisation: OrganisationId) -> Recipient:
    """A partner's people."""
    return Recipient(organisation=organisation, role=Role.PARTNER)


def holder(grant: Grant) -> Recipient:
    """The person of a grant."""
    role = role_of(grant.audience)
    return Recipient(organisation=grant.organisation, role=role, person=grant.person)


def offices(work: UnitOfWork, engagement: Engagement) -> tuple[Recipient, ...]:
    """The offices that take part."""
    known = work.engagements.offices(engagement.id)
    return tuple(office(each.organisation) for each in known if each.state is OfficeState.MEMBER)


def partners(work: UnitOfWork, engagement: Engagement) -> tuple[Recipient, ...]:
    """The partners that both sides agreed to."""
    known = work.partners.of_engagement(engagement.id)
    return tuple(partner(each.organisation) for each in known if each.state is PartnerState.AGREED)


def audience(
    work: UnitOfWork, engagement: Engagement, wanted: Audience | None
) -> tuple[Recipient, ...]:
    """Those for whom a window is; None for both."""
    found: tuple[Recipient, ...] = ()
    if wanted in {None, Audience.OFFICES}:
        found += offices(work, engagement)
    if wanted in {None, Audience.PARTNERS}:
        found += partners(work, engagement)
    return found
