"""Trusted partners: proposed, agreed or refused by the other side, appealed, ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.parties import Actor, OrganisationKind, Role
from firstlight.core.review import criteria, partners
from firstlight.core.review.criteria import Sector
from firstlight.core.review.ids import EngagementId, PartnerId
from firstlight.core.review.notices import Event, Recipient
from firstlight.core.review.partners import (
    PARTNER_MOVES,
    Partner,
    PartnerState,
    Side,
    side_of,
)
from firstlight.usecases.access.table import Action
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.context import Context
from firstlight.usecases.reviews import telling
from firstlight.usecases.reviews.step import Step, step, told


def propose_partner(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    identifier: EngagementId,
    *,
    organisation: OrganisationId,
    sector: Sector,
    meets: Mapping[str, str],
    version: str = criteria.NEWEST,
) -> Partner:
    """Propose an organisation, and say of each published criterion how it is met.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid: it is no vetted partner organisation, or a criterion is left out.
        Conflict: it has a part in this engagement already.
    """
    with step(context, actor, identifier, Action.REVIEW_SELECT) as taken:
        known = accounts.organisation(organisation).organisation
        if known.kind is not OrganisationKind.PARTNER or known.vetted_at is None:
            raise Invalid("this organisation is no vetted partner", field="organisation")
        partner = Partner(
            id=context.mint.new(PartnerId, taken.now),
            engagement=identifier,
            organisation=organisation,
            sector=sector,
            criteria=version,
            meets=criteria.checked(version, meets),
            proposed_by=side_of(actor.role),
            proposed_at=taken.now,
            state=PartnerState.PROPOSED,
        )
        taken.work.partners.add(partner)
        taken.tell(Event.PARTNER_PROPOSED, *_everyone(taken, partner))
        _note(taken, partner, "3(b)(iii): either side proposes", "propose", "")
    return partner


def decide_partner(
    context: Context, actor: Actor, identifier: PartnerId, *, move: str, reason: str = ""
) -> Partner:
    """Agree, refuse, answer an appeal, or end it.

    Args:
        context: the ports
        actor: the developer, or a reviewer of a member office
        identifier: which partner
        move: `agree`, `refuse`, `uphold`, `grant-appeal` or `end`
        reason: needed for everything but an agreement

    Raises:
        Missing, Refused, MoveNotAllowed: as usual; Refused also when it is the other side's turn.
        Unwritten: a reason is owed.
    """
    with _partner(context, actor, identifier, Action.REVIEW_SELECT) as (taken, partner):
        decided = partners.decide(
            partner, move, actor.role, reason=reason, by=taken.person, now=taken.now
        )
        saved = taken.work.partners.save(decided)
        if move == "end":
            taken.end_grants("the organisation is no partner any more", saved.organisation)
        rule = PARTNER_MOVES.apply(move, partner.state, actor.role).rule
        _note(taken, saved, rule, move, reason)
        taken.tell(_MOVES[move], *_everyone(taken, saved))
    return saved


def appeal(context: Context, actor: Actor, identifier: PartnerId, *, text: str) -> Partner:
    """Ask the side that refused to look again.

    Raises:
        Missing, MoveNotAllowed: as usual.
        Refused: neither the partner nor the side that proposed it.
        Unwritten: it is not said why.
    """
    with _partner(context, actor, identifier, Action.REVIEW_APPEAL) as (taken, partner):
        asked = partners.appeal(
            partner,
            actor.role,
            text=text,
            by=taken.person,
            organisation=taken.organisation,
            now=taken.now,
        )
        saved = taken.work.partners.save(asked)
        rule = PARTNER_MOVES.apply("appeal", partner.state, actor.role).rule
        _note(taken, saved, rule, "appeal", text)
        taken.tell(Event.PARTNER_APPEALED, *_side(taken, saved.proposed_by.other))
    return saved


_MOVES = {
    "agree": Event.PARTNER_AGREED,
    "refuse": Event.PARTNER_REFUSED,
    "uphold": Event.PARTNER_ANSWERED,
    "grant-appeal": Event.PARTNER_ANSWERED,
    "end": Event.PARTNER_ENDED,
}


def _side(taken: Step, side: Side) -> tuple[Recipient, ...]:
    if side is Side.DEVELOPER:
        return (telling.developer_of(taken.engagement),)
    return telling.offices(taken.work, taken.engagement)


def _everyone(taken: Step, partner: Partner) -> tuple[Recipient, ...]:
    """Both sides, and the partner itself."""
    sides = _side(taken, Side.DEVELOPER) + _side(taken, Side.GOVERNMENT)
    return (*sides, telling.partner(partner.organisation))


@contextmanager
def _partner(
    context: Context, actor: Actor, identifier: PartnerId, action: Action
) -> Iterator[tuple[Step, Partner]]:
    """A partner in its locked engagement. A refused partner may still appeal for itself."""
    with context.storage.begin() as work:
        found = work.partners.get(identifier)
    own = frozenset({found.organisation}) if actor.role is Role.PARTNER else frozenset()
    with step(context, actor, found.engagement, action, also=own) as taken:
        yield taken, taken.work.partners.get(identifier)


def _note(taken: Step, partner: Partner, rule: str, move: str, words: str) -> None:
    facts: dict[str, Json] = {
        "partner": str(partner.id),
        "organisation": str(partner.organisation),
        "sector": partner.sector.value,
        "criteria": partner.criteria,
        "move": move,
        "state": partner.state.value,
        "words": told(words),
    }
    taken.note(rule, facts)
