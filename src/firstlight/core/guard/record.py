"""What is kept of a verdict, and what a person can do with one that holds something.

The text itself is kept sealed, apart from this. A held text is released or refused, once, by a
named person with a reason; nothing releases a blocked one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from firstlight.core.guard.model import Channel, Rule, Verdict
from firstlight.core.kernel.clock import Instant
from firstlight.core.kernel.errors import Invalid, TooLarge
from firstlight.core.kernel.ids import Identifier, PersonId
from firstlight.core.kernel.moves import Move, MoveTable
from firstlight.core.kernel.parties import Role


class VerdictId(Identifier):
    """One verdict of the guard."""

    prefix = "gvd"


class KeptState(StrEnum):
    """What became of a text."""

    LEFT = "left"
    """it was let out, as it was or rewritten"""
    HELD = "held"
    """it waits for a person"""
    RELEASED = "released"
    """a person let it out"""
    REFUSED = "refused"
    """a person kept it in"""
    BLOCKED = "blocked"
    """the rules kept it in, for good"""


class ReasonMissing(Invalid):
    """A decision about a held text needs a reason in words."""

    code = "guard.reason_missing"
    next_step = "Say in a sentence why it may leave, or why not."


def checked_reason(text: str) -> str:
    """The reason without white space around it. Raises ReasonMissing, TooLarge."""
    reason = text.strip()
    if len(reason) < _LEAST_REASON:
        raise ReasonMissing(field="reason")
    if len(reason) > _MOST_REASON:
        raise TooLarge(f"a reason has at most {_MOST_REASON} characters", field="reason")
    return reason


_LEAST_REASON, _MOST_REASON = 5, 2_000
_STATES = {
    Verdict.PASS: KeptState.LEFT,
    Verdict.REWRITE: KeptState.LEFT,
    Verdict.HOLD: KeptState.HELD,
    Verdict.BLOCK: KeptState.BLOCKED,
}


def state_after(verdict: Verdict) -> KeptState:
    """Where a verdict leaves a text."""
    return _STATES[verdict]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One verdict, without the text."""

    id: VerdictId
    at: Instant
    channel: Channel
    key: str
    """names what was to leave: the outbox's key of a message, or an advisory; the same at each try
    """
    verdict: Verdict
    rule: Rule | None
    """the rule that it cites; none for *pass*"""
    rules: tuple[Rule, ...]
    """all that were broken, each once"""
    state: KeptState
    fingerprint: str
    """of the text and its recipient; of what a person released, once somebody did"""
    key_name: str
    """names the key that the text is sealed with"""
    decided_by: PersonId | None = None
    decided_at: Instant | None = None
    reason: str = ""
    """why it was released or refused, in the person's words"""
    version: int = 1
    """grows with every change"""


_LEADS = frozenset({Role.COORDINATOR})

KEPT_MOVES: MoveTable[KeptState] = MoveTable(
    (
        Move(
            name="release",
            sources=frozenset({KeptState.HELD}),
            target=KeptState.RELEASED,
            roles=_LEADS,
            rule="a coordinator lets a held text out and says why",
        ),
        Move(
            name="refuse",
            sources=frozenset({KeptState.HELD}),
            target=KeptState.REFUSED,
            roles=_LEADS,
            rule="a coordinator keeps a held text in and says why",
        ),
    )
)
