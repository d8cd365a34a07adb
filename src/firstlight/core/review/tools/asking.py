"""Requests: asked, answered in time or visibly late, appealed. Every answer has its words.

Nothing is decided by silence: a request that nobody answers stays open, and is shown as late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import OrganisationId, PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.review.criteria import Sector
from firstlight.core.review.tools.eligibility import AskerKind, Defence
from firstlight.core.review.tools.ids import OfferId, ToolRequestId
from firstlight.core.review.tools.offers import OFFERERS, Offer, OfferState
from firstlight.core.review.words import line, written

MOST_SYSTEMS = 50
MOST_APPEALS = 5
MARKING = Marking.AMBER_STRICT
"""a request tells which systems a small operator has: for both sides and the auditor"""


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    """it waits for whoever offers"""
    GRANTED = "granted"
    """the answer was yes; the grant says until when"""
    REFUSED = "refused"
    """the answer was no; the reason is on record"""
    APPEALED = "appealed"
    """the asker wants the refusal to be looked at again"""
    TAKEN_BACK = "taken-back"
    """the asker wants it no longer"""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One decision of the side that offers."""

    move: str
    """as the table of moves names it"""
    by: PersonId
    at: Instant
    reason: str


@dataclass(frozen=True, kw_only=True)
class ToolAppeal:
    """Against a refusal."""

    by: PersonId
    at: Instant
    text: str
    answer_by: Instant
    """by when it is answered"""
    answered_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class ToolRequest:
    """One person's request for one offer."""

    id: ToolRequestId
    offer: OfferId
    offered_by: OrganisationId
    organisation: OrganisationId
    person: PersonId
    """who asks, and who would use it: access is personal"""
    kind: AskerKind
    sector: Sector
    systems: Sequence[str]
    """which it answers for; access is for these and no others"""
    purposes: Sequence[Defence]
    text: str
    """why, in the asker's words"""
    eligibility: str
    meets: Mapping[str, str]
    """how it meets each item of that version"""
    asked_at: Instant
    answer_by: Instant
    """by when it is answered, as the offer promised"""
    state: RequestState = RequestState.ASKED
    answers: Sequence[Answer] = ()
    """oldest first"""
    appeals: Sequence[ToolAppeal] = ()
    """oldest first"""
    version: int = 1
    """grows with every change of the record"""

    def __post_init__(self) -> None:
        """Refuse a request that names no systems."""
        named = tuple(line(each, "systems") for each in self.systems)
        if not 1 <= len(named) <= MOST_SYSTEMS or len(set(named)) != len(named):
            raise Invalid(f"name 1 to {MOST_SYSTEMS} systems, each once", field="systems")
        object.__setattr__(self, "systems", named)
        object.__setattr__(self, "text", written(self.text, "text"))

    @property
    def due(self) -> Instant | None:
        """By when the other side speaks next; None when it is not its turn."""
        if self.state is RequestState.ASKED:
            return self.answer_by
        return self.appeals[-1].answer_by if self.state is RequestState.APPEALED else None

    def late(self, now: Instant) -> bool:
        """Whether an answer is owed and its time is over."""
        return self.due is not None and self.due < now


_ASKER = frozenset({Role.OPERATOR})
_WAITS = frozenset({RequestState.ASKED, RequestState.APPEALED})
_ORDER = "2(c)(iii): access to tools for agencies, authorities and operators"

REQUEST_MOVES: MoveTable[RequestState] = MoveTable(
    (
        Move(
            name="grant",
            sources=frozenset({RequestState.ASKED}),
            target=RequestState.GRANTED,
            roles=OFFERERS,
            rule=_ORDER,
        ),
        Move(
            name="refuse",
            sources=frozenset({RequestState.ASKED}),
            target=RequestState.REFUSED,
            roles=OFFERERS,
            rule=f"{_ORDER}; a refusal has a reason",
        ),
        Move(
            name="appeal",
            sources=frozenset({RequestState.REFUSED}),
            target=RequestState.APPEALED,
            roles=_ASKER,
            rule="a refusal can be appealed against, and the appeal is answered",
        ),
        Move(
            name="uphold",
            sources=frozenset({RequestState.APPEALED}),
            target=RequestState.REFUSED,
            roles=OFFERERS,
            rule="the side that refused looked again and stays with it, with a reason",
        ),
        Move(
            name="grant-appeal",
            sources=frozenset({RequestState.APPEALED}),
            target=RequestState.GRANTED,
            roles=OFFERERS,
            rule="the side that refused looked again and grants it, with a reason",
        ),
        Move(
            name="take-back",
            sources=_WAITS,
            target=RequestState.TAKEN_BACK,
            roles=_ASKER,
            rule="the asker wants it no longer",
        ),
    )
)


def check_new(request: ToolRequest, offer: Offer) -> None:
    """What a new request must be like.

    Raises:
        Conflict: the offer was taken back.
        Invalid: the offer is not for such an asker or purpose, or is the asker's own.
    """
    if offer.state is not OfferState.PUBLISHED:
        raise Conflict("this offer was taken back", hint="See `/tools/` for what is offered now.")
    if request.organisation == offer.offered_by:
        raise Invalid("nobody asks for their own offer", field="offer")
    if request.kind not in offer.askers:
        raise Invalid(f"this is not offered to a {request.kind.value}", field="kind")
    if not request.purposes or not set(request.purposes) <= set(offer.purposes):
        raise Invalid("choose from the purposes of the offer", field="purposes")


def answer(
    request: ToolRequest, name: str, role: Role, *, reason: str, by: PersonId, now: Instant
) -> ToolRequest:
    """The request after `grant`, `refuse`, `uphold` or `grant-appeal`.

    Raises:
        MoveNotAllowed: not from this state.
        Unwritten: everything but a first grant needs a reason.
    """
    move = REQUEST_MOVES.apply(name, request.state, role)
    said = reason.strip() if name == "grant" else written(reason, "reason")
    appeals = list(request.appeals)
    if request.state is RequestState.APPEALED:
        appeals[-1] = replace(appeals[-1], answered_at=now)
    answers = (*request.answers, Answer(move=name, by=by, at=now, reason=said))
    return replace(request, state=move.target, answers=answers, appeals=tuple(appeals))


def appeal(
    request: ToolRequest, role: Role, *, text: str, by: PersonId, days: int, now: Instant
) -> ToolRequest:
    """The request with an appeal against its refusal, answered within `days`.

    Raises:
        MoveNotAllowed: it is not refused.
        Unwritten: an appeal says why.
        Conflict: there were too many.
    """
    move = REQUEST_MOVES.apply("appeal", request.state, role)
    if len(request.appeals) >= MOST_APPEALS:
        raise Conflict(f"there were {MOST_APPEALS} appeals already", hint="Ask anew.")
    new = ToolAppeal(
        by=by, at=now, text=written(text, "appeal"), answer_by=now.plus(timedelta(days=days))
    )
    return replace(request, state=move.target, appeals=(*request.appeals, new))


def take_back(request: ToolRequest, role: Role) -> ToolRequest:
    """Wanted no longer. Raises MoveNotAllowed."""
    return replace(request, state=REQUEST_MOVES.apply("take-back", request.state, role).target)
