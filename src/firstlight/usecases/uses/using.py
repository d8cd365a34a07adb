"""Who may use an endpoint now, and the writing down of each use.

The decision is the core's (`core.review.use`); what is added here is what a gateway needs beside:
the key, the protocol, the budget, where the endpoint is, and whether a second person is present.
A use is opened and closed with an entry in the engagement's sequence of the ledger. The ledger's
lock is taken first, so that a revocation is either seen or comes after, and budgets are counted
one use after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Refused
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.parties import Actor, Role
from firstlight.core.review.artefacts import Artefact, Dialect
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId, UseId
from firstlight.core.review.keys import GrantKey
from firstlight.core.review.presence import Presence, there
from firstlight.core.review.spending import Spent
from firstlight.core.review.use import Admission, Situation, UseDenied, Why, decide
from firstlight.core.review.using import Closing, Use
from firstlight.core.review.window import Audience
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import Committed, UnitOfWork
from firstlight.usecases.ports import gateway as port
from firstlight.usecases.ports.gateway import Opening
from firstlight.usecases.ports.reviews import Memberships
from firstlight.usecases.ports.uses import StoredEndpoint
from firstlight.usecases.reviews.use import situation
from firstlight.usecases.uses.standing import thing_of_grant

_ROLE = {
    Audience.OFFICES: Role.REVIEWER,
    Audience.PARTNERS: Role.PARTNER,
    Audience.DEFENDERS: Role.OPERATOR,
}
_OPENED = "each use is written down before anything is forwarded"
_CLOSED = "each use is completed at its end"
_TOLD: Mapping[Why, type[Refused]] = {
    Why.CLOCK: port.ClocksDiffer,
    Why.NOT_OPEN: port.GrantRevoked,
    Why.NO_WINDOW: port.GrantNotBegun,
    Why.NOT_BEGUN: port.GrantNotBegun,
    Why.OVER: port.GrantExpired,
    Why.WRONG_ARTEFACT: port.ArtefactNotGranted,
    Why.REMOVED: port.ArtefactNotGranted,
    Why.EXPIRED: port.GrantExpired,
    Why.SUSPENDED: port.GrantSuspended,
    Why.REVOKED: port.GrantRevoked,
    Why.LEFT: port.GrantRevoked,
    Why.ORGANISATION_OUT: port.GrantRevoked,
    Why.TERMS: port.TermsNotAccepted,
    Why.SECOND_ABSENT: port.SecondPersonAbsent,
    Why.SECOND_UNFIT: port.SecondPersonAbsent,
}
"""what the gateway tells; the core's sentence goes with it"""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Everything that a decision looks at, but for time and money."""

    situation: Situation
    endpoint: StoredEndpoint | None
    key: GrantKey | None
    presences: tuple[Presence, ...]
    """that were not over when this was read"""

    @property
    def engagement(self) -> EngagementId:
        """Where it belongs."""
        return self.situation.engagement.id

    @property
    def artefact(self) -> ArtefactId:
        """What the grant is for."""
        return self.situation.grant.artefact


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A grant that stands at a moment."""

    artefact: Artefact
    until: Instant
    """the clock alone ends it here"""
    second: Presence | None
    """who is present; None where nobody is needed"""


def ground(work: UnitOfWork, people: Memberships, grant: GrantId, now: Instant) -> Ground:
    """Read it. Raises Missing."""
    found = situation(work, people, grant)
    return Ground(
        situation=found,
        endpoint=work.endpoints.get(found.grant.artefact),
        key=work.keys.of_grant(grant),
        presences=tuple(work.presences.of_grant(grant, now)) if found.grant.seconds else (),
    )


def judge(found: Ground, *, now: Instant, newest: Instant | None) -> Judged:
    """Whether the grant stands.

    Args:
        found: as it was read
        now: the gateway's time
        newest: the moment of the engagement's newest ledger entry

    Raises:
        Refused: one of the port's errors, with the core's reason.
    """
    at = replace(found.situation, last_recorded=newest)
    present: list[Presence | None] = [*there(found.presences, now)]
    refused = UseDenied(Why.SECOND_ABSENT, "a second named person must be present")
    for second in present or [None]:
        try:
            given = _decide(at, found.artefact, now, second.person if second else None)
        except UseDenied as error:
            refused = error
            if error.why is not Why.SECOND_UNFIT:
                break
        else:
            return Judged(artefact=given.artefact, until=given.until, second=second)
    raise _TOLD[refused.why](f"{refused.message[0].upper()}{refused.message[1:]}.")


def _decide(
    at: Situation, artefact: ArtefactId, now: Instant, second: PersonId | None
) -> Admission:
    # The gateway's clock is the only one here; it is compared with what is on record.
    return decide(at, artefact=artefact, now=now, elsewhere=now, second=second)


def check_dialect(judged: Judged, dialect: Dialect) -> None:
    """Raises ArtefactNotGranted when the artefact does not speak it."""
    if dialect not in judged.artefact.dialects:
        raise port.ArtefactNotGranted(f"This artefact does not speak {dialect.value}.")


def endpoint_of(found: Ground) -> StoredEndpoint:
    """Where it is. Raises EndpointUnknown."""
    if found.endpoint is None:
        raise port.EndpointUnknown
    return found.endpoint


def open_use(
    context: Context,
    work: UnitOfWork,
    found: Ground,
    judged: Judged,
    opening: Opening,
    *,
    last: Committed | None,
) -> Use:
    """Write a use down and reserve its share, within the unit of work that holds the ledger.

    Args:
        context: the ports
        work: the running unit of work
        found: what the decision looked at
        judged: that the grant stands
        opening: what the gateway knows of the request
        last: the engagement's newest ledger entry

    Raises:
        Refused: the person may not use anything, or the key was replaced.
        OverBudget: what is left does not reach.
    """
    grant, key = found.situation.grant, found.key
    if key is None or key.number != opening.admission.key_number:
        raise port.KeyReplaced
    actor = Actor(role=_ROLE[grant.audience], person=grant.person, organisation=grant.organisation)
    allow(actor, Action.REVIEW_USE, thing_of_grant(found.situation.engagement, grant))
    prices = endpoint_of(found).endpoint.prices
    money = prices.most(opening.most_tokens) if prices else 0
    spent = work.uses.spent(grant.id)
    spent.reserve(grant.budget, tokens=opening.most_tokens, money=money)
    at = max(opening.at, last.entry.at) if last else opening.at
    use = Use(
        id=context.mint.new(UseId, at),
        engagement=found.engagement,
        grant=grant.id,
        person=grant.person,
        organisation=grant.organisation,
        artefact=grant.artefact,
        purpose=grant.purpose,
        second=judged.second.person if judged.second else None,
        key_number=key.number,
        dialect=opening.dialect,
        model=opening.model,
        streamed=opening.streamed,
        opened=at,
        salt=opening.salt,
        request_digest=opening.request_digest,
        request_bytes=opening.request_bytes,
        reserved_tokens=opening.most_tokens,
        reserved_money=money,
        kept=opening.admission.keep_content,
    )
    work.uses.add(use)
    record(
        context,
        work,
        now=at,
        actor=actor,
        action=Action.REVIEW_USE,
        subject=str(use.engagement),
        rule=_OPENED,
        facts={"use": str(use.id), "step": "opened", **use.opening_json()},
        last=last,
    )
    return use


def close_use(context: Context, work: UnitOfWork, use: Use, closing: Closing) -> None:
    """Write its end down and settle the reservation; done again, it changes nothing."""
    last = work.ledger.last_of(str(use.engagement))
    at = max(closing.at, last.entry.at) if last else closing.at
    ended = replace(closing, at=at)
    if not work.uses.close(use, ended):
        return
    record(
        context,
        work,
        now=at,
        actor=Actor(role=Role.SYSTEM),
        action=Action.REVIEW_USE,
        subject=str(use.engagement),
        rule=_CLOSED,
        facts={"use": str(use.id), "step": "closed", **ended.to_json()},
        last=last,
    )


def left_of(found: Ground, spent: Spent) -> None:
    """Raises OverBudget when nothing is left of one of the grant's amounts."""
    spent.check(found.situation.grant.budget)
