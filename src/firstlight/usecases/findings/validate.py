"""Validate a finding: run its proofs on the vulnerable and on the fixed release, keep what showed.

The running lies outside every unit of work, because it takes seconds to minutes. The evidence's
identifier follows from the job's, so a job that runs twice stores its result once.
"""

from __future__ import annotations

from dataclasses import replace

from firstlight.core.clearinghouse.case import CASE_MOVES, CaseState, Evidence, EvidenceKind
from firstlight.core.clearinghouse.finding import FINDING_MOVES, Finding, FindingState
from firstlight.core.clearinghouse.validation.outcome import NotTried, sentence
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import EvidenceId, FindingId, JobId
from firstlight.core.kernel.parties import SYSTEM, Actor
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action, Thing, allow
from firstlight.usecases.cases.grouping import regroup
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import Message, UnitOfWork, ValidationResult


def request_validation(context: Context, actor: Actor, identifier: FindingId) -> None:
    """Ask for another try, for instance after a target was added.

    Raises:
        Refused: the actor may not.
        Missing: no such finding.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        finding = work.findings.get(identifier)
        allow(actor, Action.FINDING_VALIDATE, Thing(marking=finding.marking))
        work.jobs.enqueue(
            jobs.VALIDATE_FINDING, {"finding": str(identifier)}, key=f"validate {identifier}"
        )
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.FINDING_VALIDATE,
            subject=str(identifier),
            rule="a coordinator asks for another try",
        )


def give_up_validation(context: Context, identifier: FindingId, job: JobId) -> None:
    """Say that nothing came of the tries, so that nobody waits for an answer that never comes.

    The fault is ours and not the report's; another try may be asked for, and its result counts.
    """
    evidence = _evidence_of(job)
    reason = "every attempt broke off for a reason of ours; a coordinator can ask for another."
    result = ValidationResult(
        target="", outcome=NotTried(reason=reason), crash="", body={}, level=""
    )
    now = context.clock.now()
    with context.storage.begin() as work:
        finding = work.findings.get(identifier)
        # Another job may have answered in the meantime.
        if finding.state is not FindingState.RECEIVED or work.cases.get_evidence(evidence):
            return
        _store(context, work, finding=finding, evidence=evidence, result=result, now=now)


def _evidence_of(job: JobId) -> EvidenceId:
    return EvidenceId(f"evi_{job.value.removeprefix('job_')}")


def validate_finding(context: Context, identifier: FindingId, job: JobId) -> None:
    """Do the job: run the proofs, then store evidence, state and grouping together.

    Raises:
        RunnerLost: the job is to run again.
        SandboxUnavailable: likewise, later.
    """
    evidence_id = _evidence_of(job)
    with context.storage.begin() as work:
        finding = work.findings.get(identifier)
        if work.cases.get_evidence(evidence_id):
            return
    report = finding.report
    result = context.laboratory.validate(report.product.purl, report.proofs)
    now = context.clock.now()
    with context.storage.begin() as work:
        if work.cases.get_evidence(evidence_id):
            return
        finding = work.findings.get(identifier)
        _store(context, work, finding=finding, evidence=evidence_id, result=result, now=now)


def _store(
    context: Context,
    work: UnitOfWork,
    *,
    finding: Finding,
    evidence: EvidenceId,
    result: ValidationResult,
    now: Instant,
) -> None:
    move = FINDING_MOVES.apply(result.outcome.kind, finding.state, SYSTEM.role)
    why = sentence(result.outcome)
    work.cases.add_evidence(
        Evidence(
            id=evidence,
            case=finding.home,
            kind=EvidenceKind.VALIDATION,
            finding=finding.id,
            patch=None,
            target=result.target,
            outcome=result.outcome.kind,
            summary=why,
            level=result.level,
            at=now,
            body={**result.body, "crash": result.crash},
        )
    )
    checked = replace(finding, state=move.target, state_reason=why, observed_crash=result.crash)
    work.findings.save(checked)
    record(
        context,
        work,
        now=now,
        actor=SYSTEM,
        action=Action.FINDING_VALIDATE,
        subject=str(finding.id),
        rule="the proof is run on the vulnerable and on the fixed release",
        facts={
            "evidence": str(evidence),
            "outcome": result.outcome.kind,
            "target": result.target,
            "level": result.level,
        },
    )
    if finding.report.contact.email:
        work.outbox.put(_news(checked), key=f"validated {evidence}")
    regroup(context, work, checked, now)
    settle_case(context, work, work.findings.get(finding.id), now)


def _news(finding: Finding) -> Message:
    """Mail is not confidential: it says that there is news and where, and nothing of the flaw."""
    return Message(
        kind="mail",
        to=finding.report.contact.email,
        subject=f"News of your report {finding.id}",
        body=f"Your report {finding.id} was tried: {finding.state.value}.\n\n"
        "Sign in to the portal to read what was seen and what is still missing.\n",
    )


def settle_case(context: Context, work: UnitOfWork, finding: Finding, now: Instant) -> None:
    """Move the finding's case on when the flaw has been reproduced."""
    case = work.cases.lock(finding.case)
    if finding.state is not FindingState.REPRODUCED or case.state is not CaseState.OPEN:
        return
    move = CASE_MOVES.apply("validate", case.state, SYSTEM.role)
    work.cases.save(replace(case, state=move.target))
    record(
        context,
        work,
        now=now,
        actor=SYSTEM,
        action=Action.CASE_MOVE,
        subject=str(case.id),
        rule=move.rule,
        facts={"move": move.name, "to": move.target.value, "finding": str(finding.id)},
    )
