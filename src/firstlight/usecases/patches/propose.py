"""Propose a patch for a case, and verify it."""

from __future__ import annotations

from dataclasses import replace

from firstlight.core.clearinghouse.case import (
    CASE_MOVES,
    Case,
    CaseState,
    Evidence,
    EvidenceKind,
)
from firstlight.core.clearinghouse.finding import FindingState, Proof
from firstlight.core.clearinghouse.patches.model import PATCH_MOVES, Patch, PatchState, verdict
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import CaseId, EvidenceId, JobId, PatchId
from firstlight.core.kernel.parties import SYSTEM, Actor
from firstlight.usecases import jobs
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.cases.thing import thing_of
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import PatchResult, UnitOfWork

MAX_DIFF_CHARACTERS = 1 << 20


def propose_patch(context: Context, actor: Actor, case_id: CaseId, diff: str) -> PatchId:
    """Attach a unified diff to a case and ask for its verification.

    Raises:
        Missing: no such case.
        Refused: the actor may not.
        Invalid: this is no unified diff, or it is too large.
    """
    if len(diff) > MAX_DIFF_CHARACTERS or "--- " not in diff or "+++ " not in diff:
        raise Invalid(
            "this is no unified diff",
            hint="Make it with `git diff` or `diff -u`; at most 1 MiB.",
            field="diff",
        )
    now = context.clock.now()
    with context.storage.begin() as work:
        case = work.cases.lock(case_id)
        allow(actor, Action.PATCH_PROPOSE, thing_of(work, case))
        patch = Patch(
            id=context.mint.new(PatchId, now),
            case=case.id,
            diff=diff,
            author=actor.label,
            proposed_at=now,
        )
        work.patches.add(patch)
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.PATCH_PROPOSE,
            subject=str(case.id),
            rule="a patch is proposed; it counts only after its verification",
            facts={"patch": str(patch.id), "diff": digest(diff.encode())},
        )
        work.jobs.enqueue(jobs.VERIFY_PATCH, {"patch": str(patch.id)}, key=f"verify {patch.id}")
    return patch.id


def verify_patch(context: Context, identifier: PatchId, job: JobId) -> None:
    """Do the job: put the patch through every check and store the verdict.

    Raises:
        RunnerLost: the job is to run again.
        SandboxUnavailable: likewise, later.
    """
    evidence_id = EvidenceId(f"evi_{job.value.removeprefix('job_')}")
    with context.storage.begin() as work:
        if work.cases.get_evidence(evidence_id):
            return
        patch = work.patches.get(identifier)
        target, proofs = _reproduced_by(work, patch.case)
    result = context.laboratory.verify_patch(target, proofs, patch.diff)
    with context.storage.begin() as work:
        case = work.cases.lock(patch.case)
        if work.cases.get_evidence(evidence_id):
            return
        _store(context, work, case=case, patch=patch, evidence=evidence_id, result=result)


def _reproduced_by(work: UnitOfWork, case: CaseId) -> tuple[str, list[Proof]]:
    """The target of the case's validation and every proof that showed the flaw there."""
    shown = {
        finding.id: finding
        for finding in work.findings.of_case(case)
        if finding.state is FindingState.REPRODUCED
    }
    targets = [
        evidence.target for evidence in work.cases.evidence(case) if evidence.finding in shown
    ]
    proofs = [proof for finding in shown.values() for proof in finding.report.proofs]
    return next((target for target in reversed(targets) if target), ""), proofs


def _store(
    context: Context,
    work: UnitOfWork,
    *,
    case: Case,
    patch: Patch,
    evidence: EvidenceId,
    result: PatchResult,
) -> None:
    now = context.clock.now()
    move = PATCH_MOVES.apply(verdict(result.checks), patch.state, SYSTEM.role)
    refused = [check for check in result.checks if check.answer != "passed"]
    summary = (
        "Every check passed."
        if move.target is PatchState.VERIFIED
        else "; ".join(f"{check.check.value}: {check.detail}" for check in refused)
    )
    checks = [
        {"check": check.check.value, "answer": check.answer.value, "detail": check.detail}
        for check in result.checks
    ]
    work.patches.save(replace(patch, state=move.target))
    work.cases.add_evidence(
        Evidence(
            id=evidence,
            case=case.id,
            kind=EvidenceKind.PATCH_VERIFICATION,
            finding=None,
            patch=patch.id,
            target=result.target,
            outcome=move.target.value,
            summary=summary,
            level=result.level,
            at=now,
            body={**result.body, "checks": checks},
        )
    )
    record(
        context,
        work,
        now=now,
        actor=SYSTEM,
        action=Action.PATCH_PROPOSE,
        subject=str(case.id),
        rule="a patch is verified only when every check passed",
        facts={"patch": str(patch.id), "verdict": move.target.value, "evidence": str(evidence)},
    )
    if move.target is PatchState.VERIFIED and case.state is CaseState.VALIDATED:
        move_on = CASE_MOVES.apply("patch", case.state, SYSTEM.role)
        work.cases.save(replace(case, state=move_on.target))
        record(
            context,
            work,
            now=now,
            actor=SYSTEM,
            action=Action.CASE_MOVE,
            subject=str(case.id),
            rule=move_on.rule,
            facts={"move": move_on.name, "to": move_on.target.value, "patch": str(patch.id)},
        )
