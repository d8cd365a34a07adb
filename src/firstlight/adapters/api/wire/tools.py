"""Offers to defenders, requests for them, grants and uses."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from firstlight.adapters.api.wire.common import Body, Moment, Page, Wire
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Role
from firstlight.core.review.criteria import Sector
from firstlight.core.review.grants import Budget
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.tools.access import (
    TOOL_GRANT_MOVES,
    ToolGrant,
    ToolGrantState,
    ToolUse,
)
from firstlight.core.review.tools.asking import MOST_SYSTEMS, REQUEST_MOVES, RequestState
from firstlight.core.review.tools.eligibility import ELIGIBILITY, AskerKind, Defence, Eligibility
from firstlight.core.review.tools.offers import (
    MOST_ANSWER_DAYS,
    MOST_GRANT_DAYS,
    Endpoint,
    OfferKind,
    OfferState,
)
from firstlight.core.review.tools.waiting import ToolWaiting
from firstlight.core.review.words import LONGEST_LINE, LONGEST_TEXT
from firstlight.usecases.queries.tools import ModelAccess, OfferRow, ToolRequestRow
from firstlight.usecases.tools.asking import NewRequest
from firstlight.usecases.tools.offering import NewOffer
from firstlight.usecases.tools.using import HandedOut

Line = Annotated[str, Field(min_length=1, max_length=LONGEST_LINE)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
_MOST = 1 << 53


class OfferShown(Wire):
    """What somebody offers to defenders."""

    id: str
    offered_by: str
    offered_by_name: str
    kind: OfferKind
    title: str
    text: str
    askers: list[AskerKind] = Field(description="for whom")
    purposes: list[Defence] = Field(description="for what")
    answer_days: int = Field(description="each request is answered within these days")
    grant_days: int = Field(description="how long a grant lasts at most")
    eligibility: str = Field(description="version of what an asker must be")
    delivery: str = Field(description="how to get a tool: whole for whoever offers it only")
    state: OfferState
    published_at: Moment
    withdrawn_at: Moment | None
    withdrawn_because: str
    own: bool = Field(description="whether your organisation offers it")

    @classmethod
    def of(cls, row: OfferRow) -> OfferShown:
        """From the stored one."""
        offer = row.offer
        return cls(
            id=str(offer.id),
            offered_by=str(offer.offered_by),
            offered_by_name=row.offered_by_name,
            kind=offer.kind,
            title=offer.title,
            text=offer.text,
            askers=list(offer.askers),
            purposes=list(offer.purposes),
            answer_days=offer.answer_days,
            grant_days=offer.grant_days,
            eligibility=offer.eligibility,
            delivery=offer.delivery,
            state=offer.state,
            published_at=str(offer.published_at),
            withdrawn_at=_moment(offer.withdrawn_at),
            withdrawn_because=offer.withdrawn_because,
            own=row.own,
        )


class OfferPage(Page[OfferShown]):
    """A piece of the list of offers."""


class EligibilityShown(Wire):
    """What an asker must be, in one version."""

    version: str
    items: dict[str, str] = Field(description="short name to what is asked")

    @classmethod
    def of(cls, found: Eligibility) -> EligibilityShown:
        """From the core."""
        return cls(version=found.version, items=dict(found.items))


class EligibilityList(Wire):
    """Every version; old ones are kept."""

    newest: str
    versions: list[EligibilityShown]

    @classmethod
    def all(cls, newest: str) -> EligibilityList:
        """From the core."""
        return cls(
            newest=newest, versions=[EligibilityShown.of(each) for each in ELIGIBILITY.values()]
        )


class AnswerTimes(Wire):
    """How long askers of one kind waited."""

    kind: AskerKind
    answered: int
    waiting: int
    late: int
    middle_seconds: float | None = Field(description="median; null while nothing was answered")
    longest_seconds: float | None

    @classmethod
    def of(cls, row: ToolWaiting) -> AnswerTimes:
        """From the figures."""
        return cls(
            kind=row.kind,
            answered=row.answered,
            waiting=row.waiting,
            late=row.late,
            middle_seconds=_seconds(row.middle),
            longest_seconds=_seconds(row.longest),
        )


class AnswerTimesList(Wire):
    """A row for each kind of asker."""

    items: list[AnswerTimes]


class ToolBudgetGiven(Body):
    """How much each grant may use in all; left out for no limit."""

    requests: int | None = Field(default=None, ge=0, le=_MOST)
    tokens: int | None = Field(default=None, ge=0, le=_MOST)
    money: int | None = Field(default=None, ge=0, le=_MOST, description="in millionths of a unit")


class OfferedEndpointGiven(Body):
    """The endpoint of your model, as an engagement lists it."""

    engagement: str = Field(max_length=64, description="identifier (eng_...)")
    artefact: str = Field(max_length=64, description="identifier (art_...)")
    budget: ToolBudgetGiven = ToolBudgetGiven()

    def read(self) -> Endpoint:
        """The core's value. Raises MalformedIdentifier."""
        return Endpoint(
            engagement=EngagementId(self.engagement),
            artefact=ArtefactId(self.artefact),
            budget=Budget(
                requests=self.budget.requests, tokens=self.budget.tokens, money=self.budget.money
            ),
        )


class OfferGiven(Body):
    """What you offer; all of it but `delivery` becomes public."""

    kind: OfferKind
    title: Line
    text: Text
    askers: list[AskerKind] = Field(min_length=1, max_length=len(AskerKind))
    purposes: list[Defence] = Field(min_length=1, max_length=len(Defence))
    answer_days: int = Field(ge=1, le=MOST_ANSWER_DAYS)
    grant_days: int = Field(ge=1, le=MOST_GRANT_DAYS)
    delivery: str = Field(default="", max_length=LONGEST_TEXT, description="how to get a tool")
    endpoint: OfferedEndpointGiven | None = Field(default=None, description="of a model")

    def read(self) -> NewOffer:
        """What the use case takes. Raises MalformedIdentifier."""
        return NewOffer(
            kind=self.kind,
            title=self.title,
            text=self.text,
            askers=self.askers,
            purposes=self.purposes,
            answer_days=self.answer_days,
            grant_days=self.grant_days,
            delivery=self.delivery,
            endpoint=self.endpoint.read() if self.endpoint else None,
        )


class ToolReasonGiven(Body):
    """Why."""

    reason: Text


class RequestGiven(Body):
    """Who asks, for which systems, and why."""

    kind: AskerKind
    sector: Sector
    systems: list[Line] = Field(
        min_length=1, max_length=MOST_SYSTEMS, description="that you answer for, each by name"
    )
    purposes: list[Defence] = Field(min_length=1, max_length=len(Defence))
    text: Text
    meets: dict[str, str] = Field(
        max_length=50, description="how you meet each item of the offer's eligibility"
    )

    def read(self) -> NewRequest:
        """What the use case takes."""
        return NewRequest(
            kind=self.kind,
            sector=self.sector,
            systems=self.systems,
            purposes=self.purposes,
            text=self.text,
            meets=self.meets,
        )


class ToolAnswerShown(Wire):
    """A decision of the side that offers."""

    move: str
    by: str
    at: Moment
    reason: str


class ToolAppealShown(Wire):
    """Against a refusal."""

    by: str
    at: Moment
    text: str
    answer_by: Moment
    answered_at: Moment | None


class ToolGrantShown(Wire):
    """One person's access."""

    id: str
    state: ToolGrantState
    starts: Moment
    ends: Moment
    ended_at: Moment | None
    ended_because: str

    @classmethod
    def of(cls, grant: ToolGrant) -> ToolGrantShown:
        """From the stored one."""
        return cls(
            id=str(grant.id),
            state=grant.state,
            starts=str(grant.valid.start),
            ends=str(grant.valid.end),
            ended_at=_moment(grant.ended_at),
            ended_because=grant.ended_because,
        )


class ToolRequestShown(Wire):
    """One person's request, where it stands, and by when it is answered."""

    id: str
    offer: str
    title: str
    organisation: str
    organisation_name: str
    offered_by: str
    offered_by_name: str
    person: str
    kind: AskerKind
    sector: Sector
    systems: list[str]
    purposes: list[Defence]
    text: str
    eligibility: str
    meets: dict[str, str]
    state: RequestState
    asked_at: Moment
    answer_by: Moment
    due: Moment | None = Field(description="by when the next answer is owed; null when none is")
    late: bool
    answers: list[ToolAnswerShown]
    appeals: list[ToolAppealShown]
    grant: ToolGrantShown | None
    moves: list[str] = Field(description="steps that your role may take now")

    @classmethod
    def of(cls, row: ToolRequestRow, role: Role, now: Instant) -> ToolRequestShown:
        """From the stored one."""
        request, grant = row.request, row.grant
        moves = set(REQUEST_MOVES.possible(request.state, role))
        if grant:
            moves |= TOOL_GRANT_MOVES.possible(grant.state, role)
        return cls(
            id=str(request.id),
            offer=str(request.offer),
            title=row.title,
            organisation=str(request.organisation),
            organisation_name=row.organisation_name,
            offered_by=str(request.offered_by),
            offered_by_name=row.offered_by_name,
            person=str(request.person),
            kind=request.kind,
            sector=request.sector,
            systems=list(request.systems),
            purposes=list(request.purposes),
            text=request.text,
            eligibility=request.eligibility,
            meets=dict(request.meets),
            state=request.state,
            asked_at=str(request.asked_at),
            answer_by=str(request.answer_by),
            due=_moment(request.due),
            late=request.late(now),
            answers=[
                ToolAnswerShown(
                    move=each.move, by=str(each.by), at=str(each.at), reason=each.reason
                )
                for each in request.answers
            ],
            appeals=[
                ToolAppealShown(
                    by=str(each.by),
                    at=str(each.at),
                    text=each.text,
                    answer_by=str(each.answer_by),
                    answered_at=_moment(each.answered_at),
                )
                for each in request.appeals
            ],
            grant=ToolGrantShown.of(grant) if grant else None,
            moves=sorted(moves),
        )


class ToolRequestPage(Page[ToolRequestShown]):
    """A piece of the list of requests."""


class ToolTermsShown(Wire):
    """The terms of a granted model."""

    number: int
    digest: str = Field(description="SHA-256 of exactly what is accepted")
    texts: dict[str, str]
    excluded: list[str] = Field(description="uses that are out of purpose")
    accepted: bool
    grant: str = Field(description="identifier (grt_...) of the grant that the gateway serves")
    models: list[str] = Field(description="names by which requests call it")

    @classmethod
    def of(cls, model: ModelAccess) -> ToolTermsShown | None:
        """From the stored ones; None while there are none."""
        terms = model.terms
        if terms is None:
            return None
        return cls(
            number=terms.number,
            digest=terms.digest,
            texts={heading.value: text for heading, text in terms.texts.items()},
            excluded=[each.value for each in terms.excluded],
            accepted=model.accepted,
            grant=str(model.grant.id),
            models=list(model.artefact.models),
        )


class ToolTermsGiven(Body):
    """Which terms are accepted."""

    digest: str = Field(max_length=64, description="of the terms that you have read")


class ToolAnswerGiven(Body):
    """A decision."""

    move: str = Field(
        description="grant, refuse, uphold or grant-appeal",
        json_schema_extra={"enum": ["grant", "refuse", "uphold", "grant-appeal"]},
        pattern="^(grant|refuse|uphold|grant-appeal)$",
    )
    reason: str = Field(
        default="", max_length=LONGEST_TEXT, description="needed for all but a first grant"
    )
    until: AwareDatetime | None = Field(
        default=None, description="end of a grant; as late as the offer allows when left out"
    )


class ToolAppealGiven(Body):
    """Why the refusal should be looked at again."""

    text: Text


class ToolUseGiven(Body):
    """What you use the tool for this time."""

    purpose: Defence
    system: Line = Field(description="one that your grant names")
    note: str = Field(default="", max_length=LONGEST_LINE)


class ToolUseShown(Wire):
    """One recorded use."""

    id: str
    person: str
    at: Moment
    purpose: Defence
    system: str
    note: str

    @classmethod
    def of(cls, use: ToolUse) -> ToolUseShown:
        """From the stored one."""
        return cls(
            id=str(use.id),
            person=str(use.person),
            at=str(use.at),
            purpose=use.purpose,
            system=use.system,
            note=use.note,
        )


class ToolUsePage(Page[ToolUseShown]):
    """A piece of the list of uses."""


class HandedOutShown(Wire):
    """A recorded use, and how to get the tool."""

    use: ToolUseShown
    delivery: str

    @classmethod
    def of(cls, handed: HandedOut) -> HandedOutShown:
        """From the use case."""
        return cls(use=ToolUseShown.of(handed.use), delivery=handed.delivery)


def _moment(value: Instant | None) -> str | None:
    return str(value) if value else None


def _seconds(value: timedelta | None) -> float | None:
    return value.total_seconds() if value is not None else None
