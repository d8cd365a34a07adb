"""An engagement: one developer's review of one model, and every step that changes it.

What the table of moves promises, each a law in the tests:

1. no step by anyone else blocks, approves or conditions a launch (Executive Order 14409, 3(c));
2. from every state the developer alone can launch, withdraw and close;
3. no state needs anybody's answer: a developer that hears nothing goes on.

A launch is a fact beside the state: the program records it and decides nothing about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from firstlight.core.kernel.canonical import Json
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Conflict, Invalid
from firstlight.core.kernel.ids import PersonId
from firstlight.core.kernel.marking import Marking
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.review import window
from firstlight.core.review.acts import SignedAct
from firstlight.core.review.artefacts import Artefact
from firstlight.core.review.coverage import Question
from firstlight.core.review.ids import EngagementId
from firstlight.core.review.model import DeveloperSize, Model, Plan
from firstlight.core.review.terms import Terms
from firstlight.core.review.window import Audience, Window
from firstlight.core.review.words import written

MOST_RELEASES = 50


class EngagementState(StrEnum):
    """Where an engagement stands. None of them says anything about whether a model may launch."""

    REQUESTED = "requested"
    """an office asked for a review; the developer has said nothing, and need not"""
    ASKED = "asked"
    """the developer asked whether the model is covered; nothing is shown"""
    ANSWERED = "answered"
    """the assessment was shared back; the developer may stop here"""
    OPEN = "open"
    """the developer shows artefacts to people it names, within a window"""
    LAUNCHED = "launched"
    """the developer released the model; what it still shows is its own choice"""
    WITHDRAWN = "withdrawn"
    """the developer took the model out of the review; all access has ended"""
    CLOSED = "closed"
    """grants revoked, keys destroyed, receipt signed"""


class ReleaseTo(StrEnum):
    """To whom a model was released."""

    PARTNERS = "partners"
    """other trusted partners"""
    PUBLIC = "public"
    """the public"""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A launch, as its developer recorded it."""

    to: ReleaseTo
    at: Instant
    by: PersonId
    keeps_access: bool
    """the developer lets running windows go on after it"""
    before_window_ended: bool
    """whether a window of the offices was still running or to come"""


@dataclass(frozen=True, kw_only=True)
class Destroyed:
    """What was destroyed. The receipt claims no more than this."""

    at: Instant
    stores: Sequence[str]
    """from which the keys are gone"""
    keys: Sequence[str]
    """fingerprints of the keys; empty when nothing was ever sealed"""
    not_covered: Sequence[str]
    """sentences that say what destruction in these stores cannot reach"""

    def to_json(self) -> dict[str, Json]:
        """As the receipt tells it."""
        return {
            "at": str(self.at),
            "stores": list(self.stores),
            "keys": list(self.keys),
            "not_covered": list(self.not_covered),
        }


@dataclass(frozen=True, kw_only=True)
class Engagement:
    """One model's review."""

    id: EngagementId
    number: str
    """for people: FR-2026-0001"""
    model: Model
    state: EngagementState
    marking: Marking
    opened_at: Instant
    """when it was first asked for or opened"""
    size: DeveloperSize | None = None
    """None until the developer says"""
    plan: Plan | None = None
    """None until the developer opens it"""
    questions: Sequence[Question] = ()
    artefacts: Sequence[Artefact] = ()
    terms: Sequence[Terms] = ()
    """every version; the last one holds"""
    windows: Sequence[Window] = ()
    acts: Sequence[SignedAct] = ()
    """signed acts of the developer, oldest first"""
    releases: Sequence[Release] = ()
    withdrawn_at: Instant | None = None
    """when it was last taken out of the review"""
    withdrawn_because: str = ""
    """the developer's own words, which it need not give"""
    closed_at: Instant | None = None
    destroyed: Destroyed | None = None
    """None until the keys of its sealed documents were destroyed"""
    version: int = 1
    """grows with every change; a writer names the version that it saw"""

    @property
    def shows(self) -> bool:
        """Whether its state lets anyone in; windows and grants decide about whom and when."""
        return self.state in _SHOWING

    @property
    def present_terms(self) -> Terms | None:
        """The version that people accept; None before the developer set any."""
        return self.terms[-1] if self.terms else None


_DEVELOPER = frozenset({Role.DEVELOPER})
_OFFICES = frozenset({Role.REVIEWER})
_ADVISERS = frozenset({Role.REVIEWER, Role.PARTNER})
_ALL = frozenset(EngagementState)
_LIVE = _ALL - {EngagementState.CLOSED}
_SHOWING = frozenset({EngagementState.OPEN, EngagementState.LAUNCHED})
_VOLUNTARY = "3(b): the review is voluntary"
_NO_VETO = "3(c): nothing here is a licence, preclearance or permit"


def _staying(
    name: str, states: frozenset[EngagementState], roles: frozenset[Role], rule: str
) -> list[Move[EngagementState]]:
    """A step that leaves the state as it is."""
    ordered = sorted(states)
    return [
        Move(name=name, sources=frozenset({state}), target=state, roles=roles, rule=rule)
        for state in ordered
    ]


ENGAGEMENT_MOVES: MoveTable[EngagementState] = MoveTable(
    (
        Move(
            name="ask",
            sources=frozenset(
                {
                    EngagementState.REQUESTED,
                    EngagementState.ANSWERED,
                    EngagementState.WITHDRAWN,
                }
            ),
            target=EngagementState.ASKED,
            roles=_DEVELOPER,
            rule="3(b)(i): a developer may ask whether its model is covered",
        ),
        *_staying(
            "ask", _SHOWING, _DEVELOPER, "3(b)(i): a developer may ask whether its model is covered"
        ),
        Move(
            name="answer",
            sources=frozenset({EngagementState.ASKED}),
            target=EngagementState.ANSWERED,
            roles=_OFFICES,
            rule="3(a): the determination is shared with the developer",
        ),
        *_staying(
            "answer",
            _SHOWING | {EngagementState.WITHDRAWN},
            _OFFICES,
            "3(a): the determination is shared with the developer",
        ),
        Move(
            name="open",
            sources=frozenset(
                {
                    EngagementState.REQUESTED,
                    EngagementState.ASKED,
                    EngagementState.ANSWERED,
                    EngagementState.OPEN,
                    EngagementState.WITHDRAWN,
                }
            ),
            target=EngagementState.OPEN,
            roles=_DEVELOPER,
            rule=f"{_VOLUNTARY}; the developer opens it and decides how",
        ),
        *_staying(
            "open",
            frozenset({EngagementState.LAUNCHED}),
            _DEVELOPER,
            f"{_VOLUNTARY}; the developer opens it and decides how",
        ),
        *_staying(
            "arrange",
            _SHOWING,
            _DEVELOPER,
            "3(b)(ii): the developer chooses artefacts, terms, windows and people",
        ),
        *_staying(
            "advise", _SHOWING | {EngagementState.WITHDRAWN}, _ADVISERS, "advice to the developer"
        ),
        *_staying("respond", _LIVE, _DEVELOPER, "the developer answers advice, or does not"),
        Move(
            name="launch",
            sources=_LIVE,
            target=EngagementState.LAUNCHED,
            roles=_DEVELOPER,
            rule=f"{_NO_VETO}; the developer launches when it decides to",
        ),
        *_staying(
            "launch",
            frozenset({EngagementState.CLOSED}),
            _DEVELOPER,
            f"{_NO_VETO}; the developer launches when it decides to",
        ),
        Move(
            name="withdraw",
            sources=_LIVE,
            target=EngagementState.WITHDRAWN,
            roles=_DEVELOPER,
            rule=f"{_VOLUNTARY}; the developer leaves it at any time",
        ),
        *_staying(
            "withdraw",
            frozenset({EngagementState.CLOSED}),
            _DEVELOPER,
            f"{_VOLUNTARY}; the developer leaves it at any time",
        ),
        *_staying("hold", _ALL, _DEVELOPER, "retention and legal hold are the developer's to set"),
        Move(
            name="close",
            sources=_ALL,
            target=EngagementState.CLOSED,
            roles=_DEVELOPER,
            rule=f"{_VOLUNTARY}; the developer ends it with a receipt",
        ),
    )
)


def launch(
    engagement: Engagement, *, to: ReleaseTo, keeps_access: bool, by: PersonId, now: Instant
) -> Engagement:
    """Record the developer's launch; nothing is asked of anyone.

    Args:
        engagement: in whatever state
        to: whom
        keeps_access: running windows go on; otherwise they end now
        by: the developer's person
        now: the moment

    Raises:
        Conflict: more releases than anyone makes.
    """
    move = ENGAGEMENT_MOVES.apply("launch", engagement.state, Role.DEVELOPER)
    if len(engagement.releases) >= MOST_RELEASES:
        raise Conflict(f"{MOST_RELEASES} releases are recorded already")
    release = Release(
        to=to,
        at=now,
        by=by,
        keeps_access=keeps_access,
        before_window_ended=now < window.offices_end(engagement.windows, now),
    )
    ended = None if to is ReleaseTo.PUBLIC else Audience.OFFICES
    left = engagement.windows if keeps_access else window.stop(engagement.windows, now, ended)
    return replace(
        engagement, state=move.target, releases=(*engagement.releases, release), windows=left
    )


def withdraw(engagement: Engagement, *, because: str, now: Instant) -> Engagement:
    """Take the model out of the review; every window ends now. A reason is welcome, not owed."""
    move = ENGAGEMENT_MOVES.apply("withdraw", engagement.state, Role.DEVELOPER)
    return replace(
        engagement,
        state=move.target,
        windows=window.stop(engagement.windows, now),
        withdrawn_at=now,
        withdrawn_because=written(because, "reason") if because.strip() else "",
    )


def close(engagement: Engagement, *, now: Instant) -> Engagement:
    """End it; every window ends now."""
    move = ENGAGEMENT_MOVES.apply("close", engagement.state, Role.DEVELOPER)
    return replace(
        engagement,
        state=move.target,
        windows=window.stop(engagement.windows, now),
        closed_at=engagement.closed_at or now,
    )


def keys_due(engagement: Engagement) -> Instant | None:
    """When keys of sealed documents may be destroyed; None under a legal hold, or before its end.

    An engagement that was never opened has sealed nothing, and so has nothing to keep.
    """
    if engagement.closed_at is None:
        return None
    if engagement.plan is None:
        return engagement.closed_at
    if engagement.plan.legal_hold:
        return None
    return engagement.closed_at.plus(timedelta(days=engagement.plan.retention_days))


def planned(engagement: Engagement) -> Plan:
    """The plan that steps of an open engagement build on.

    Raises:
        Conflict: the developer has not opened it.
    """
    if engagement.plan is None:
        raise Conflict("this engagement has no plan", hint="The developer opens it first.")
    return engagement.plan


def sized(engagement: Engagement, size: DeveloperSize | None) -> Engagement:
    """With the developer's size, which it states once it takes a step of its own.

    Raises:
        Invalid: it is not known yet and was not given.
    """
    if size is None and engagement.size is None:
        raise Invalid("say how large the developer is", field="size")
    return replace(engagement, size=size or engagement.size)
