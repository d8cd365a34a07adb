"""May somebody use a tool, or an offered model, now? And writing a use of a tool down.

`admit` is for whoever serves an offered model, beside `firstlight.usecases.reviews.use`: it takes
and refuses alike. Whoever admits a use of a model writes it down, durably, before it begins; a use
of a tool is written down here, before it is told how to get it.
"""

from __future__ import annotations

from dataclasses import dataclass

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.parties import Actor
from firstlight.core.review.ids import ArtefactId
from firstlight.core.review.tools.access import (
    ToolAdmission,
    ToolSituation,
    ToolUse,
    decide,
    new_use,
)
from firstlight.core.review.tools.eligibility import Defence
from firstlight.core.review.tools.ids import ToolGrantId, ToolUseId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.ports import UnitOfWork
from firstlight.usecases.ports.reviews import Memberships
from firstlight.usecases.reviews.step import told
from firstlight.usecases.tools.step import step


@dataclass(frozen=True, kw_only=True)
class HandedOut:
    """A recorded use, and what its person was told for it."""

    use: ToolUse
    delivery: str
    """how to get the tool"""


def situation(work: UnitOfWork, people: Memberships, identifier: ToolGrantId) -> ToolSituation:
    """Everything that a decision looks at, as one unit of work sees it. Raises Missing."""
    grant = work.tools.grant(identifier)
    offer = work.tools.offer(grant.offer)
    at = offer.endpoint
    return ToolSituation(
        offer=offer,
        grant=grant,
        memberships=people.memberships(grant.person),
        engagement=work.engagements.get(at.engagement) if at else None,
        last_recorded=work.tools.last_recorded(grant.request),
    )


def admit(
    context: Context,
    work: UnitOfWork,
    people: Memberships,
    *,
    grant: ToolGrantId,
    artefact: ArtefactId | None,
    now: Instant,
) -> ToolAdmission:
    """Admit a use, or say why not, within the unit of work that also writes the use down.

    Args:
        context: the ports
        work: the running unit of work
        people: who belongs where
        grant: whose
        artefact: what is to be used; None for a tool
        now: the time where the use begins; the clock here is compared with it

    Raises:
        Missing: no such grant.
        UseDenied: with its reason.
    """
    return decide(
        situation(work, people, grant),
        artefact=artefact,
        now=context.clock.now(),
        elsewhere=now,
    )


def use_tool(
    context: Context,
    people: Memberships,
    actor: Actor,
    identifier: ToolGrantId,
    *,
    purpose: Defence,
    system: str,
    note: str = "",
) -> HandedOut:
    """Write a use down and be told how to get the tool.

    Raises:
        Missing: no such grant, or not the actor's in person.
        NotSignedIn, Refused: as usual; also for a purpose or a system that the grant does not name.
        UseDenied: the grant admits nothing now.
        Conflict: there were too many uses.
    """
    with context.storage.begin() as work:
        request = work.tools.grant(identifier).request
    with step(context, actor, request, Action.TOOL_USE, person=True) as taken:
        admitted = admit(
            context, taken.work, people, grant=identifier, artefact=None, now=taken.now
        )
        use = new_use(
            admitted,
            identifier=context.mint.new(ToolUseId, taken.now),
            purpose=purpose,
            system=system,
            note=note,
            now=taken.now,
            before=taken.work.tools.count_uses(identifier),
        )
        taken.work.tools.add_use(use)
        taken.note(
            "each use is written down before the tool is told",
            {
                "use": str(use.id),
                "grant": str(identifier),
                "purpose": purpose.value,
                "system": told(use.system),
                "words": told(use.note),
            },
        )
    return HandedOut(use=use, delivery=admitted.offer.delivery)
