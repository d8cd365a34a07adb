"""Where an engagement stands: state, windows, the days, who takes part, what is halted."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from firstlight.adapters.web.reviews.drawing import days_of, draw_windows
from firstlight.adapters.web.reviews.sight import (
    Sight,
    artefacts_by_id,
    named,
    people_in,
    see,
    show,
)
from firstlight.adapters.web.services import services
from firstlight.core.kernel.clock import Instant
from firstlight.core.review.engagement import Engagement, EngagementState
from firstlight.core.review.grants import GrantState
from firstlight.core.review.model import UNDO
from firstlight.core.review.offices import OfficeState
from firstlight.core.review.partners import PartnerState
from firstlight.core.review.window import Window

NEXT = {
    EngagementState.REQUESTED: "An office asks. The developer may open a review, answer, or stay "
    "silent; each is fine.",
    EngagementState.ASKED: "The office that was asked answers. Nothing is shown to it.",
    EngagementState.ANSWERED: "The answer is there. The developer may stop here, or open a review.",
    EngagementState.OPEN: "The developer shows what it chooses, to whom it chooses, for as long "
    "as it chooses, up to thirty days.",
    EngagementState.LAUNCHED: "The model is released. What is still shown is the developer's "
    "own choice.",
    EngagementState.WITHDRAWN: "The model was taken out of the review; all access has ended. The "
    "developer may open it again.",
    EngagementState.CLOSED: "It is over: every grant has ended, and the receipt is signed.",
}
"""what each state means, in a sentence"""


@require_safe
def overview(request: HttpRequest, number: str) -> HttpResponse:
    """One page that says where it stands."""
    seen = see(request, number)
    return show(request, seen, "overview", _page(seen))


def _page(seen: Sight) -> dict[str, object]:
    reviews, found, now = services().reviews, seen.engagement, services().context.clock.now()
    grants = reviews.grants(seen.actor, found.id)
    partners = reviews.partners(seen.actor, found.id)
    observations = reviews.observations(seen.actor, found.id)
    offices = reviews.offices(seen.actor, found.id)
    elsewhere = services().overviews.days_elsewhere(seen.actor, found.id)
    halted = [each for each in grants if each.state is GrantState.SUSPENDED]
    agreed = [each.organisation for each in partners if each.state is PartnerState.AGREED]
    return {
        "next": NEXT[found.state],
        "line": draw_windows(found.windows, _releases(found), now),
        "days": days_of(found.windows, elsewhere, now),
        "windows": windows_told(seen),
        "halted": halted,
        "artefacts": [each for each in found.artefacts if each.removed_at is None],
        "artefacts_by_id": artefacts_by_id(found),
        "members": [each for each in offices if each.office.state is OfficeState.MEMBER],
        "asking": [each for each in offices if each.office.state is OfficeState.ASKING],
        "standing": [
            each for each in grants if each.state is GrantState.ACTIVE and each.valid.end > now
        ],
        "partners": agreed,
        "observations": observations,
        "answered": sum(1 for each in observations if each.responses),
        "undo": UNDO[found.plan.release_form] if found.plan else None,
        "names": named(seen.actor, [*people_in(grants), *agreed]),
    }


def _releases(engagement: Engagement) -> list[tuple[Instant, str]]:
    return [(each.at, each.to.value) for each in engagement.releases]


def windows_told(seen: Sight) -> Sequence[tuple[Window, str, float]]:
    """Each window with what it is now, and its length in days."""
    now = services().context.clock.now()
    told = []
    for each in seen.engagement.windows:
        if each.over(now):
            stands = "stopped early" if each.period.end < each.planned_end else "over"
        else:
            stands = "running" if each.period.contains(now) else "to come"
        told.append((each, stands, round(each.length.total_seconds() / 86400, 2)))
    return told
