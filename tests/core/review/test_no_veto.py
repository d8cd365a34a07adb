"""The promise that a review is no gate, as laws over the tables."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.review import review_samples as samples

from firstlight.core.kernel.errors import MoveNotAllowed
from firstlight.core.kernel.moves import MoveTable
from firstlight.core.kernel.parties import Role
from firstlight.core.review.engagement import (
    ENGAGEMENT_MOVES,
    Engagement,
    EngagementState,
    ReleaseTo,
    close,
    launch,
    withdraw,
)
from firstlight.core.review.grants import GRANT_MOVES, Purpose
from firstlight.core.review.observations import Observation, Response, Wording
from firstlight.core.review.offices import OFFICE_MOVES
from firstlight.core.review.partners import PARTNER_MOVES
from firstlight.core.review.terms import OutOfPurpose

ALONE = ("launch", "withdraw", "close")
TABLES: dict[str, MoveTable[Any]] = {
    "engagement": ENGAGEMENT_MOVES,
    "grant": GRANT_MOVES,
    "office": OFFICE_MOVES,
    "partner": PARTNER_MOVES,
}
BEGINNINGS = (EngagementState.REQUESTED, EngagementState.ASKED, EngagementState.OPEN)


def reachable() -> set[EngagementState]:
    """Every state that some sequence of moves, by whomever, leads to."""
    found, left = set(BEGINNINGS), list(BEGINNINGS)
    while left:
        state = left.pop()
        for move in ENGAGEMENT_MOVES.moves:
            if state in move.sources and move.target not in found:
                found.add(move.target)
                left.append(move.target)
    return found


def test_every_state_is_reachable() -> None:
    """The laws below speak of all states."""
    assert reachable() == set(EngagementState)


@pytest.mark.parametrize("state", EngagementState)
@pytest.mark.parametrize("step", ALONE)
def test_the_developer_can_always_go(state: EngagementState, step: str) -> None:
    """From every reachable state the developer can launch, withdraw and close."""
    assert ENGAGEMENT_MOVES.apply(step, state, Role.DEVELOPER).roles == {Role.DEVELOPER}


@pytest.mark.parametrize("state", EngagementState)
@pytest.mark.parametrize("step", ALONE)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEVELOPER])
def test_nobody_else_can(state: EngagementState, step: str, role: Role) -> None:
    """Neither an office nor the program launches, withdraws or closes, anywhere."""
    with pytest.raises(MoveNotAllowed):
        ENGAGEMENT_MOVES.apply(step, state, role)


def test_no_step_of_others_takes_a_step_away() -> None:
    """What others do changes at most whether a question is answered."""
    for move in ENGAGEMENT_MOVES.moves:
        if Role.DEVELOPER in move.roles:
            continue
        for source in move.sources:
            if move.target is source:
                continue
            assert (source, move.target) == (EngagementState.ASKED, EngagementState.ANSWERED)
            before = ENGAGEMENT_MOVES.possible(source, Role.DEVELOPER)
            assert before <= ENGAGEMENT_MOVES.possible(move.target, Role.DEVELOPER)


@pytest.mark.parametrize("step", [launch, withdraw, close])
def test_a_step_of_the_developer_asks_for_nothing_from_others(step: object) -> None:
    """Its parameters are the engagement, the developer's own words and choices, and the time."""
    assert callable(step)
    given_ = set(inspect.signature(step).parameters)
    assert given_ <= {"engagement", "to", "keeps_access", "because", "by", "now"}


_EVERYBODY = st.sampled_from([Role.DEVELOPER, Role.REVIEWER, Role.PARTNER, Role.SYSTEM])
_NAMES = st.sampled_from(sorted({move.name for move in ENGAGEMENT_MOVES.moves}))


@settings(deadline=None)
@given(
    st.sampled_from(BEGINNINGS),
    st.lists(st.tuples(_NAMES, _EVERYBODY), max_size=30),
    st.sampled_from(ALONE),
)
def test_whatever_happened_before(
    state: EngagementState, steps: list[tuple[str, Role]], last: str
) -> None:
    """After any sequence of attempts by anyone, launch, withdraw and close still work."""
    for name, role in steps:
        if name in ENGAGEMENT_MOVES.possible(state, role):
            state = ENGAGEMENT_MOVES.apply(name, state, role).target
    now = samples.after(days=1)
    present = samples.engagement(state=state)
    if last == "launch":
        after = launch(present, to=ReleaseTo.PUBLIC, keeps_access=False, by=samples.LEAD, now=now)
        assert after.releases[-1].at == now
    elif last == "withdraw":
        after = withdraw(present, because="", now=now)
    else:
        after = close(present, now=now)
        assert after.state is EngagementState.CLOSED
    assert all(window.over(now) for window in after.windows)


def test_a_launch_before_the_window_ends_is_a_fact_and_no_fault() -> None:
    """It is recorded that the window was still running; nothing else follows from it."""
    after = launch(
        samples.engagement(),
        to=ReleaseTo.PUBLIC,
        keeps_access=True,
        by=samples.LEAD,
        now=samples.after(days=1),
    )
    assert after.releases[0].before_window_ended
    assert after.state is EngagementState.LAUNCHED
    assert not after.windows[0].over(samples.after(days=2))


@pytest.mark.parametrize("name", TABLES)
def test_every_move_says_under_which_rule(name: str) -> None:
    """No row without a rule and a role."""
    assert all(move.rule and move.roles for move in TABLES[name].moves)


@pytest.mark.parametrize("name", TABLES)
def test_what_is_not_in_the_table_does_not_happen(name: str) -> None:
    """Every move by every role from every state is either a row or an error."""
    table = TABLES[name]
    rows = {
        (move.name, state, role): move.target
        for move in table.moves
        for state in move.sources
        for role in move.roles
    }
    for step in {move.name for move in table.moves}:
        for state in type(table.moves[0].target):
            for role in Role:
                if (step, state, role) in rows:
                    assert table.apply(step, state, role).target == rows[step, state, role]
                else:
                    with pytest.raises(MoveNotAllowed):
                        table.apply(step, state, role)


def test_an_observation_has_words_and_nothing_that_anything_could_hang_on() -> None:
    """Exactly these fields: none for a condition, a verdict, a deadline or a severity."""
    names = {kind: {field.name for field in dataclasses.fields(kind)} for kind in _SAYING}
    assert names == {
        Observation: {
            "id",
            "engagement",
            "organisation",
            "wordings",
            "responses",
            "version",
        },
        Wording: {"number", "title", "text", "by", "at"},
        Response: {"wording", "text", "by", "at"},
    }


_SAYING = (Observation, Wording, Response)


def test_an_engagement_has_no_field_for_a_permission() -> None:
    """Nothing in it is called as if somebody approved, licensed or blocked anything."""
    words = [field.name for field in dataclasses.fields(Engagement)]
    words += [state.value for state in EngagementState]
    words += [move.name for move in ENGAGEMENT_MOVES.moves]
    forbidden = ("approv", "permit", "licen", "clear", "block", "condition", "veto", "hold_launch")
    assert not [word for word in words for part in forbidden if part in word]


def test_no_purpose_is_out_of_purpose() -> None:
    """A grant cannot be given for what the terms exclude."""
    assert not {each.value for each in Purpose} & {each.value for each in OutOfPurpose}
