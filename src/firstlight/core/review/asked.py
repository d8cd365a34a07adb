"""What is asked of whom: everything in an engagement that waits for somebody's word.

Nothing waits in the sense of holding anything up. It is a list for people who like to answer;
an engagement goes on, and a model is launched, whether or not anybody does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Role
from firstlight.core.review.closing import Record
from firstlight.core.review.engagement import EngagementState
from firstlight.core.review.grants import GrantState
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import Partner, PartnerState, Side, side_of


class Ask(StrEnum):
    """What kind of word is waited for."""

    OFFICE = "office"
    """an office asks to take part; the developer admits it, or does not"""
    QUESTION = "question"
    """the developer asks whether its model is covered; an office answers"""
    SHARING = "sharing"
    """an office finds an assessment fit for researchers; the developer agrees, or does not"""
    PROPOSAL = "proposal"
    """one side proposes a partner; the other agrees or refuses"""
    APPEAL = "appeal"
    """somebody asks the refusing side to look again"""
    OBSERVATION = "observation"
    """an observation in its present wording has no response"""
    HALT = "halt"
    """a grant is halted; whoever halted it lifts it when its conditions are met"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One thing that waits for a word."""

    what: Ask
    about: str
    """identifier of the organisation, partner, observation or grant; number of the question"""
    since: Instant


def asked_of(role: Role, organisation: OrganisationId, record: Record) -> tuple[Asked, ...]:
    """What waits for the developer, or for an office that takes part; oldest first.

    Other roles are asked nothing here, and of a closed engagement nothing is asked.
    """
    if record.engagement.state is EngagementState.CLOSED:
        return ()
    found: list[Asked] = []
    if role is Role.DEVELOPER:
        found += [*_offices(record), *_sharings(record), *_observations(record)]
        found += _partners(record.partners, Side.DEVELOPER)
        found += _halts(record)
    elif role is Role.REVIEWER:
        found += _questions(record)
        found += _partners(record.partners, Side.GOVERNMENT)
        found += _halts(record, organisation)
    return tuple(sorted(found, key=lambda one: one.since))


def waits_for(partner: Partner) -> Side | None:
    """The side whose turn it is; None when a partner is settled."""
    open_states = {PartnerState.PROPOSED, PartnerState.APPEALED}
    return partner.proposed_by.other if partner.state in open_states else None


def my_turn(partner: Partner, role: Role) -> bool:
    """Whether this role's side is waited for."""
    return role in {Role.DEVELOPER, Role.REVIEWER} and waits_for(partner) is side_of(role)


def _offices(record: Record) -> Iterator[Asked]:
    for each in record.offices:
        if each.state is OfficeState.ASKING:
            yield Asked(what=Ask.OFFICE, about=str(each.organisation), since=each.since)


def _questions(record: Record) -> Iterator[Asked]:
    for each in record.engagement.questions:
        if each.assessment is None:
            yield Asked(what=Ask.QUESTION, about=str(each.number), since=each.asked_at)


def _sharings(record: Record) -> Iterator[Asked]:
    for each in record.engagement.questions:
        found = each.assessment
        if found is not None and found.for_researchers and found.shared_at is None:
            yield Asked(what=Ask.SHARING, about=str(each.number), since=found.at)


def _observations(record: Record) -> Iterator[Asked]:
    for each in record.observations:
        newest = each.wordings[-1]
        if all(response.wording != newest.number for response in each.responses):
            yield Asked(what=Ask.OBSERVATION, about=str(each.id), since=newest.at)


def _partners(partners: Sequence[Partner], side: Side) -> Iterator[Asked]:
    for each in partners:
        if waits_for(each) is not side:
            continue
        appealed = each.state is PartnerState.APPEALED
        yield Asked(
            what=Ask.APPEAL if appealed else Ask.PROPOSAL,
            about=str(each.id),
            since=each.appeals[-1].at if appealed else each.proposed_at,
        )


def _halts(record: Record, halted_by: OrganisationId | None = None) -> Iterator[Asked]:
    """Of everybody, or those by one organisation."""
    for each in record.grants:
        if each.state is GrantState.SUSPENDED:
            last = each.suspensions[-1]
            if halted_by is None or last.organisation == halted_by:
                yield Asked(what=Ask.HALT, about=str(each.id), since=last.at)
