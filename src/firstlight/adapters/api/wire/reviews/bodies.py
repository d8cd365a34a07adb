"""What is sent about reviews: nothing optional that the order leaves to the developer."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from firstlight.adapters.api.wire.common import Body
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.review.artefacts import MOST_MODELS, ArtefactKind, Dialect, Safeguards
from firstlight.core.review.coverage import Determination
from firstlight.core.review.criteria import NEWEST as NEWEST_CRITERIA
from firstlight.core.review.criteria import Sector
from firstlight.core.review.engagement import ReleaseTo
from firstlight.core.review.grants import MOST_SECONDS, Budget, Purpose
from firstlight.core.review.ids import ArtefactId
from firstlight.core.review.model import Anchor, DeveloperSize, Plan, ReleaseForm
from firstlight.core.review.standard_terms import NEWEST
from firstlight.core.review.terms import Heading, OutOfPurpose
from firstlight.core.review.window import MOST_PARTNER_DAYS, Audience
from firstlight.core.review.words import LONGEST_LINE, LONGEST_TEXT
from firstlight.usecases.reviews.arranging import NewArtefact
from firstlight.usecases.reviews.granting import NewGrant
from firstlight.usecases.reviews.opening import Answer

_MOST_RETENTION = 3660
_MOST_AMOUNT = 1 << 53


def _text(value: Any) -> Any:  # noqa: ANN401  # whatever was sent
    if not isinstance(value, str):
        raise ValueError("a day is text, as 2026-07-15")  # noqa: TRY004  # the library's way
    return value


Line = Annotated[str, Field(min_length=1, max_length=LONGEST_LINE)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Words = Annotated[str, Field(max_length=LONGEST_TEXT, description="welcome, not owed")]
Name = Annotated[str, Field(min_length=1, max_length=64)]
"""an identifier"""
Moment = Annotated[str, Field(max_length=40, description="RFC 3339, with its zone")]
Day = Annotated[date, BeforeValidator(_text)]
Amount = Annotated[StrictInt | None, Field(ge=0, le=_MOST_AMOUNT)]


class PlanGiven(Body):
    """What the order leaves to the developer. Every choice is made in words; none has a default."""

    release_form: ReleaseForm
    anchor: Anchor = Field(description="the release before which the days of access lie")
    partner_release: Day | None = Field(description="planned; null while it is not")
    public_release: Day | None = Field(description="planned; null while it is not")
    retention_days: StrictInt = Field(
        ge=0, le=_MOST_RETENTION, description="how long sealed documents are kept after the close"
    )
    legal_hold: str = Field(
        max_length=LONGEST_TEXT, description="why nothing may be destroyed; empty for no hold"
    )
    keeps_content: StrictBool = Field(
        description="keep requests and answers of the endpoint, sealed; or only their digests"
    )
    listed: StrictBool = Field(description="the public register may name developer and model")

    def plan(self) -> Plan:
        """As the core knows it."""
        return Plan(
            release_form=self.release_form,
            anchor=self.anchor,
            partner_release=self.partner_release,
            public_release=self.public_release,
            retention_days=self.retention_days,
            legal_hold=self.legal_hold.strip(),
            keeps_content=self.keeps_content,
            listed=self.listed,
        )


class ReviewOpened(Body):
    """A developer opens a review of its model."""

    name: Line = Field(description="of the model")
    version: Line = Field(description="of the model")
    size: DeveloperSize = Field(description="of the developer; for figures only")
    plan: PlanGiven
    marking: Marking = Field(
        default=Marking.AMBER_STRICT, description="TLP:AMBER+STRICT or TLP:RED"
    )


class PlanChanged(Body):
    """All of the new plan."""

    plan: PlanGiven
    size: DeveloperSize | None = Field(default=None, description="null for no change")
    marking: Marking | None = Field(default=None, description="null for no change")


class CoverageAsked(Body):
    """Is this model covered? 3(b)(i)."""

    name: Line = Field(description="of the model")
    version: Line = Field(description="of the model")
    size: DeveloperSize = Field(description="of the developer; for figures only")
    text: Text = Field(description="what the office needs to know of the model")
    office: Name = Field(description="the office that is asked (org_...)")


class ReviewRequested(Body):
    """An office would like to look at a model. The developer need not answer."""

    developer: Name = Field(description="organisation (org_...)")
    name: Line = Field(description="of the model")
    version: Line = Field(description="of the model")
    words: Text = Field(description="why; the developer reads it")


class CoverageAnswered(Body):
    """What an office determined: a statement's reference, or a classified one's digest."""

    determination: Determination
    statement: str = Field(default="", max_length=LONGEST_LINE)
    classified_digest: str = Field(default="", max_length=80, description="SHA-256 in hex")
    for_researchers: StrictBool = Field(
        default=False, description="the office finds it fit for researchers"
    )

    def answer(self) -> Answer:
        """As the use case takes it."""
        return Answer(
            determination=self.determination,
            statement=self.statement,
            classified_digest=self.classified_digest,
            for_researchers=self.for_researchers,
        )


class ArtefactGiven(Body):
    """One thing that is shown. Weights are a digest and nothing else."""

    kind: ArtefactKind
    name: Line = Field(description="for people")
    safeguards: Safeguards | None = Field(default=None, description="of an endpoint")
    models: list[Line] = Field(
        default_factory=list, max_length=MOST_MODELS, description="of an endpoint: exact names"
    )
    dialects: list[Dialect] = Field(
        default_factory=list, max_length=len(Dialect), description="of an endpoint"
    )
    digest: str = Field(default="", max_length=80, description="SHA-256 in hex; weights need it")

    def new(self) -> NewArtefact:
        """As the use case takes it."""
        return NewArtefact(
            kind=self.kind,
            name=self.name,
            safeguards=self.safeguards,
            models=tuple(self.models),
            dialects=tuple(self.dialects),
            digest=self.digest,
        )


class TermsGiven(Body):
    """The standard text, with the developer's changes. Everyone accepts anew."""

    standard: Name = Field(default=NEWEST, description="version of the standard text")
    changes: dict[Heading, Text] = Field(
        default_factory=dict,
        max_length=len(Heading),
        description="heading to the developer's own text; what is left out stays standard",
    )
    excluded: list[OutOfPurpose] = Field(
        default_factory=lambda: list(OutOfPurpose),
        max_length=len(OutOfPurpose),
        description="uses named as out of purpose; all four when left out",
    )


class TermsAccepted(Body):
    """One person's word on exactly one version."""

    digest: str = Field(min_length=1, max_length=80, description="of the terms that were read")


class WindowGiven(Body):
    """From when, for how long. Offices get at most 30 days of one model in all."""

    audience: Audience
    days: StrictInt = Field(ge=1, le=MOST_PARTNER_DAYS)
    start: Moment | None = Field(default=None, description="null for now")
    early: StrictBool = Field(
        default=False, description="partners come in before the offices' window is over"
    )


class OwnSignatureGiven(Body):
    """The developer's own Ed25519 signature over the statement of the extension."""

    public_key: str = Field(pattern=r"^[0-9a-f]{64}$", description="raw key in hex")
    signature: str = Field(pattern=r"^[0-9a-f]{128}$", description="in hex")


class ExtensionGiven(Body):
    """A window becomes longer: a signed act of the developer."""

    audience: Audience
    days: StrictInt = Field(ge=1, le=MOST_PARTNER_DAYS)
    own: OwnSignatureGiven | None = Field(
        default=None, description="null: the installation alone signs"
    )


class WindowsStopped(Body):
    """Whose windows end now."""

    audience: Audience | None = Field(default=None, description="null for everybody's")


class HoldGiven(Body):
    """How long sealed documents are kept after the close."""

    retention_days: StrictInt = Field(ge=0, le=_MOST_RETENTION)
    legal_hold: str = Field(max_length=LONGEST_TEXT, description="empty for no hold")


class OfficeDecided(Body):
    """The developer's word on one office."""

    move: Literal["admit", "decline", "remove"]
    words: Words = ""


class Said(Body):
    """Words that may be left out."""

    words: Words = ""


class BudgetGiven(Body):
    """How much may be used in all; null for no limit."""

    requests: Amount = None
    tokens: Amount = Field(default=None, description="input and output together")
    money: Amount = Field(default=None, description="millionths of the developer's unit")


class GrantGiven(Body):
    """One person, one artefact, one purpose, until one moment."""

    audience: Audience
    person: Name = Field(description="who (per_...)")
    organisation: Name = Field(description="for which office or partner (org_...)")
    artefact: Name = Field(description="to what (art_...)")
    purpose: Purpose
    until: Moment
    since: Moment | None = Field(default=None, description="null for now")
    seconds: list[Name] = Field(
        default_factory=list,
        max_length=MOST_SECONDS,
        description="people of whom one must be present at each use",
    )
    budget: BudgetGiven = BudgetGiven()

    def new(self) -> NewGrant:
        """As the use case takes it. Raises Invalid, MalformedIdentifier."""
        return NewGrant(
            audience=self.audience,
            person=PersonId(self.person),
            organisation=OrganisationId(self.organisation),
            artefact=ArtefactId(self.artefact),
            purpose=self.purpose,
            until=Instant.parse(self.until),
            since=Instant.parse(self.since) if self.since is not None else None,
            seconds=tuple(PersonId(each) for each in self.seconds),
            budget=Budget(
                requests=self.budget.requests, tokens=self.budget.tokens, money=self.budget.money
            ),
        )


class Halted(Body):
    """A halt has a reason and a way back."""

    reason: Text
    conditions: Text = Field(description="what must be so for it to be lifted")


class Lifted(Body):
    """How the conditions were met."""

    note: Text


class PartnerProposed(Body):
    """An organisation, and how it meets each published criterion."""

    organisation: Name = Field(description="org_...")
    sector: Sector
    meets: dict[str, Text] = Field(max_length=50, description="criterion to how it is met")
    criteria: Name = Field(default=NEWEST_CRITERIA, description="version of the criteria")


class PartnerDecided(Body):
    """One side's word. `uphold` and `grant-appeal` answer an appeal."""

    move: Literal["agree", "refuse", "uphold", "grant-appeal", "end"]
    reason: Words = Field(default="", description="owed for everything but an agreement")


class Appealed(Body):
    """Why the refusing side should look again."""

    text: Text


class ObservationGiven(Body):
    """Advice: a title and words, and nothing that anything could hang on."""

    title: Line
    text: Text


class ResponseGiven(Body):
    """What the developer says to one version of an observation."""

    wording: StrictInt = Field(ge=1, le=1000, description="the version that it answers")
    text: Text


class Launched(Body):
    """The developer released its model. Nobody is asked."""

    to: ReleaseTo
    keeps_access: StrictBool = Field(description="running windows go on; otherwise they end now")
