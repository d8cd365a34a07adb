"""Draft an advisory from its case, change it, approve it, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firstlight.core.clearinghouse.advisory.draft import Observed, Text, draft, edit
from firstlight.core.clearinghouse.advisory.model import ADVISORY_MOVES, Advisory, AffectedPackage
from firstlight.core.clearinghouse.case import Case
from firstlight.core.clearinghouse.distribution.release import credited
from firstlight.core.clearinghouse.finding import Finding, FindingState
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict
from firstlight.core.kernel.ids import AdvisoryId, CaseId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.cases.thing import thing_of
from firstlight.usecases.context import Context, record
from firstlight.usecases.guard.documents import foreseen
from firstlight.usecases.ports import UnitOfWork


class NotReproducedYet(Conflict):
    """No report of this case has been reproduced, so there is nothing to advise on."""

    code = "advisory.not_reproduced"
    next_step = "Wait for the validation, or ask the finder for a proof."


def draft_advisory(context: Context, actor: Actor, case_id: CaseId) -> Advisory:
    """Write the first draft.

    Raises:
        Missing: no such case.
        Refused: the actor may not.
        Conflict: there is one already, or no report of the case has been reproduced.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        case = work.cases.lock(case_id)
        allow(actor, Action.ADVISORY_WRITE, thing_of(work, case))
        if work.advisories.of_case(case.id):
            raise Conflict("this case has an advisory", hint="Open and edit that one.")
        findings = work.findings.of_case(case.id)
        advisory = draft(
            identifier=context.mint.new(AdvisoryId, now),
            case=case,
            findings=findings,
            observed=_observed(context, work, case, findings),
            credits_=credited(list(findings)),
            now=now,
        )
        work.advisories.add(advisory)
        _record(
            context, work, actor=actor, advisory=advisory, rule="drafted from the case", now=now
        )
    return advisory


def _observed(
    context: Context, work: UnitOfWork, case: Case, findings: Sequence[Finding]
) -> Observed:
    shown = {f.id for f in findings if f.state is FindingState.REPRODUCED}
    for evidence in work.cases.evidence(case.id):
        facts = context.laboratory.target(evidence.target)
        if evidence.finding in shown and facts:
            return Observed(
                package=AffectedPackage(
                    purl=facts.purl,
                    ecosystem=facts.ecosystem,
                    name=facts.name,
                    fixed=facts.fixed,
                    affected_versions=(facts.vulnerable,),
                    unaffected_versions=(facts.fixed,),
                ),
                cwe=facts.cwe,
                identifiers=facts.identifiers,
                references=facts.references,
            )
    raise NotReproducedYet(case=case.number)


def edit_advisory(
    context: Context, actor: Actor, identifier: AdvisoryId, text: Text, *, version: int
) -> Advisory:
    """Change a draft; `version` is the one that the editor saw.

    Raises:
        Missing, Refused, Invalid: as usual.
        Conflict: somebody else changed it meanwhile.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        advisory = _locked(work, actor, identifier, Action.ADVISORY_WRITE)
        saved = work.advisories.save(replace(edit(advisory, text), version=version))
        _record(context, work, actor=actor, advisory=saved, rule="the text was changed", now=now)
    return saved


def approve_advisory(
    context: Context, actor: Actor, identifier: AdvisoryId, go_live: Instant, *, version: int
) -> Advisory:
    """Stand for the text that was seen and name the moment of its release.

    A go-live time that has passed means: at once.

    Raises:
        Missing, Refused, MoveNotAllowed: as usual.
        Conflict: the text is not the one that was seen.
        Stopped: the outbound guard would block it. What it would hold waits for a person at once.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        advisory = _locked(work, actor, identifier, Action.ADVISORY_APPROVE)
        move = ADVISORY_MOVES.apply("approve", advisory.state, actor.role)
        foreseen(context, work, advisory, now=now)
        saved = work.advisories.save(
            replace(
                advisory,
                state=move.target,
                go_live=go_live,
                approved_by=actor.person,
                version=version,
            )
        )
        _record(context, work, actor=actor, advisory=saved, rule=move.rule, now=now)
        work.jobs.enqueue(
            jobs.PUBLISH_DUE,
            {"advisory": str(saved.id)},
            key=f"publish {saved.id} {saved.version}",
            run_at=go_live,
        )
    return saved


def move_advisory(
    context: Context,
    actor: Actor,
    identifier: AdvisoryId,
    move_name: str,
    *,
    version: int,
    reason: str = "",
) -> Advisory:
    """Return an approved advisory to draft, or withdraw one that is not public.

    Args:
        context: the ports
        actor: who asks
        identifier: which advisory
        move_name: `return` or `withdraw`
        version: the one that was seen
        reason: kept in the ledger

    Raises:
        Missing, Refused, MoveNotAllowed, Conflict: as usual.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        advisory = _locked(work, actor, identifier, Action.ADVISORY_WRITE)
        move = ADVISORY_MOVES.apply(move_name, advisory.state, actor.role)
        saved = work.advisories.save(
            replace(advisory, state=move.target, go_live=None, approved_by=None, version=version)
        )
        why = f"{move.rule}: {reason}" if reason else move.rule
        _record(context, work, actor=actor, advisory=saved, rule=why, now=now)
    return saved


def _locked(work: UnitOfWork, actor: Actor, identifier: AdvisoryId, action: Action) -> Advisory:
    advisory = work.advisories.lock(identifier)
    allow(actor, action, thing_of(work, work.cases.get(advisory.case)))
    return advisory


def _record(
    context: Context,
    work: UnitOfWork,
    *,
    actor: Actor,
    advisory: Advisory,
    rule: str,
    now: Instant,
) -> None:
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.ADVISORY_WRITE,
        subject=str(advisory.case),
        rule=rule,
        facts={
            "advisory": str(advisory.id),
            "state": advisory.state.value,
            "version": advisory.version,
            "go_live": str(advisory.go_live) if advisory.go_live else None,
        },
    )
