"""Say how urgent a case is, for whose asset, and why; keep what a coordinator answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from firstlight.core.clearinghouse.case import Case, Evidence, EvidenceKind
from firstlight.core.clearinghouse.finding import Finding, Known
from firstlight.core.clearinghouse.priority.asset import AssetContext, YesNo
from firstlight.core.clearinghouse.priority.decision import Known as KnownAnswer
from firstlight.core.clearinghouse.priority.ranking import (
    CvssAssessment,
    Facts,
    Priority,
    prioritise,
)
from firstlight.core.clearinghouse.priority.record import priority_record
from firstlight.core.clearinghouse.priority.severity import InvalidVector, parse_cvss
from firstlight.core.clearinghouse.priority.sources import MalformedCve, SsvcFact, cve_id
from firstlight.core.clearinghouse.priority.ssvc import Exploits, SsvcAnswers
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.ids import CaseId, EvidenceId
from firstlight.core.kernel.parties import Actor
from firstlight.usecases.access.table import Action, allow
from firstlight.usecases.cases.sources import epss_status, kev_status, ssvc_facts
from firstlight.usecases.cases.thing import thing_of
from firstlight.usecases.context import Context, record
from firstlight.usecases.ports import UnitOfWork

QUESTIONS = tuple(field.name for field in fields(SsvcAnswers))
"""what a coordinator can answer; everything may stay unanswered"""


def priority_of(
    context: Context, reader: Actor, case_id: CaseId, asset: AssetContext | None = None
) -> Priority:
    """The case's priority for an asset; without one, for an asset of unknown exposure.

    Raises:
        Missing: no such case.
        Refused: the reader may not see it.
    """
    with context.storage.begin() as work:
        case = work.cases.get(case_id)
        allow(reader, Action.CASE_READ, thing_of(work, case))
        return prioritise(_facts(context, work, case, asset or AssetContext()))


def assess(
    context: Context, actor: Actor, case_id: CaseId, answers: Mapping[str, str], reason: str
) -> Priority:
    """Keep a coordinator's answers to the decision points; the latest answers count.

    Args:
        context: the ports
        actor: who answers
        case_id: of which case
        answers: question (one of QUESTIONS) to value, by key or name
        reason: on what the answers rest

    Raises:
        Missing, Refused: as usual.
        Invalid: an unknown question or value.
    """
    unknown = sorted(set(answers) - set(QUESTIONS))
    if unknown:
        raise Invalid(f"there is no question {unknown[0][:60]!r}", known=list(QUESTIONS))
    now = context.clock.now()
    with context.storage.begin() as work:
        case = work.cases.lock(case_id)
        allow(actor, Action.CASE_MOVE, thing_of(work, case))
        evidence = Evidence(
            id=context.mint.new(EvidenceId, now),
            case=case.id,
            kind=EvidenceKind.ASSESSMENT,
            finding=None,
            patch=None,
            target="",
            outcome="answered",
            summary=reason,
            level="",
            at=now,
            body={"answers": dict(answers), "by": actor.label},
        )
        work.cases.add_evidence(evidence)
        priority = prioritise(_facts(context, work, case, AssetContext()))
        record(
            context,
            work,
            now=now,
            actor=actor,
            action=Action.CASE_MOVE,
            subject=str(case.id),
            rule="SSVC and BOD 26-04: a coordinator answers the decision points",
            facts={
                "answers": dict(answers),
                "reason": reason,
                "bod_26_04": priority_record(priority)["bod_26_04"],
            },
        )
    return priority


def identifiers_of(
    context: Context, work: UnitOfWork, case: Case, findings: Sequence[Finding]
) -> tuple[str, ...]:
    """CVE identifiers of the case: those of its targets and those that finders claim."""
    names: list[str] = []
    for evidence in work.cases.evidence(case.id):
        facts = context.laboratory.target(evidence.target) if evidence.target else None
        names.extend(facts.identifiers if facts else ())
    for finding in findings:
        names.extend(finding.report.identifiers)
    found: list[str] = []
    for name in names:
        try:
            found.append(cve_id(name))
        except MalformedCve:
            continue  # GHSA and other names are in no CVE catalogue
    return tuple(dict.fromkeys(found))


def _facts(context: Context, work: UnitOfWork, case: Case, asset: AssetContext) -> Facts:
    findings = work.findings.of_case(case.id)
    cves = identifiers_of(context, work, case, findings)
    return Facts(
        kev=kev_status(work, cves),
        epss=epss_status(work, cves),
        cvss=tuple(_scores(findings)),
        exploits=_exploits(findings),
        answers=_answers(work.cases.evidence(case.id), ssvc_facts(work, cves)),
        asset=asset,
    )


def _scores(findings: Sequence[Finding]) -> list[CvssAssessment]:
    found = []
    for finding in findings:
        if not finding.report.severity.vector:
            continue
        try:
            score = parse_cvss(finding.report.severity.vector)
        except InvalidVector:
            continue  # the report page shows the vector and says that it cannot be read
        found.append(
            CvssAssessment(
                score=score,
                source=f"claimed in {finding.id}",
                as_of=finding.received_at.utc.date(),
            )
        )
    return found


def _exploits(findings: Sequence[Finding]) -> Exploits:
    stated = [finding.report.circumstances for finding in findings]
    return Exploits(
        public=_joined([one.public for one in stated]),
        used=_joined([one.exploited for one in stated]),
    )


def _joined(answers: Sequence[Known]) -> YesNo:
    """One yes is a yes; a no counts only when nobody left the question open."""
    if Known.YES in answers:
        return YesNo.YES
    return YesNo.NO if answers and set(answers) == {Known.NO} else YesNo.UNKNOWN


def _answers(evidence: Sequence[Evidence], cisa: Sequence[SsvcFact]) -> SsvcAnswers:
    """CISA's answers, the worse where a case has several CVEs; a coordinator's word replaces one.

    Exploitation is not taken from there: it is of its day, and KEV and the reports are newer.
    """
    given: dict[str, KnownAnswer] = {}
    for fact in cisa:
        for question, worse in (("automatable", "yes"), ("technical_impact", "total")):
            value = getattr(fact, question)
            if value and (question not in given or value == worse):
                source = f"CISA, SSVC {fact.version} in {fact.cve}"
                given[question] = KnownAnswer(value=value, source=source, as_of=fact.dated)
    for item in evidence:
        answers = item.body.get("answers") if item.kind is EvidenceKind.ASSESSMENT else None
        if isinstance(answers, Mapping):
            source = f"{item.body.get('by')}: {item.summary}"
            for question, value in answers.items():
                given[question] = KnownAnswer(
                    value=str(value), source=source, as_of=item.at.utc.date()
                )
    return SsvcAnswers(**given)
