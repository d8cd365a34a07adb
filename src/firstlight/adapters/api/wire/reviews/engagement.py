"""An engagement as its readers see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.core.kernel.canonical import digest
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.marking import Marking
from firstlight.core.review.acts import ActKind, SignedAct
from firstlight.core.review.artefacts import Artefact, ArtefactKind, Dialect, Safeguards
from firstlight.core.review.coverage import Assessment, Determination, Question
from firstlight.core.review.engagement import (
    Destroyed,
    Engagement,
    EngagementState,
    Release,
    ReleaseTo,
)
from firstlight.core.review.model import UNDO, Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.terms import Heading, OutOfPurpose, Terms
from firstlight.core.review.window import LIMIT, Audience, Window, counted
from firstlight.usecases.queries.reviews import EngagementRow

_SECONDS_OF_A_DAY = 86_400


def moment(at: Instant | None) -> str | None:
    """RFC 3339, or null."""
    return None if at is None else str(at)


def day(on: date | None) -> str | None:
    """RFC 3339, or null."""
    return None if on is None else on.isoformat()


class ReviewItem(Wire):
    """A review in a list."""

    id: str
    number: str = Field(examples=["FR-2026-0001"])
    developer: str
    developer_name: str
    model: str
    model_version: str
    state: EngagementState
    marking: Marking
    opened_at: Moment

    @classmethod
    def of(cls, row: EngagementRow) -> ReviewItem:
        """From the query's row."""
        return cls(
            id=str(row.id),
            number=row.number,
            developer=str(row.developer),
            developer_name=row.developer_name,
            model=row.model,
            model_version=row.model_version,
            state=row.state,
            marking=row.marking,
            opened_at=str(row.opened_at),
        )


class ReviewPage(Page[ReviewItem]):
    """Reviews, newest first."""


class PlanShown(Wire):
    """What the developer decided."""

    release_form: ReleaseForm
    can_undo: str = Field(description="after a release of this form")
    cannot_undo: str = Field(description="after a release of this form")
    anchor: Anchor
    partner_release: str | None
    public_release: str | None
    retention_days: int
    legal_hold: str
    keeps_content: bool
    listed: bool

    @classmethod
    def of(cls, plan: Plan) -> PlanShown:
        """As it is stored, with what its form of release means."""
        undo = UNDO[plan.release_form]
        return cls(
            release_form=plan.release_form,
            can_undo=undo.can,
            cannot_undo=undo.cannot,
            anchor=plan.anchor,
            partner_release=day(plan.partner_release),
            public_release=day(plan.public_release),
            retention_days=plan.retention_days,
            legal_hold=plan.legal_hold,
            keeps_content=plan.keeps_content,
            listed=plan.listed,
        )


class AssessmentShown(Wire):
    """An office's answer."""

    determination: Determination
    office: str
    by: str
    at: Moment
    statement: str
    classified_digest: str
    for_researchers: bool
    shared_at: Moment | None = Field(description="when the developer shared it with researchers")

    @classmethod
    def of(cls, found: Assessment) -> AssessmentShown:
        """As it is stored."""
        return cls(
            determination=found.determination,
            office=str(found.office),
            by=str(found.by),
            at=str(found.at),
            statement=found.statement,
            classified_digest=found.classified_digest,
            for_researchers=found.for_researchers,
            shared_at=moment(found.shared_at),
        )


class CoverageQuestion(Wire):
    """Whether the model is covered."""

    number: int
    text: str
    asked_by: str
    asked_at: Moment
    assessment: AssessmentShown | None = Field(description="null until it is answered")

    @classmethod
    def of(cls, question: Question) -> CoverageQuestion:
        """As it is stored."""
        found = question.assessment
        return cls(
            number=question.number,
            text=question.text,
            asked_by=str(question.asked_by),
            asked_at=str(question.asked_at),
            assessment=AssessmentShown.of(found) if found else None,
        )


class ArtefactShown(Wire):
    """One thing that is shown."""

    id: str
    kind: ArtefactKind
    name: str
    safeguards: Safeguards | None
    models: list[str]
    dialects: list[Dialect]
    digest: str
    added_at: Moment
    removed_at: Moment | None

    @classmethod
    def of(cls, artefact: Artefact) -> ArtefactShown:
        """As it is stored."""
        return cls(
            id=str(artefact.id),
            kind=artefact.kind,
            name=artefact.name,
            safeguards=artefact.safeguards,
            models=list(artefact.models),
            dialects=list(artefact.dialects),
            digest=artefact.digest,
            added_at=str(artefact.added_at),
            removed_at=moment(artefact.removed_at),
        )


class TermsItem(Wire):
    """A version of the terms, without its texts."""

    number: int
    standard: str = Field(description="version of the standard text")
    changed: list[Heading] = Field(description="headings with the developer's own text")
    excluded: list[OutOfPurpose]
    digest: str = Field(description="what whoever accepts them names")
    set_by: str
    set_at: Moment

    @classmethod
    def of(cls, terms: Terms) -> TermsItem:
        """As it is stored."""
        return cls(
            number=terms.number,
            standard=terms.standard,
            changed=list(terms.changed),
            excluded=list(terms.excluded),
            digest=terms.digest,
            set_by=str(terms.set_by),
            set_at=str(terms.set_at),
        )


class WindowShown(Wire):
    """One stretch of access."""

    audience: Audience
    start: Moment
    end: Moment = Field(description="it ends by itself, to the second")
    planned_end: Moment
    early: bool
    set_by: str
    set_at: Moment

    @classmethod
    def of(cls, window: Window) -> WindowShown:
        """As it is stored."""
        return cls(
            audience=window.audience,
            start=str(window.period.start),
            end=str(window.period.end),
            planned_end=str(window.planned_end),
            early=window.early,
            set_by=str(window.set_by),
            set_at=str(window.set_at),
        )


class ActShown(Wire):
    """A signed act of the developer; its envelope is a download."""

    number: int
    kind: ActKind
    at: Moment
    by: str
    digest: str = Field(description="SHA-256 (hex) of the envelope")
    own_key: str = Field(description="SHA-256 of the developer's own key; empty without")

    @classmethod
    def of(cls, act: SignedAct) -> ActShown:
        """As it is stored."""
        return cls(
            number=act.number,
            kind=act.kind,
            at=str(act.at),
            by=str(act.by),
            digest=digest(act.envelope),
            own_key=act.own_key,
        )


class ReleaseShown(Wire):
    """A launch, as its developer recorded it."""

    to: ReleaseTo
    at: Moment
    by: str
    keeps_access: bool
    before_window_ended: bool

    @classmethod
    def of(cls, release: Release) -> ReleaseShown:
        """As it is stored."""
        return cls(
            to=release.to,
            at=str(release.at),
            by=str(release.by),
            keeps_access=release.keeps_access,
            before_window_ended=release.before_window_ended,
        )


class DestroyedShown(Wire):
    """What was destroyed, and what that cannot reach."""

    at: Moment
    stores: list[str]
    keys: list[str]
    not_covered: list[str]

    @classmethod
    def of(cls, destroyed: Destroyed) -> DestroyedShown:
        """As it is stored."""
        return cls.model_validate(destroyed.to_json())


class ReviewShown(Wire):
    """A review. Its ETag is what changes have to name in If-Match."""

    id: str
    number: str
    developer: str
    developer_name: str
    model: str
    model_version: str
    state: EngagementState
    marking: Marking
    opened_at: Moment
    size: DeveloperSize | None
    plan: PlanShown | None = Field(description="null until the developer opens the review")
    questions: list[CoverageQuestion]
    artefacts: list[ArtefactShown]
    terms: list[TermsItem] = Field(description="the last version holds")
    windows: list[WindowShown]
    days_of_access: float = Field(description="of the offices, planned time included")
    days_of_access_limit: float = Field(description="of the same model in all its reviews")
    acts: list[ActShown]
    releases: list[ReleaseShown]
    withdrawn_at: Moment | None
    withdrawn_because: str
    closed_at: Moment | None
    destroyed: DestroyedShown | None
    version: int
    moves: list[str] = Field(description="steps that your role can take from here")

    @classmethod
    def of(cls, found: Engagement, developer_name: str, moves: Sequence[str]) -> ReviewShown:
        """An engagement, and what its reader may do."""
        return cls(
            id=str(found.id),
            number=found.number,
            developer=str(found.model.developer),
            developer_name=developer_name,
            model=found.model.name,
            model_version=found.model.version,
            state=found.state,
            marking=found.marking,
            opened_at=str(found.opened_at),
            size=found.size,
            plan=PlanShown.of(found.plan) if found.plan else None,
            questions=[CoverageQuestion.of(each) for each in found.questions],
            artefacts=[ArtefactShown.of(each) for each in found.artefacts],
            terms=[TermsItem.of(each) for each in found.terms],
            windows=[WindowShown.of(each) for each in found.windows],
            days_of_access=round(counted(found.windows).total_seconds() / _SECONDS_OF_A_DAY, 3),
            days_of_access_limit=LIMIT.total_seconds() / _SECONDS_OF_A_DAY,
            acts=[ActShown.of(each) for each in found.acts],
            releases=[ReleaseShown.of(each) for each in found.releases],
            withdrawn_at=moment(found.withdrawn_at),
            withdrawn_because=found.withdrawn_because,
            closed_at=moment(found.closed_at),
            destroyed=DestroyedShown.of(found.destroyed) if found.destroyed else None,
            version=found.version,
            moves=list(moves),
        )
