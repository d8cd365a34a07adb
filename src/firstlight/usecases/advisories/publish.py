"""Release approved advisories when their time has come.

The state changes in one unit of work and the files follow after commit; a job that dies between the
two runs again and writes them. Release is decided by comparing the time, so a late job is late but
never early.
"""

from __future__ import annotations

from dataclasses import replace

from firstlight.core.clearinghouse.advisory.draft import next_revision
from firstlight.core.clearinghouse.advisory.model import ADVISORY_MOVES, Advisory, AdvisoryState
from firstlight.core.clearinghouse.case import CASE_MOVES, CaseState
from firstlight.core.clearinghouse.distribution.release import require_release
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import AdvisoryId
from firstlight.core.kernel.parties import SYSTEM, Actor
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.cases.thing import thing_of
from firstlight.usecases.context import Context, record
from firstlight.usecases.guard.documents import (
    Render,
    cleared,
    let_out,
    let_withdrawal_out,
)
from firstlight.usecases.ports import UnitOfWork

__all__ = ["Render", "publish_advisory", "publish_due", "rebuild_zone", "withdraw_published"]


def publish_due(context: Context, render: Render) -> list[Advisory]:
    """Publish every approved advisory whose go-live time has come; returns those published now."""
    with context.storage.begin() as work:
        due = [advisory.id for advisory in work.advisories.due(context.clock.now())]
    tried = (publish_advisory(context, identifier, render) for identifier in due)
    return [advisory for advisory in tried if advisory]


def publish_advisory(context: Context, identifier: AdvisoryId, render: Render) -> Advisory | None:
    """Publish one; write its files again when it was public already; None when it is not its time.

    None as well while the outbound guard holds or blocks it; a coordinator sees it there.

    Raises:
        Missing: no such advisory.
        NoGate: this process has no guard.
    """
    with context.storage.begin() as work:
        advisory = work.advisories.lock(identifier)
        now = context.clock.now()
        due = advisory.go_live is not None and advisory.go_live <= now
        if (
            advisory.state is AdvisoryState.APPROVED
            and due
            and let_out(context, work, advisory, now=now)
        ):
            advisory = _publish(context, work, advisory=advisory, render=render, now=now)
    if not advisory.revisions or advisory.state is AdvisoryState.APPROVED:
        return None
    context.zone.put(cleared(advisory, render))
    return advisory


def _publish(
    context: Context, work: UnitOfWork, *, advisory: Advisory, render: Render, now: Instant
) -> Advisory:
    require_release(marking=advisory.marking, go_live=advisory.go_live, now=now)
    move = ADVISORY_MOVES.apply("publish", advisory.state, SYSTEM.role)
    revision = next_revision(advisory, now, "Initial version.")
    public = work.advisories.save(
        replace(advisory, state=move.target, revisions=(*advisory.revisions, revision))
    )
    files = {path: digest(content) for path, content in render(public).items()}
    case = work.cases.lock(advisory.case)
    if case.state in {CaseState.VALIDATED, CaseState.PATCHED}:
        case_move = CASE_MOVES.apply("publish", case.state, SYSTEM.role)
        work.cases.save(replace(case, state=case_move.target))
    record(
        context,
        work,
        now=now,
        actor=SYSTEM,
        action=Action.ADVISORY_APPROVE,
        subject=str(advisory.case),
        rule=move.rule,
        facts={"advisory": str(advisory.id), "state": move.target.value, "files": files},
    )
    return public


def withdraw_published(
    context: Context,
    actor: Actor,
    identifier: AdvisoryId,
    reason: str,
    render: Render,
) -> Advisory:
    """Withdraw a public advisory in public, with its reason as the next revision.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Stopped: the outbound guard does not let the reason leave; write it anew.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        advisory = work.advisories.lock(identifier)
        allow(actor, Action.ADVISORY_APPROVE, thing_of(work, work.cases.get(advisory.case)))
        move = ADVISORY_MOVES.apply("withdraw-published", advisory.state, actor.role)
        revision = next_revision(advisory, now, f"Withdrawn: {reason}")
        changed = replace(advisory, state=move.target, revisions=(*advisory.revisions, revision))
        let_withdrawal_out(context, work, changed, revision.summary, now=now)
        gone = work.advisories.save(changed)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.ADVISORY_APPROVE,
            subject=str(advisory.case),
            rule=move.rule,
            facts={"advisory": str(advisory.id), "reason": reason},
        )
        # Should this process die before the files are written, the job writes them.
        work.jobs.enqueue(
            jobs.PUBLISH_DUE, {"advisory": str(gone.id)}, key=f"publish {gone.id} {gone.version}"
        )
    context.zone.put(cleared(gone, render))
    return gone


def rebuild_zone(context: Context, render: Render) -> int:
    """Write the public zone anew from every public advisory; returns how many advisories."""
    with context.storage.begin() as work:
        public = work.advisories.published()
    return context.zone.rebuild(cleared(advisory, render) for advisory in public)
