"""Made-up values of the review: small, valid, with one fixed clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from firstlight.core.kernel.clock import Instant, Period
from firstlight.core.kernel.ids import Identifier, OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.parties import Membership, Role
from firstlight.core.review.artefacts import Artefact, ArtefactKind, Dialect, Safeguards
from firstlight.core.review.engagement import Engagement, EngagementState
from firstlight.core.review.grants import Budget, Grant, GrantState, Purpose
from firstlight.core.review.ids import ArtefactId, EngagementId, GrantId
from firstlight.core.review.model import Anchor, DeveloperSize, Model, Plan, ReleaseForm
from firstlight.core.review.standard_terms import NEWEST, standard
from firstlight.core.review.terms import OutOfPurpose, write
from firstlight.core.review.use import Situation
from firstlight.core.review.window import Audience, Window

START = Instant(datetime(2026, 11, 2, 9, tzinfo=UTC))
_Id = TypeVar("_Id", bound=Identifier)


def named(kind: type[_Id], number: int) -> _Id:
    """The identifier of this number."""
    return kind.mint(1, number.to_bytes(10))


DEVELOPER = named(OrganisationId, 1)
OFFICE = named(OrganisationId, 2)
LEAD = named(PersonId, 1)
REVIEWER = named(PersonId, 2)
SECOND = named(PersonId, 3)
STRANGER = named(PersonId, 4)
ENDPOINT = named(ArtefactId, 1)
WEIGHTS = named(ArtefactId, 2)


def after(**amount: float) -> Instant:
    """A moment after the start."""
    return START.plus(timedelta(**amount))


def window(
    audience: Audience = Audience.OFFICES,
    *,
    start: Instant = START,
    days: float = 10,
    early: bool = False,
) -> Window:
    """A window of so many days."""
    end = start.plus(timedelta(days=days))
    return Window(
        audience=audience,
        period=Period(start=start, end=end),
        planned_end=end,
        set_by=LEAD,
        set_at=start,
        early=early,
    )


def plan(**changes: object) -> Plan:
    """A developer's choices."""
    chosen: dict[str, object] = {
        "release_form": ReleaseForm.API,
        "anchor": Anchor.PARTNERS,
        "partner_release": None,
        "public_release": None,
        "retention_days": 0,
        "legal_hold": "",
        "keeps_content": False,
        "listed": False,
    }
    return Plan(**(chosen | changes))  # type: ignore[arg-type]  # fields by name


def endpoint() -> Artefact:
    """An endpoint with reduced safeguards."""
    return Artefact(
        id=ENDPOINT,
        kind=ArtefactKind.ENDPOINT,
        name="The endpoint",
        safeguards=Safeguards.REDUCED,
        models=("model-x",),
        dialects=(Dialect.OPENAI_CHAT,),
        digest="",
        added_at=START,
    )


def weights() -> Artefact:
    """The weights' digest."""
    return Artefact(
        id=WEIGHTS,
        kind=ArtefactKind.WEIGHTS,
        name="The weights",
        safeguards=None,
        models=(),
        dialects=(),
        digest="ab" * 32,
        added_at=START,
    )


def engagement(**changes: object) -> Engagement:
    """An open engagement with terms, an endpoint, and ten days for the offices."""
    made: dict[str, object] = {
        "id": named(EngagementId, 1),
        "number": "FR-2026-0001",
        "model": Model(developer=DEVELOPER, name="Model X", version="1.0"),
        "state": EngagementState.OPEN,
        "marking": Marking.AMBER_STRICT,
        "opened_at": START,
        "size": DeveloperSize.SMALL,
        "plan": plan(),
        "artefacts": (endpoint(), weights()),
        "terms": (
            write(
                (), standard(NEWEST), changes={}, excluded=tuple(OutOfPurpose), by=LEAD, now=START
            ),
        ),
        "windows": (window(),),
    }
    return Engagement(**(made | changes))  # type: ignore[arg-type]  # fields by name


def grant(**changes: object) -> Grant:
    """A reviewer's grant for 20 days, with the two-person rule."""
    made: dict[str, object] = {
        "id": named(GrantId, 1),
        "engagement": named(EngagementId, 1),
        "audience": Audience.OFFICES,
        "person": REVIEWER,
        "organisation": OFFICE,
        "artefact": ENDPOINT,
        "purpose": Purpose.SAFEGUARD_TESTING,
        "valid": Period(start=START, end=after(days=20)),
        "seconds": (SECOND,),
        "budget": Budget(requests=None, tokens=None, money=None),
        "state": GrantState.ACTIVE,
        "given_by": LEAD,
        "given_at": START,
    }
    return Grant(**(made | changes))  # type: ignore[arg-type]  # fields by name


def member(
    person: PersonId, organisation: OrganisationId = OFFICE, role: Role = Role.REVIEWER
) -> Membership:
    """A membership that began long ago."""
    return Membership(
        person=person, organisation=organisation, role=role, started_at=after(days=-100)
    )


def situation(**changes: object) -> Situation:
    """One in which a use is admitted."""
    made: dict[str, object] = {
        "engagement": engagement(),
        "grant": grant(),
        "takes_part": True,
        "accepted": (REVIEWER, SECOND),
        "memberships": {REVIEWER: (member(REVIEWER),), SECOND: (member(SECOND),)},
        "last_recorded": START,
    }
    return Situation(**(made | changes))  # type: ignore[arg-type]  # fields by name
