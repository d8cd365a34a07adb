"""Cases, their evidence, their duplicates and their patches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field, StrictBool

from firstlight.adapters.api.wire.common import Body, Moment, Page, Wire
from firstlight.core.clearinghouse.advisory.model import AdvisoryState
from firstlight.core.clearinghouse.case import Case, CaseState, Evidence, EvidenceKind, PartyRole
from firstlight.core.clearinghouse.dedupe.grouping import Proposal
from firstlight.core.clearinghouse.dedupe.reasons import Reason
from firstlight.core.clearinghouse.patches.model import Patch, PatchState
from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.marking import Marking
from firstlight.usecases.cases.grouping import Grouping
from firstlight.usecases.ports import DuplicateDecision
from firstlight.usecases.queries.port import CaseRow, PartyRow

SENTENCE = 2000
"""characters of a reason at most"""


class CaseItem(Wire):
    """A case in a list."""

    id: str
    number: str = Field(examples=["FL-2026-0001"])
    title: str
    package: str
    state: CaseState
    marking: Marking
    opened_at: Moment
    findings: int
    reproduced: int
    advisory: AdvisoryState | None

    @classmethod
    def of(cls, row: CaseRow) -> CaseItem:
        """From the query's row."""
        return cls(
            id=str(row.id),
            number=row.number,
            title=row.title,
            package=row.package,
            state=row.state,
            marking=row.marking,
            opened_at=str(row.opened_at),
            findings=row.findings,
            reproduced=row.reproduced,
            advisory=row.advisory,
        )


class CasePage(Page[CaseItem]):
    """Cases, newest first."""


class PartyShown(Wire):
    """An organisation in a case."""

    organisation: str
    name: str
    role: PartyRole


class CaseShown(Wire):
    """A case."""

    id: str
    number: str
    title: str
    package: str
    state: CaseState
    marking: Marking
    opened_at: Moment
    merged_into: str | None
    version: int
    parties: list[PartyShown]
    advisory: str | None = Field(
        description="identifier of its advisory, when the reader may see it"
    )
    moves: list[str] = Field(description="steps that the reader may take from here")

    @classmethod
    def of(
        cls,
        case: Case,
        parties: Sequence[PartyRow],
        advisory: str | None,
        moves: Sequence[str],
    ) -> CaseShown:
        """A case and what belongs to it."""
        return cls(
            id=str(case.id),
            number=case.number,
            title=case.title,
            package=case.package,
            state=case.state,
            marking=case.marking,
            opened_at=str(case.opened_at),
            merged_into=str(case.merged_into) if case.merged_into else None,
            version=case.version,
            parties=[
                PartyShown(organisation=str(one.organisation), name=one.name, role=one.role)
                for one in parties
            ],
            advisory=advisory,
            moves=list(moves),
        )


class EvidenceShown(Wire):
    """What one validation, verification or assessment showed."""

    id: str
    kind: EvidenceKind
    finding: str | None
    patch: str | None
    target: str
    outcome: str
    summary: str
    level: str = Field(description="containment level of the runs; empty when nothing ran")
    at: Moment
    body: dict[str, Any] = Field(description="runs, logs (bounded), environment")

    @classmethod
    def of(cls, evidence: Evidence) -> EvidenceShown:
        """Stored evidence."""
        return cls(
            id=str(evidence.id),
            kind=evidence.kind,
            finding=str(evidence.finding) if evidence.finding else None,
            patch=str(evidence.patch) if evidence.patch else None,
            target=evidence.target,
            outcome=evidence.outcome,
            summary=evidence.summary,
            level=evidence.level,
            at=str(evidence.at),
            body=dict(evidence.body),
        )


class EvidenceList(Wire):
    """All that the reader may see, oldest first."""

    items: list[EvidenceShown]


class PriorityShown(Wire):
    """How urgent, by when, and why; `steps` is the path that led there."""

    bod_26_04: dict[str, Any] = Field(
        description="CISA BOD 26-04 for the asset that was asked about"
    )
    ssvc: dict[str, Any] = Field(description="coordinator, supplier and deployer decisions")
    kev: dict[str, Any]
    epss: dict[str, Any]
    cvss: list[dict[str, Any]]
    steps: list[dict[str, Any]]

    @classmethod
    def of(cls, record: dict[str, Json]) -> PriorityShown:
        """The core's own record of a priority."""
        return cls.model_validate(record)


class Assessment(Body):
    """A coordinator's answers to the decision points; what is left out stays unanswered."""

    answers: dict[str, str] = Field(
        description="question to value", examples=[{"automatable": "no"}], max_length=20
    )
    reason: str = Field(description="on what they rest", min_length=1, max_length=SENTENCE)


class MoveAsked(Body):
    """A step of the case."""

    move: Literal["close", "reopen"]
    reason: str = Field(min_length=1, max_length=SENTENCE)


class ReasonShown(Wire):
    """Why two findings are, or may be, one flaw."""

    left: str
    right: str
    rule: str = Field(description="the kind of evidence")
    sentence: str

    @classmethod
    def of(cls, reason: Reason) -> ReasonShown:
        """The core's reason."""
        return cls(
            left=reason.left, right=reason.right, rule=reason.rule.value, sentence=reason.sentence
        )


class ProposalShown(ReasonShown):
    """Two findings that stand apart and may be one flaw; a person decides."""

    refused: bool = Field(description="true when a person's word keeps them apart")

    @classmethod
    def of_proposal(cls, proposal: Proposal) -> ProposalShown:
        """The core's proposal."""
        return cls(**ReasonShown.of(proposal.reason).model_dump(), refused=proposal.refused)


class DecisionShown(Wire):
    """A person's word on two findings."""

    left: str
    right: str
    same: bool
    by: str
    at: Moment
    reason: str

    @classmethod
    def of(cls, decision: DuplicateDecision) -> DecisionShown:
        """A stored decision."""
        return cls(
            left=str(decision.left),
            right=str(decision.right),
            same=decision.same,
            by=decision.by,
            at=str(decision.at),
            reason=decision.reason,
        )


class Duplicates(Wire):
    """Why the findings of a case stand together, and what may belong to them."""

    reasons: list[ReasonShown]
    proposals: list[ProposalShown]
    decisions: list[DecisionShown]

    @classmethod
    def of(cls, grouping: Grouping) -> Duplicates:
        """The explanation of a case."""
        return cls(
            reasons=[ReasonShown.of(one) for one in grouping.reasons],
            proposals=[ProposalShown.of_proposal(one) for one in grouping.proposals],
            decisions=[DecisionShown.of(one) for one in grouping.decisions],
        )


class DuplicateWord(Body):
    """Confirm that two findings are one flaw, or split them."""

    left: str = Field(description="a finding of this case", max_length=64)
    right: str = Field(description="the other finding", max_length=64)
    same: StrictBool
    reason: str = Field(min_length=1, max_length=SENTENCE)


class PatchProposed(Body):
    """A patch as JSON; `text/x-diff` with the bare diff is read as well."""

    diff: str = Field(
        description="a unified diff against the vulnerable source", max_length=1 << 20
    )


class PatchAccepted(Wire):
    """The patch is stored and its verification is on the way."""

    id: str
    case: str
    state: PatchState
    links: dict[str, str]


class PatchShown(Wire):
    """A proposed patch."""

    id: str
    case: str
    author: str
    proposed_at: Moment
    state: PatchState
    diff: str

    @classmethod
    def of(cls, patch: Patch) -> PatchShown:
        """A stored patch."""
        return cls(
            id=str(patch.id),
            case=str(patch.case),
            author=patch.author,
            proposed_at=str(patch.proposed_at),
            state=patch.state,
            diff=patch.diff,
        )


class PatchList(Wire):
    """Oldest first."""

    items: list[PatchShown]


class MaintainerAdded(Body):
    """An organisation that answers for the software."""

    organisation: str = Field(description="identifier (org_...)", max_length=64)
