"""Find what an address names, as the asker may see it; the rest does not exist for them.

Whether a thing exists is a matter of the role; what may be done with it, of the role and the
token's scopes. So things are found without regard to scopes, and the gate and the use case, which
know the scopes, decide about the action.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from firstlight.adapters.api.services import services
from firstlight.core.clearinghouse.advisory.model import Advisory
from firstlight.core.clearinghouse.case import Case
from firstlight.core.clearinghouse.finding import Finding
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import (
    AdvisoryId,
    CaseId,
    FindingId,
    Identifier,
    MalformedIdentifier,
)
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.engagement import Engagement
from firstlight.core.review.ids import EngagementId

Kind = TypeVar("Kind", bound=Identifier)


def identified(kind: type[Kind], text: str) -> Kind:
    """The identifier in an address; a malformed one names nothing.

    Raises:
        Missing: as above.
    """
    try:
        return kind(text)
    except MalformedIdentifier as error:
        raise Missing(error.message) from None


def case_named(actor: Actor, name: str) -> Case:
    """A case by its identifier or its number. Raises Missing."""
    role = replace(actor, scopes=None)
    if name.startswith(f"{CaseId.prefix}_"):
        return services().queries.case(role, identified(CaseId, name))
    return services().queries.case_by_number(role, name[:40])


def finding_named(actor: Actor, name: str) -> Finding:
    """A finding by its identifier. Raises Missing."""
    role = replace(actor, scopes=None)
    return services().queries.finding(role, identified(FindingId, name))


def advisory_named(actor: Actor, name: str) -> Advisory:
    """An advisory by its identifier. Raises Missing."""
    role = replace(actor, scopes=None)
    return services().queries.advisory(role, identified(AdvisoryId, name))


def review_named(actor: Actor, name: str) -> Engagement:
    """A review by its identifier or its number. Raises Missing."""
    role = replace(actor, scopes=None)
    if name.startswith(f"{EngagementId.prefix}_"):
        return services().reviews.engagement(role, identified(EngagementId, name))
    return services().reviews.engagement_by_number(role, name[:40])
