"""Keep findings of one flaw in one case; explain it; let people confirm, split and undo.

The rules are core's (`dedupe`). What is decided here is who takes part and what a grouping does:

1. Only findings that *we* reproduced are grouped by themselves. A claim alone never makes its
   finder a party to somebody else's case; it can only be proposed to a coordinator.
2. The case that goes on is the one with most done (patched or published), then the oldest, so the
   order of arrival does not matter. The others are merged into it, and nothing of them is lost.
3. A finding that no longer belongs returns to the case that was opened for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from firstlight.core.clearinghouse.case import CASE_MOVES, Case, CaseState, Party, PartyRole
from firstlight.core.clearinghouse.dedupe.facets import facets_of
from firstlight.core.clearinghouse.dedupe.grouping import Group, Groups, Proposal, group
from firstlight.core.clearinghouse.dedupe.reasons import Decision, Reason, Verdict
from firstlight.core.clearinghouse.finding import Finding, FindingState
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import CaseId, FindingId
from firstlight.core.kernel.parties import SYSTEM, Actor
from firstlight.usecases.access.table import Action, Thing, admits, allow
from firstlight.usecases.cases.thing import thing_of
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import DuplicateDecision, UnitOfWork

COMPARED = 2000
"""findings of one package that are compared at most, oldest first"""
_ALIKE = 20
"""findings of any package with like texts that are compared besides"""
_GOES_ON = frozenset({CaseState.PATCHED, CaseState.PUBLISHED})
_STANDS_ALONE = frozenset({CaseState.CLOSED})


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Why the findings of a case are together, and what might belong to them."""

    reasons: Sequence[Reason]
    proposals: Sequence[Proposal]
    decisions: Sequence[DuplicateDecision]


def regroup(
    context: Context, work: UnitOfWork, finding: Finding, now: Instant, actor: Actor = SYSTEM
) -> None:
    """Group the finding with those that it can be compared with, inside a running unit of work."""
    compared = _comparable(work, finding)
    decisions = work.decisions.among(one.id for one in compared)
    confirmed = {name for one in decisions if one.same for name in (one.left, one.right)}
    eligible = [
        one
        for one in compared
        if one.state is FindingState.REPRODUCED or one.id in confirmed or one.case != one.home
    ]
    by_id = {str(one.id): one for one in eligible}
    for flaw in _group(eligible, decisions).groups:
        members = [by_id[name] for name in flaw.members]
        _settle(context, work, flaw=flaw, members=members, now=now, actor=actor)


def grouping_of(context: Context, reader: Actor, case_id: CaseId) -> Grouping:
    """The explanation for a case.

    Raises:
        Missing: no such case.
        Refused: the reader may not see the evidence of every finding in it.
    """
    with context.storage.begin() as work:
        case = work.cases.get(case_id)
        allow(reader, Action.EVIDENCE_READ, thing_of(work, case))
        findings = work.findings.of_case(case.id)
        compared = {one.id: one for first in findings[:1] for one in _comparable(work, first)}
        compared.update((one.id, one) for one in _alike(work, findings[:1], reader))
        compared.update((one.id, one) for one in findings)
        decisions = work.decisions.among(compared)
        groups = _group(list(compared.values()), decisions, texts=True)
    here = {str(one.id) for one in findings}
    return Grouping(
        reasons=[
            reason
            for flaw in groups.groups
            for reason in flaw.reasons
            if reason.left in here and reason.right in here
        ],
        proposals=[*_not_joined(groups, here), *_touching(groups.proposals, here)],
        decisions=[one for one in decisions if str(one.left) in here or str(one.right) in here],
    )


def decide_duplicate(
    context: Context, actor: Actor, left: FindingId, right: FindingId, *, same: bool, reason: str
) -> None:
    """Confirm that two findings are one flaw, or split them. The word is kept until it is undone.

    Raises:
        Missing, Refused: as usual.
        Invalid: it is one finding, or there is no reason given.
    """
    if left == right:
        raise Invalid("a finding is always the same as itself", hint="Name two findings.")
    if not reason.strip():
        raise Invalid("say why, so that others can follow", field="reason")
    now = context.clock.now()
    with context.storage.begin() as work:
        one = _allowed(work, actor, left)
        other = _allowed(work, actor, right)
        decision = DuplicateDecision(
            left=left, right=right, same=same, by=actor.label, at=now, reason=reason
        )
        work.decisions.put(decision)
        facts: dict[str, Json] = {"with": str(right), "same": same, "reason": reason}
        _record_word(context, work, actor=actor, finding=one, now=now, facts=facts)
        regroup(context, work, one, now, actor)
        regroup(context, work, work.findings.get(other.id), now, actor)


def undo_decision(context: Context, actor: Actor, left: FindingId, right: FindingId) -> None:
    """Take a word on two findings back; grouping is as if it had never been said.

    Raises:
        Missing, Refused: as usual.
    """
    now = context.clock.now()
    with context.storage.begin() as work:
        one = _allowed(work, actor, left)
        other = _allowed(work, actor, right)
        work.decisions.remove(left, right)
        undone: dict[str, Json] = {"with": str(right), "same": None}
        _record_word(context, work, actor=actor, finding=one, now=now, facts=undone)
        regroup(context, work, one, now, actor)
        regroup(context, work, work.findings.get(other.id), now, actor)


def _allowed(work: UnitOfWork, actor: Actor, identifier: FindingId) -> Finding:
    finding = work.findings.get(identifier)
    allow(actor, Action.DUPLICATE_DECIDE, Thing(marking=finding.marking))
    return finding


def _record_word(
    context: Context,
    work: UnitOfWork,
    *,
    actor: Actor,
    finding: Finding,
    now: Instant,
    facts: Mapping[str, Json],
) -> None:
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.DUPLICATE_DECIDE,
        subject=str(finding.id),
        rule="a person's word on two findings stands above the program's grouping",
        facts=facts,
    )


def _comparable(work: UnitOfWork, finding: Finding) -> list[Finding]:
    report = finding.report
    found = work.findings.comparable(report.product.purl, report.identifiers, COMPARED)
    return [*(one for one in found if one.id != finding.id), finding]


def _alike(work: UnitOfWork, findings: Sequence[Finding], reader: Actor) -> list[Finding]:
    """Findings of any package with like texts, as far as the reader sees more than own cases."""
    return [
        other
        for one in findings
        for other in work.findings.alike(one.report, _ALIKE)
        if admits(reader, Action.EVIDENCE_READ, Thing(marking=other.marking))
    ]


def _group(
    findings: Sequence[Finding], decisions: Sequence[DuplicateDecision], *, texts: bool = False
) -> Groups:
    said = [
        Decision(
            left=str(one.left),
            right=str(one.right),
            verdict=Verdict.SAME if one.same else Verdict.DIFFERENT,
        )
        for one in decisions
    ]
    facets = [
        facets_of(str(one.id), one.report, observed_crash=one.observed_crash, texts=texts)
        for one in findings
    ]
    return group(facets, said)


def _not_joined(groups: Groups, here: set[str]) -> list[Proposal]:
    """Strong evidence between a finding of this case and one that stays outside for now."""
    return [
        Proposal(reason=reason, refused=False)
        for flaw in groups.groups
        for reason in flaw.reasons
        if (reason.left in here) != (reason.right in here)
    ]


def _touching(proposals: Iterable[Proposal], here: set[str]) -> list[Proposal]:
    return [one for one in proposals if one.reason.left in here or one.reason.right in here]


def _settle(
    context: Context,
    work: UnitOfWork,
    *,
    flaw: Group,
    members: Sequence[Finding],
    now: Instant,
    actor: Actor,
) -> None:
    homes = {one.home: work.cases.lock(one.home) for one in members}
    open_homes = [case for case in homes.values() if case.state not in _STANDS_ALONE]
    if not open_homes:
        return
    survivor = min(
        open_homes, key=lambda case: (case.state not in _GOES_ON, case.opened_at, case.id)
    )
    stays = {
        case.id
        for case in homes.values()
        if case.state in _GOES_ON | _STANDS_ALONE and case.id != survivor.id
    }
    left: set[CaseId] = set()
    moved = []
    for one in members:
        target = one.home if one.home in stays else survivor.id
        if one.case != target:
            left.add(one.case)
            moved.append(one.id)
            work.findings.save(replace(one, case=target))
    for case in homes.values():
        _restate(work, case=case, survivor=survivor, stays=stays)
    if not moved:
        return
    for touched in {survivor.id, *left, *homes}:
        _set_finders(work, touched)
    record(
        context,
        work,
        now=now,
        actor=actor,
        action=Action.DUPLICATE_DECIDE,
        subject=str(survivor.id),
        rule="findings of one flaw stand in one case; every grouping can be explained and undone",
        facts={
            "moved_here": [str(name) for name in moved],
            "reasons": [reason.sentence for reason in flaw.reasons],
        },
    )


def _restate(work: UnitOfWork, *, case: Case, survivor: Case, stays: set[CaseId]) -> None:
    """Merge a case that has given its findings away; revive the one that goes on."""
    if case.id == survivor.id:
        if case.state is CaseState.MERGED:
            move = CASE_MOVES.apply("separate", case.state, SYSTEM.role)
            revived = work.cases.save(replace(case, state=move.target, merged_into=None))
            if any(one.state is FindingState.REPRODUCED for one in work.findings.of_case(case.id)):
                again = CASE_MOVES.apply("validate", revived.state, SYSTEM.role)
                work.cases.save(replace(revived, state=again.target))
        return
    if case.id in stays or case.merged_into == survivor.id:
        return
    if case.state is not CaseState.MERGED:
        move = CASE_MOVES.apply("merge", case.state, SYSTEM.role)
        case = replace(case, state=move.target)
    work.cases.save(replace(case, merged_into=survivor.id))


def _set_finders(work: UnitOfWork, case_id: CaseId) -> None:
    """Finders are parties of the case that holds their finding, and of the one opened for it."""
    there = work.findings.of_case(case_id)
    own = [one for one in work.findings.opened_with(case_id) if one.case != case_id]
    wanted = {one.organisation for one in [*there, *own] if one.organisation}
    present = {
        party.organisation
        for party in work.cases.parties(case_id)
        if party.role is PartyRole.FINDER
    }
    for organisation in wanted - present:
        work.cases.add_party(case_id, Party(organisation=organisation, role=PartyRole.FINDER))
    for organisation in present - wanted:
        work.cases.remove_party(case_id, organisation, PartyRole.FINDER)
