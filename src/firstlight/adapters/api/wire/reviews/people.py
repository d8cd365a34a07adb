"""Under which terms, for which offices, by which grants people get access."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from firstlight.adapters.api.wire.common import Moment, Page, Wire
from firstlight.adapters.api.wire.reviews.engagement import ArtefactShown, WindowShown, moment
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.review.grants import Grant, GrantState, Purpose, Suspension
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.standard_terms import standard
from firstlight.core.review.terms import (
    Acceptance,
    Heading,
    OutOfPurpose,
    StandardTerms,
    Terms,
    changes,
)
from firstlight.core.review.window import Audience
from firstlight.usecases.queries.reviews import (
    OfficeRow,
    OwnGrant,
    RequestRow,
)

NameOf = Callable[[PersonId | OrganisationId], str]
"""the name of somebody, for a reader who may see them"""


class StandardShown(Wire):
    """A version of the standard text, or of the terms' starting point."""

    version: str
    texts: dict[Heading, str]
    excluded: list[OutOfPurpose]

    @classmethod
    def of(cls, found: StandardTerms) -> StandardShown:
        """As it is published."""
        return cls(version=found.version, texts=dict(found.texts), excluded=list(found.excluded))


class StandardList(Wire):
    """Every version that was ever used, oldest first."""

    items: list[StandardShown]
    newest: str


class TermsShown(Wire):
    """One version of the terms, whole."""

    number: int
    standard: str
    texts: dict[Heading, str]
    changed: list[Heading]
    excluded: list[OutOfPurpose]
    changes: str = Field(description="against the standard text, as a unified diff")
    digest: str = Field(description="what whoever accepts them names")
    set_by: str
    set_at: Moment

    @classmethod
    def of(cls, terms: Terms) -> TermsShown:
        """With what the developer changed."""
        return cls(
            number=terms.number,
            standard=terms.standard,
            texts=dict(terms.texts),
            changed=list(terms.changed),
            excluded=list(terms.excluded),
            changes=changes(terms, standard(terms.standard)),
            digest=terms.digest,
            set_by=str(terms.set_by),
            set_at=str(terms.set_at),
        )


class TermsPage(Page[TermsShown]):
    """Versions of the terms, newest first."""


class AcceptanceShown(Wire):
    """One person's word on one version."""

    person: str
    person_name: str
    number: int
    digest: str
    at: Moment

    @classmethod
    def of(cls, given: Acceptance, name_of: NameOf) -> AcceptanceShown:
        """As it is stored."""
        return cls(
            person=str(given.person),
            person_name=name_of(given.person),
            number=given.number,
            digest=given.digest,
            at=str(given.at),
        )


class AcceptancePage(Page[AcceptanceShown]):
    """Who accepted, newest first."""


class OfficeShown(Wire):
    """An office in a review."""

    organisation: str
    name: str
    state: OfficeState
    since: Moment
    words: str = Field(description="what was written with the last step")

    @classmethod
    def of(cls, row: OfficeRow) -> OfficeShown:
        """From the query's row."""
        return cls(
            organisation=str(row.office.organisation),
            name=row.name,
            state=row.office.state,
            since=str(row.office.since),
            words=row.office.words,
        )


class OfficeList(Wire):
    """In the order in which they came; at most fifty."""

    items: list[OfficeShown]


class RequestShown(Wire):
    """A review that an office asked for: no more than it asked."""

    review: str
    developer_name: str
    model: str
    model_version: str
    state: OfficeState
    since: Moment

    @classmethod
    def of(cls, row: RequestRow) -> RequestShown:
        """From the query's row."""
        return cls(
            review=str(row.engagement),
            developer_name=row.developer_name,
            model=row.model,
            model_version=row.model_version,
            state=row.state,
            since=str(row.since),
        )


class RequestPage(Page[RequestShown]):
    """What your office asked for, newest first."""


class BudgetShown(Wire):
    """How much may be used in all; null for no limit."""

    requests: int | None
    tokens: int | None
    money: int | None


class SuspensionShown(Wire):
    """A halt: who, why, and what lifts it."""

    at: Moment
    by: str
    by_name: str
    organisation: str
    organisation_name: str
    reason: str
    conditions: str
    lifted_at: Moment | None
    lifted_by: str | None
    lifted_note: str

    @classmethod
    def of(cls, halt: Suspension, name_of: NameOf) -> SuspensionShown:
        """As it is stored."""
        return cls(
            at=str(halt.at),
            by=str(halt.by),
            by_name=name_of(halt.by),
            organisation=str(halt.organisation),
            organisation_name=name_of(halt.organisation),
            reason=halt.reason,
            conditions=halt.conditions,
            lifted_at=moment(halt.lifted_at),
            lifted_by=str(halt.lifted_by) if halt.lifted_by else None,
            lifted_note=halt.lifted_note,
        )


class GrantShown(Wire):
    """One person's access to one artefact."""

    id: str
    review: str
    audience: Audience
    person: str
    person_name: str
    organisation: str
    organisation_name: str
    artefact: str
    purpose: Purpose
    since: Moment
    until: Moment = Field(description="and within the audience's window")
    seconds: list[str]
    budget: BudgetShown
    state: GrantState
    given_by: str
    given_at: Moment
    suspensions: list[SuspensionShown]
    ended_at: Moment | None
    ended_because: str
    version: int

    @classmethod
    def of(cls, grant: Grant, name_of: NameOf) -> GrantShown:
        """As it is stored."""
        return cls(
            id=str(grant.id),
            review=str(grant.engagement),
            audience=grant.audience,
            person=str(grant.person),
            person_name=name_of(grant.person),
            organisation=str(grant.organisation),
            organisation_name=name_of(grant.organisation),
            artefact=str(grant.artefact),
            purpose=grant.purpose,
            since=str(grant.valid.start),
            until=str(grant.valid.end),
            seconds=[str(each) for each in grant.seconds],
            budget=BudgetShown(
                requests=grant.budget.requests,
                tokens=grant.budget.tokens,
                money=grant.budget.money,
            ),
            state=grant.state,
            given_by=str(grant.given_by),
            given_at=str(grant.given_at),
            suspensions=[SuspensionShown.of(each, name_of) for each in grant.suspensions],
            ended_at=moment(grant.ended_at),
            ended_because=grant.ended_because,
            version=grant.version,
        )


class GrantPage(Page[GrantShown]):
    """Grants, newest first; ended ones too."""


class OwnGrantShown(Wire):
    """What a person with a grant may use, until when, and under which terms."""

    grant: GrantShown
    number: str = Field(description="of the review")
    developer_name: str
    model: str
    artefact: ArtefactShown
    windows: list[WindowShown] = Field(description="of the grant's audience")
    terms: TermsShown | None
    accepted: bool = Field(description="whether you have accepted exactly these terms")

    @classmethod
    def of(cls, own: OwnGrant, name_of: NameOf) -> OwnGrantShown:
        """From the query's row."""
        return cls(
            grant=GrantShown.of(own.grant, name_of),
            number=own.number,
            developer_name=own.developer_name,
            model=own.model,
            artefact=ArtefactShown.of(own.artefact),
            windows=[WindowShown.of(each) for each in own.windows],
            terms=TermsShown.of(own.terms) if own.terms else None,
            accepted=own.accepted,
        )


class OwnGrantPage(Page[OwnGrantShown]):
    """Your grants, newest first; ended ones too."""


class MeShown(Wire):
    """Who you are here: what a developer needs in order to give you a grant."""

    person: str
    name: str
    organisation: str
    organisation_name: str
    role: str
