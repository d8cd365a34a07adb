"""What a coordinator does with a case besides the flaw itself: close, reopen, bring people in."""

from __future__ import annotations

from dataclasses import replace

from firstlight.core.clearinghouse.case import CASE_MOVES, Case, Party, PartyRole
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import CaseId, OrganisationId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
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
    actor: Actor,
    case_id: CaseId,
    organisation: OrganisationId,
    *,
    raw_feed: bool = False,
) -> None:
    """Make an organisation a party of the case as its maintainer.

    It sees the case once the flaw has been reproduced, or at once if it asked for the raw feed.

    Raises:
        Missing, Refused: as usual.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        case = work.cases.lock(case_id)
        allow(actor, Action.CASE_PARTY, thing_of(work, case))
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
