"""Who takes part beside the offices, and what is observed: partners and observations."""

from __future__ import annotations

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.adapters.api.wire.reviews.engagement import moment
from firstlight.adapters.api.wire.reviews.people import NameOf
from firstlight.core.kernel.parties import Organisation, OrganisationKind
from firstlight.core.review.criteria import Sector
from firstlight.core.review.observations import Observation
from firstlight.core.review.partners import Appeal, Decision, Partner, PartnerState, Side
from firstlight.usecases.queries.reviews import OwnPartnership


class CounterpartShown(Wire):
    """An organisation that you can name in a review."""

    organisation: str
    name: str
    kind: OrganisationKind
    sector: str

    @classmethod
    def of(cls, found: Organisation) -> CounterpartShown:
        """Without anything about its people."""
        return cls(
            organisation=str(found.id), name=found.name, kind=found.kind, sector=found.sector
        )


class CounterpartPage(Page[CounterpartShown]):
    """Organisations, by name."""


class CriteriaShown(Wire):
    """What a trusted partner must be."""

    version: str
    items: dict[str, str] = Field(description="short name to what is asked")


class CriteriaList(Wire):
    """Every version that was ever used, oldest first."""

    items: list[CriteriaShown]
    newest: str


class PartnerDecision(Wire):
    """One step of one side."""

    move: str
    side: Side
    by: str
    at: Moment
    reason: str

    @classmethod
    def of(cls, decision: Decision) -> PartnerDecision:
        """As it is stored."""
        return cls(
            move=decision.move,
            side=decision.side,
            by=str(decision.by),
            at=str(decision.at),
            reason=decision.reason,
        )


class AppealShown(Wire):
    """Against a refusal, with its answer."""

    by: str
    organisation: str
    at: Moment
    text: str
    answer: str
    answered_at: Moment | None
    granted: bool

    @classmethod
    def of(cls, appeal: Appeal) -> AppealShown:
        """As it is stored."""
        return cls(
            by=str(appeal.by),
            organisation=str(appeal.organisation),
            at=str(appeal.at),
            text=appeal.text,
            answer=appeal.answer,
            answered_at=moment(appeal.answered_at),
            granted=appeal.granted,
        )


class PartnerShown(Wire):
    """An organisation's part in a review."""

    id: str
    review: str
    organisation: str
    organisation_name: str
    sector: Sector
    criteria: str
    meets: dict[str, str]
    proposed_by: Side
    proposed_at: Moment
    state: PartnerState
    decisions: list[PartnerDecision]
    appeals: list[AppealShown]
    version: int

    @classmethod
    def of(cls, partner: Partner, name_of: NameOf) -> PartnerShown:
        """As it is stored."""
        return cls(
            id=str(partner.id),
            review=str(partner.engagement),
            organisation=str(partner.organisation),
            organisation_name=name_of(partner.organisation),
            sector=partner.sector,
            criteria=partner.criteria,
            meets=dict(partner.meets),
            proposed_by=partner.proposed_by,
            proposed_at=str(partner.proposed_at),
            state=partner.state,
            decisions=[PartnerDecision.of(each) for each in partner.decisions],
            appeals=[AppealShown.of(each) for each in partner.appeals],
            version=partner.version,
        )


class PartnerPage(Page[PartnerShown]):
    """Partners, newest first."""


class PartnershipShown(Wire):
    """Your organisation's part in a review."""

    partner: PartnerShown
    number: str = Field(description="of the review")
    developer_name: str

    @classmethod
    def of(cls, own: OwnPartnership, name_of: NameOf) -> PartnershipShown:
        """From the query's row."""
        return cls(
            partner=PartnerShown.of(own.partner, name_of),
            number=own.number,
            developer_name=own.developer_name,
        )


class PartnershipPage(Page[PartnershipShown]):
    """Your organisation's partnerships, newest first."""


class WordingShown(Wire):
    """One version of an observation."""

    number: int
    title: str
    text: str
    by: str
    at: Moment


class ResponseShown(Wire):
    """What the developer says to one version."""

    wording: int
    text: str
    by: str
    at: Moment


class ObservationShown(Wire):
    """Advice, with the developer's responses beside it."""

    id: str
    review: str
    organisation: str
    organisation_name: str
    wordings: list[WordingShown]
    responses: list[ResponseShown]
    version: int

    @classmethod
    def of(cls, observation: Observation, name_of: NameOf) -> ObservationShown:
        """As it is stored."""
        return cls(
            id=str(observation.id),
            review=str(observation.engagement),
            organisation=str(observation.organisation),
            organisation_name=name_of(observation.organisation),
            wordings=[
                WordingShown(
                    number=each.number,
                    title=each.title,
                    text=each.text,
                    by=str(each.by),
                    at=str(each.at),
                )
                for each in observation.wordings
            ],
            responses=[
                ResponseShown(
                    wording=each.wording, text=each.text, by=str(each.by), at=str(each.at)
                )
                for each in observation.responses
            ],
            version=observation.version,
        )


class ObservationPage(Page[ObservationShown]):
    """Observations, newest first."""
