"""Offices of the government in one engagement: several offices, one record, one clock.

An office that asks for a model which another office asked for before becomes a member of the same
engagement. The developer admits offices, or does not, and gives no reason if it likes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.ids import OrganisationId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role


class OfficeState(StrEnum):
    """What an office is to an engagement."""

    ASKING = "asking"
    """asked to take part; sees nothing of the engagement"""
    MEMBER = "member"
    """takes part"""
    DECLINED = "declined"
    """the developer said no"""
    LEFT = "left"
    """took part, or asked to, and does not any more"""


@dataclass(frozen=True, kw_only=True)
class Office:
    """One office in one engagement."""

    organisation: OrganisationId
    state: OfficeState
    since: Instant
    """when this state began"""
    words: str = ""
    """what was written with the last step: why it asks, why it was declined"""


_DEVELOPER = frozenset({Role.DEVELOPER})
_OFFICES = frozenset({Role.REVIEWER})

OFFICE_MOVES: MoveTable[OfficeState] = MoveTable(
    (
        Move(
            name="ask",
            sources=frozenset({OfficeState.DECLINED, OfficeState.LEFT}),
            target=OfficeState.ASKING,
            roles=_OFFICES,
            rule="an office may ask again",
        ),
        Move(
            name="admit",
            sources=frozenset({OfficeState.ASKING, OfficeState.DECLINED, OfficeState.LEFT}),
            target=OfficeState.MEMBER,
            roles=_DEVELOPER,
            rule="3(b): the developer decides who takes part on the government's side",
        ),
        Move(
            name="decline",
            sources=frozenset({OfficeState.ASKING}),
            target=OfficeState.DECLINED,
            roles=_DEVELOPER,
            rule="3(b): the review is voluntary",
        ),
        Move(
            name="leave",
            sources=frozenset({OfficeState.ASKING, OfficeState.MEMBER}),
            target=OfficeState.LEFT,
            roles=_OFFICES,
            rule="an office leaves when it likes",
        ),
        Move(
            name="remove",
            sources=frozenset({OfficeState.MEMBER}),
            target=OfficeState.LEFT,
            roles=_DEVELOPER,
            rule="3(b): the developer decides who takes part on the government's side",
        ),
    )
)


def step(office: Office, name: str, role: Role, *, words: str, now: Instant) -> Office:
    """The office after one move. Raises MoveNotAllowed."""
    move = OFFICE_MOVES.apply(name, office.state, role)
    return replace(office, state=move.target, since=now, words=words)
