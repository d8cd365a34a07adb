"""What a coordinator does with a case besides the flaw itself: close, reopen, bring people in."""

from __future__ import annotations

from dataclasses import replace

from firstlight.core.clearinghouse.case import CASE_MOVES, Case, Party, PartyRole
from firstlight.core.kernel.errors import Invalid, Missing
from firstlight.core.kernel.ids import CaseId, OrganisationId
from firstlight.core.kernel.parties import Actor, OrganisationKind
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.accounts.port import AccountStore
from firstlight.usecases.cases.thing import thing_of
from firstlight.usecases.context import Context, record


def move_case(
    context: Context, actor: Actor, case_id: CaseId, move_name: str, *, reason: str, version: int
) -> Case:
    """Close or reopen a case, with a reason.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Invalid: no reason is given.
        Conflict: the case is not as it was seen.
    """
    if not reason.strip():
        raise Invalid("say why, so that others can follow", field="reason")
    now = context.clock.now()
    with context.storage.begin() as work:
        case = work.cases.lock(case_id)
        allow(actor, Action.CASE_MOVE, thing_of(work, case))
        move = CASE_MOVES.apply(move_name, case.state, actor.role)
        saved = work.cases.save(replace(case, state=move.target, version=version))
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.CASE_MOVE,
            subject=str(case.id),
            rule=move.rule,
            facts={"move": move.name, "to": move.target.value, "reason": reason},
        )
    return saved


def add_maintainer(
    context: Context,
    accounts: AccountStore,
    actor: Actor,
    case_id: CaseId,
    organisation: OrganisationId,
) -> None:
    """Make an organisation a party of the case as its maintainer.

    It sees the case once the flaw has been reproduced, or at once if it asked for the raw feed;
    that it asked stands in its own record and is nobody else's to say.

    Raises:
        Missing: no such case, or no vetted maintainer's organisation of this identifier.
        Refused: as usual.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        case = work.cases.lock(case_id)
        allow(actor, Action.CASE_PARTY, thing_of(work, case))
        known = accounts.organisation(organisation)
        vetted = known.organisation.vetted_at is not None
        if not vetted or known.organisation.kind is not OrganisationKind.MAINTAINER:
            raise Missing("there is no vetted maintainer with this identifier")
        raw_feed = known.raw_feed
        party = Party(organisation=organisation, role=PartyRole.MAINTAINER, raw_feed=raw_feed)
        work.cases.add_party(case.id, party)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.CASE_PARTY,
            subject=str(case.id),
            rule="nothing unvalidated reaches a maintainer who did not ask for the raw feed",
            facts={"organisation": str(organisation), "role": "maintainer", "raw_feed": raw_feed},
        )
