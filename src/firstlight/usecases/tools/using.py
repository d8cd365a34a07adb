"""Using a tool: the use is written down, and then it is told how to get the tool.

An offered model is no tool: the gateway serves it, and `firstlight.usecases.reviews.use` decides.
"""

from __future__ import annotations

from dataclasses import dataclass

from firstlight.core.kernel.parties import Actor
from firstlight.core.review.tools.access import ToolSituation, ToolUse, decide, new_use
from firstlight.core.review.tools.eligibility import Defence
from firstlight.core.review.tools.ids import ToolGrantId, ToolUseId
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.ports.reviews import Memberships
from firstlight.usecases.reviews.step import told
from firstlight.usecases.tools.step import step


@dataclass(frozen=True, kw_only=True)
class HandedOut:
    """A recorded use, and what its person was told for it."""

    use: ToolUse
    delivery: str
    """how to get the tool"""


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
        grant = taken.work.tools.grant(identifier)
        situation = ToolSituation(
            offer=taken.offer,
            grant=grant,
            memberships=people.memberships(grant.person),
            last_recorded=taken.work.tools.last_recorded(grant.request),
        )
        admitted = decide(situation, taken.now)
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
